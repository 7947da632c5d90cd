import { renderTable } from '../../infra/operator/table.ts';
import type { Colors } from '../../infra/operator/terminal.ts';
import { keepsBound, type Measure, type MeasureResult, type Row } from './measure.ts';

/** A measure that has been run. */
export interface Measured extends MeasureResult {
  readonly measure: Measure;
  readonly seconds: number;
}

/** Where and how the bench ran: numbers of two machines, or of a busy one, are not comparable. */
export interface Surroundings {
  readonly node: string;
  readonly cpus: string;
  /** Processes that wanted a CPU in the minute before, ours not yet among them. */
  readonly loadBefore: number;
  readonly sizes: ReadonlyArray<number>;
  readonly runs: number;
}

/** The whole bench as one JSON document. */
export function renderJson(surroundings: Surroundings, all: ReadonlyArray<Measured>): string {
  const document = {
    ...surroundings,
    measures: all.map(({ measure, conditions, rows, seconds }) => ({
      name: measure.name,
      title: measure.title,
      naive: measure.naive,
      conditions,
      rows: rows.map((row) => ({ ...row, keepsBound: keepsBound(row) })),
      seconds,
    })),
    missedBounds: missed(all).length,
  };
  return JSON.stringify(document, null, 2);
}

/** One measure as a table for people. */
export function renderMeasure({ measure, conditions, rows, seconds }: Measured, colors: Colors): string {
  const given = Object.entries(conditions).map(([name, value]) => `${name} ${value}`);
  const head = ['what', 'size', 'measured', 'bound', 'naive', ''];
  return [
    `${colors.bold(measure.title)} (${measure.name}, ${seconds.toFixed(0)} s)`,
    colors.dim(`with ${given.join(', ')}; naive: ${measure.naive}`),
    renderTable(
      head,
      rows.map((row) => cellsOf(row, colors)),
      colors,
    ),
    '',
  ].join('\n');
}

/** Where it ran, and how many bounds were missed. */
export function renderEnd(surroundings: Surroundings, all: ReadonlyArray<Measured>, colors: Colors): string {
  const { node, cpus, loadBefore } = surroundings;
  const bounded = all.flatMap(({ rows }) => rows).filter((row) => row.bound !== null).length;
  const count = missed(all).length;
  const verdict = count === 0 ? colors.green(`all ${bounded} bounds kept`) : colors.red(missedText(all));
  return `${verdict}; Node ${node}, ${cpus}, load before ${loadBefore.toFixed(1)}`;
}

function missedText(all: ReadonlyArray<Measured>): string {
  const names = missed(all).map(({ what, size }) => (size === null ? what : `${what} (${size})`));
  return `${names.length} bound(s) missed: ${names.join(', ')}`;
}

function missed(all: ReadonlyArray<Measured>): ReadonlyArray<Row> {
  return all.flatMap(({ rows }) => rows).filter((row) => keepsBound(row) === false);
}

function cellsOf(row: Row, colors: Colors): ReadonlyArray<string> {
  const { what, size, measured, bound, naive, unit, note } = row;
  const kept = keepsBound(row);
  const shown = amount(measured, unit);
  return [
    what,
    size === null ? '' : size.toLocaleString('en'),
    kept === null ? shown : kept ? colors.green(shown) : colors.red(`${shown} (!)`),
    bound === null ? '' : `≤ ${amount(bound, unit)}`,
    naive === null ? '' : amount(naive, unit),
    colors.dim(note),
  ];
}

function amount(value: number, unit: Row['unit']): string {
  if (unit === 'calls') return `${value.toLocaleString('en')} calls`;
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}
