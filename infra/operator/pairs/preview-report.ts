import { NEW_GROUP } from '../../../shared/pairs/foresee.ts';
import type { PlannedCall } from '../../../shared/pairs/ports.ts';
import { describeBefore, describeMembers, nameOfChange } from '../../../shared/pairs/words.ts';
import { renderTable } from '../table.ts';
import type { Screen } from '../terminal.ts';
import type { Preview } from './preview.ts';

/** What the table has besides the parameters: the numbers and the space around the columns. */
const OTHER_COLUMNS = 8;
const COLUMNS_MIN = 40;

/** The calls that would be made, for people: number, API and parameters, no wider than the screen. */
export function describePreview(
  pairName: string,
  { saga, reason, calls, presumed }: Preview,
  { colors, size }: Screen,
): string {
  const columns = Math.max(COLUMNS_MIN, size().columns - OTHER_COLUMNS);
  const notes =
    presumed.length === 0
      ? []
      : [`Taken for granted: ${presumed.join(', ')} answer our probe (--probe asks them from this machine).`];
  if (saga === null) {
    return [`${colors.yellow('Nothing would be begun')} of ${pairName}: ${reason}`, ...notes, ''].join('\n');
  }
  const rows = calls.map((call, index) => [String(index + 1), describeCall(call, columns, colors.bold)]);
  return [
    `${nameOfChange(saga)} of ${pairName}: ${describeBefore(saga)} would become ${describeMembers(saga.to)}`,
    renderTable(['', 'API and parameters'], rows, colors),
    ...notes,
    `Nothing was written. ${NEW_GROUP} stands for the id that SLB will give.`,
    '',
  ].join('\n');
}

function describeCall(
  { api, parameters }: PlannedCall,
  columns: number,
  bold: (text: string) => string,
): string {
  const lines = Object.entries(parameters).flatMap(([name, value]) =>
    cut(`${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`, columns - 2),
  );
  return [bold(api), ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Lines of at most so many columns: JSON has no spaces to cut at, so it is cut behind commas, or anywhere. */
function cut(text: string, columns: number): ReadonlyArray<string> {
  const lines: Array<string> = [];
  let rest = text;
  while (rest.length > columns) {
    const comma = rest.lastIndexOf(',', columns - 1) + 1;
    const at = comma > columns / 2 ? comma : columns;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...lines, rest];
}
