import {
  countsOf,
  type Plan,
  type PlanCounts,
  type PlanLine,
  type PlanSection,
} from '../../../shared/comparison/sections/model.ts';
import { printable, wrapped } from '../table.ts';
import type { Colors, Screen } from '../terminal.ts';
import { signOf } from './document.ts';

const GAP = '  ';
const REASON_COLUMNS_MIN = 30;

/** A plan for people: a line for each backend that is not simply in service, by binding and pair, and the counts. */
export function describePlan(plan: Plan, screen: Screen): string {
  const { colors } = screen;
  return [
    ...plan.sections.flatMap((section) => [...describeSection(section, screen), '']),
    sumOf(countsOf(plan), colors),
    '',
  ].join('\n');
}

/** `Plan: 2 to join, 1 to change, 0 to leave; 1 held, 3 under way.` */
export function sumOf({ add, change, remove, held, underWay }: PlanCounts, colors: Colors): string {
  const beside = [
    ...(held === 0 ? [] : [`${held} held`]),
    ...(underWay === 0 ? [] : [`${underWay} under way`]),
  ].join(', ');
  const after = beside === '' ? '.' : `; ${beside}.`;
  if (add + change + remove === 0) return `${colors.green('Nothing to do')}${after}`;
  return `${colors.bold('Plan')}: ${add} to join, ${change} to change, ${remove} to leave${after}`;
}

/** A binding or a pair with its lines, and what else there is to say of it. */
export function describeSection(section: PlanSection, screen: Screen): ReadonlyArray<string> {
  const { name, place, of, inService, strangers, remarks, failure, lines } = section;
  const { colors, size } = screen;
  const columns = Math.max(REASON_COLUMNS_MIN, size().columns - 2);
  const indented = (text: string, paint: (text: string) => string) =>
    wrapped(printable(text), columns)
      .split('\n')
      .map((part) => `${GAP}${paint(part)}`);
  const counts = of === 'pair' ? '' : `${GAP}${inService} in service, as they should be`;
  return [
    `${colors.bold(name)}${GAP}${colors.dim(place)}${failure === null || lines.length > 0 ? counts : ''}`,
    ...(failure === null ? [] : indented(`could not be looked at: ${failure}`, colors.red)),
    ...describeLines(lines, screen),
    ...(strangers === 0 ? [] : indented(`${strangers} of others, left alone`, colors.dim)),
    ...remarks.flatMap((remark) => indented(remark, colors.yellow)),
    ...(failure === null && of === 'pair' && lines.length === 0 ? indented('nothing to do', colors.dim) : []),
  ];
}

/** A line for each: sign, backend, what, why; the reason on as many lines as it takes. */
export function describeLines(
  lines: ReadonlyArray<PlanLine>,
  { colors, size }: Pick<Screen, 'colors' | 'size'>,
): ReadonlyArray<string> {
  const cells = lines.map((line) => ({ line, name: nameOf(line), what: whatOf(line) }));
  const nameColumns = Math.max(0, ...cells.map(({ name }) => name.length));
  const whatColumns = Math.max(0, ...cells.map(({ what }) => what.length));
  const indent = GAP.length + 2 + nameColumns + GAP.length + whatColumns + GAP.length;
  const beside = size().columns - indent;
  // Where there is no room beside, the reason goes below.
  const isBelow = beside < REASON_COLUMNS_MIN;
  return cells.flatMap(({ line, name, what }) => {
    const paint = paintOf(line, colors);
    const head = `${signOf(line)} ${name.padEnd(nameColumns)}${GAP}${what.padEnd(whatColumns)}`;
    const reason = printable(line.reason).replaceAll(/\s+/g, ' ');
    const columns = isBelow ? size().columns - 2 * GAP.length : beside;
    const parts = reason === '' ? [] : wrapped(reason, columns).split('\n');
    const [first = '', ...rest] = isBelow ? ['', ...parts] : parts;
    const margin = ' '.repeat(isBelow ? 2 * GAP.length : indent);
    const aside = line.kind === 'under-way' ? colors.dim : (text: string) => text;
    return [
      `${GAP}${paint(head)}${first === '' ? '' : `${GAP}${aside(first)}`}`.trimEnd(),
      ...rest.map((part) => `${margin}${aside(part)}`),
    ];
  });
}

/** `i-…:8080` of a backend; its group stands above. */
function nameOf({ subject }: PlanLine): string {
  return subject.slice(subject.indexOf('/') + 1);
}

function whatOf(line: PlanLine): string {
  if (line.kind === 'held') return `held (${line.by})`;
  return line.kind === 'under-way' ? 'under way' : line.text;
}

function paintOf(line: PlanLine, colors: Colors): (text: string) => string {
  switch (signOf(line)) {
    case '+':
      return colors.green;
    case '~':
      return colors.yellow;
    case '-':
      return colors.red;
    case '!':
      return colors.magenta;
    case '·':
      return colors.dim;
  }
}
