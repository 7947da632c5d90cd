import { renderTable } from '../../infra/operator/table.ts';
import type { Colors } from '../../infra/operator/terminal.ts';
import { isOk, type Line, type Measure, type MeasureResult, ratioOf, type Unit } from './measure.ts';

/** A measure that has been run. */
export interface Measured extends MeasureResult {
  readonly measure: Measure;
  readonly seconds: number;
}

/** Where and how the bench ran: figures of two machines, or of a busy one, are not comparable. */
export interface Surroundings {
  readonly node: string;
  readonly cpus: string;
  /** Processes that wanted a CPU in the minute before, ours not yet among them, and in the minute at the end. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  /** Others wanted the processors too: times are longer than they would be. */
  readonly isBusy: boolean;
  readonly isQuick: boolean;
  readonly runs: number;
}

/** The whole bench as one JSON document: every line complete in itself, and the measures that they belong to. */
export function renderJson(surroundings: Surroundings, all: ReadonlyArray<Measured>): string {
  const lines = all.flatMap((measured) =>
    measured.lines.map((line) => ({
      measure: measured.measure.name,
      ...line,
      ratio: ratioOf(line),
      ok: isOk(line),
    })),
  );
  const measures = all.map(({ measure, conditions, files = [], seconds }) => ({
    name: measure.name,
    title: measure.title,
    instead: measure.instead,
    conditions,
    files,
    seconds,
  }));
  const missed = lines.filter(({ ok }) => !ok).length;
  return JSON.stringify({ ...surroundings, ok: missed === 0, missed, lines, measures }, null, 2);
}

/** One measure as a table for people. */
export function renderMeasure(measured: Measured, colors: Colors): string {
  const { measure, conditions, lines, files = [], seconds } = measured;
  const given = Object.entries(conditions).map(([name, value]) => `${name} ${value}`);
  const head = ['what', 'size', 'figure', 'bound', 'instead', ''];
  return [
    `${colors.bold(measure.title)} (${measure.name}, ${seconds.toFixed(0)} s)`,
    colors.dim(`with ${given.join(', ')}; instead: ${measure.instead}`),
    renderTable(
      head,
      lines.map((line) => cellsOf(line, colors)),
      colors,
    ),
    ...files.map((file) => `written: ${file}`),
    '',
  ].join('\n');
}

/** Where it ran, and how many bounds were missed. */
export function renderEnd(surroundings: Surroundings, all: ReadonlyArray<Measured>, colors: Colors): string {
  const { node, cpus, loadBefore, loadAfter, isBusy } = surroundings;
  const lines = all.flatMap((measured) => measured.lines);
  const missed = lines.filter((line) => !isOk(line));
  const names = missed.map(({ name, size }) => (size === null ? name : `${name} (${size})`));
  const verdict =
    missed.length === 0
      ? colors.green(`all ${lines.filter(({ bound }) => bound !== null).length} bounds kept`)
      : colors.red(`${missed.length} bound(s) missed: ${names.join(', ')}`);
  const load = `load ${loadBefore.toFixed(1)} before, ${loadAfter.toFixed(1)} at the end`;
  const busy = isBusy
    ? colors.red('\nthe computer was busy with other things: times are longer than they would be')
    : '';
  return `${verdict}; Node ${node}, ${cpus}, ${load}${busy}`;
}

function cellsOf(line: Line, colors: Colors): ReadonlyArray<string> {
  const { name, size, figure, bound, instead, unit, note } = line;
  const shown = amount(figure, unit);
  const ratio = ratioOf(line);
  return [
    name,
    size === null ? '' : size.toLocaleString('en'),
    bound === null ? shown : isOk(line) ? colors.green(shown) : colors.red(`${shown} (!)`),
    bound === null ? '' : `≤ ${amount(bound, unit)}`,
    instead === null
      ? ''
      : `${amount(instead, unit)}${ratio === null ? '' : ` (×${rounded(ratio)} of ours)`}`,
    colors.dim(note),
  ];
}

function amount(value: number, unit: Unit): string {
  if (unit === '×') return `×${value.toFixed(2)}`;
  if (unit === 'calls' || unit === 'rows' || unit === 'documents')
    return `${value.toLocaleString('en')} ${unit}`;
  return `${rounded(value)} ${unit}`;
}

function rounded(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
