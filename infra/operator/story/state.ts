import type { LeaveOrder } from '../../../shared/server-groups/backend/record.ts';
import { describePhase } from '../../../shared/server-groups/backend/words.ts';
import { instant } from '../../../shared/times.ts';
import { renderTable, wrapped } from '../table.ts';
import type { Colors, Screen } from '../terminal.ts';
import type { ToldBackend } from './model.ts';
import { addressIn } from './subjects.ts';

const STATE_COLUMNS_MIN = 40;
/** Between the columns of a table. */
const GAP_COLUMNS = 3;
const HEAD = ['binding', 'group and port', 'now'];

/** How the backends of an instance stand, as the table has it: one line each, what keeps it from more below. */
export function describeBackends(
  backends: ReadonlyArray<ToldBackend>,
  { colors, size }: Screen,
): ReadonlyArray<string> {
  const places = backends.map(({ subject, binding, row, vServerGroupId, port }) => [
    binding?.name ?? row?.binding ?? '',
    `${vServerGroupId}${addressIn(subject)}:${port}`,
  ]);
  const widest = HEAD.slice(0, -1).map((title, index) =>
    Math.max(title.length, ...places.map((place) => place[index]?.length ?? 0)),
  );
  const taken = widest.reduce((sum, columns) => sum + columns + GAP_COLUMNS, GAP_COLUMNS);
  const columns = Math.max(STATE_COLUMNS_MIN, size().columns - taken);
  const rows = backends.map((backend, index) => [
    ...(places[index] ?? []),
    stateOf(backend, colors)
      .map(([text, paint]) => wrapped(text, columns).split('\n').map(paint).join('\n'))
      .join('\n'),
  ]);
  return [renderTable(HEAD, rows, colors)];
}

type Painted = readonly [text: string, paint: (text: string) => string];

function stateOf({ row, binding }: ToldBackend, colors: Colors): ReadonlyArray<Painted> {
  const same = (text: string) => text;
  const unconfigured: ReadonlyArray<Painted> =
    binding === null ? [['no binding names this group and port any more', colors.yellow]] : [];
  if (row === null) return [['no record: out, or not ours', same], ...unconfigured];
  const { confirmedWeight, held, notBeforeMs, corrections } = row;
  const weight = confirmedWeight === null ? 'no weight read back yet' : `weight ${confirmedWeight} read back`;
  return [
    [`${describePhase(row)}, ${weight}`, row.phase === 'in-service' ? colors.green : colors.yellow],
    ...(held === null ? [] : [[`held (${held.by}): ${held.reason}`, colors.red] as const]),
    ...row.orders.map((order): Painted => [describeOrder(order), colors.yellow]),
    ...(notBeforeMs === null ? [] : [[`no call before ${instant(notBeforeMs)}`, same] as const]),
    ...(corrections === 0 ? [] : [[`another writer was corrected ${corrections}×`, colors.yellow] as const]),
    ...unconfigured,
  ];
}

function describeOrder({ cause, ref, sinceMs, deadlineAtMs, untilMs }: LeaveOrder): string {
  const name = ref === null ? cause : `${cause} (${ref})`;
  const out = deadlineAtMs === null ? '' : `, out by ${instant(deadlineAtMs)}`;
  const end = untilMs === null ? 'no end of its own' : `until ${instant(untilMs)}`;
  return `ordered out: ${name} since ${instant(sinceMs)}${out}, ${end}`;
}
