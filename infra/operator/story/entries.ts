import type { RecordedAudit } from '../../../shared/audit/ports.ts';
import { instant } from '../../../shared/times.ts';
import { printable, wrapped } from '../table.ts';
import type { Colors, Screen } from '../terminal.ts';

const GAP = '  ';
const CLOCK_COLUMNS = '00:00:00'.length;
const REASON_COLUMNS_MIN = 30;
/** Stands for a space at which no line may end: an id is to be copied with what it is. */
const TOGETHER = '\u00a0';

/**
 * Entries of the audit for people, in their order: a line each, wrapped where the screen ends, and the day above the first
 * one of each day. `nameOf` says whose entry it is; names have a column of their own unless all are empty.
 */
export function describeEntries(
  entries: ReadonlyArray<RecordedAudit>,
  nameOf: (entry: RecordedAudit) => string,
  { colors, size }: Screen,
): ReadonlyArray<string> {
  const nameColumns = longest(entries.map(nameOf));
  const actionColumns = longest(entries.map(({ action }) => action));
  const columnsBefore = [CLOCK_COLUMNS, nameColumns, actionColumns].filter((columns) => columns > 0);
  const indent = columnsBefore.reduce((sum, columns) => sum + columns + GAP.length, 0);
  const columns = Math.max(REASON_COLUMNS_MIN, size().columns - indent);
  let shownDay = '';
  return entries.flatMap((entry) => {
    const [day = '', clock = ''] = instant(entry.atMs).slice(0, -1).split('T');
    const above = day === shownDay ? [] : [colors.bold(`${day} UTC`)];
    shownDay = day;
    const [first = '', ...rest] = wrapped(textOf(entry), columns).replaceAll(TOGETHER, ' ').split('\n');
    const cells = [
      colors.dim(clock),
      ...(nameColumns === 0 ? [] : [nameOf(entry).padEnd(nameColumns)]),
      paintOf(entry.action, colors)(entry.action.padEnd(actionColumns)),
      first,
    ];
    return [...above, cells.join(GAP), ...rest.map((part) => `${' '.repeat(indent)}${part}`)];
  });
}

/** The reason, for a call with the weight that was asked for and the request ids that the vendor's support asks for. */
function textOf({ action, reason, requestIds, inputs }: RecordedAudit): string {
  const { weight } = inputs;
  const isRaise = action === 'added' || action === 'weight-set';
  const before = isRaise && typeof weight === 'number' ? `weight ${weight}: ` : '';
  const after = requestIds.map((id) => ` (request${TOGETHER}${id})`).join('');
  return `${before}${printable(reason).replaceAll(/\s+/g, ' ')}${after}`;
}

const IN_GREEN: ReadonlySet<string> = new Set(['added', 'in-service', 'hook-answered']);
const IN_YELLOW: ReadonlySet<string> = new Set([
  ...['drain-decided', 'drain-started', 'removed', 'held', 'hook-held', 'kept-out', 'drift-found'],
  ...['join-cancelled', 'hook-ended-elsewhere', 'native-attachment'],
]);
const IN_RED: ReadonlySet<string> = new Set([
  ...['call-refused', 'not-ready', 'signal-given-up', 'hook-timed-out', 'hook-given-up'],
]);

function paintOf(action: string, colors: Colors): (text: string) => string {
  if (IN_RED.has(action)) return colors.red;
  if (IN_YELLOW.has(action)) return colors.yellow;
  return IN_GREEN.has(action) ? colors.green : (text) => text;
}

function longest(texts: ReadonlyArray<string>): number {
  return texts.reduce((columns, text) => Math.max(columns, text.length), 0);
}
