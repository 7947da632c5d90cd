import { paintOf } from '../pairs/overview.ts';
import { printable, renderTable, wrapped } from '../table.ts';
import type { Colors, Screen } from '../terminal.ts';
import {
  type BindingCounts,
  type BindingStatus,
  isInTrouble,
  type LaneStatus,
  type Status,
} from './model.ts';

const COUNTS = [
  ['in\nservice', 'inService'],
  ['join', 'joining'],
  ['ramp', 'ramping'],
  ['drain', 'draining'],
  ['out', 'out'],
  ['held', 'held'],
  ['over-\nridden', 'overridden'],
  ['drift', 'drift'],
] as const satisfies ReadonlyArray<readonly [string, keyof BindingCounts]>;
/** Between the columns of a table. */
const GAP_COLUMNS = 3;
const TEXT_COLUMNS_MIN = 24;

/** The status for people: bindings, pairs, what else there is. */
export function describeStatus(status: Status, screen: Screen): string {
  return [
    ...bindingLines(status, screen),
    ...pairLines(status, screen),
    ...status.otherLanes.map(({ laneId, text }) => screen.colors.red(`${laneId}: ${printable(text)}`)),
    ...sweepLines(status, screen.colors),
    rest(status, screen.colors),
    '',
  ].join('\n');
}

function bindingLines({ bindings }: Status, { colors, size }: Screen): ReadonlyArray<string> {
  if (bindings.length === 0) return [];
  const taken = [
    longest(
      bindings.map(({ name }) => name),
      'binding',
    ),
    ...COUNTS.map(([title, key]) =>
      longest(
        bindings.map(({ counts }) => String(counts[key])),
        title,
      ),
    ),
  ].reduce((sum, columns) => sum + columns + GAP_COLUMNS, GAP_COLUMNS);
  const columns = Math.max(TEXT_COLUMNS_MIN, size().columns - taken);
  const rows = bindings.map((binding) => [
    colors.bold(binding.name),
    ...COUNTS.map(([, key]) => countOf(binding, key, colors)),
    laneText(binding.lane, columns, colors),
  ]);
  return [renderTable(['binding', ...COUNTS.map(([title]) => title), 'its load balancer'], rows, colors)];
}

function countOf({ counts }: BindingStatus, key: keyof BindingCounts, colors: Colors): string {
  const text = String(counts[key]);
  if (counts[key] === 0) return colors.dim(text);
  switch (key) {
    case 'inService':
      return colors.green(text);
    case 'held':
    case 'drift':
      return colors.red(text);
    case 'overridden':
      return colors.cyan(text);
    default:
      return colors.yellow(text);
  }
}

function laneText(lane: LaneStatus, columns: number, colors: Colors): string {
  const paint = isInTrouble(lane) ? colors.red : lane.kind === 'due' ? colors.yellow : colors.dim;
  return wrapped(printable(lane.text).replaceAll(/\s+/g, ' '), columns).split('\n').map(paint).join('\n');
}

function pairLines({ pairs }: Status, { colors, size }: Screen): ReadonlyArray<string> {
  if (pairs.length === 0) return [];
  const taken =
    longest(
      pairs.map(({ name }) => name),
      'pair',
    ) +
    longest(
      pairs.map(({ primaryId }) => primaryId ?? ''),
      'primary',
    ) +
    3 * GAP_COLUMNS;
  const columns = Math.max(TEXT_COLUMNS_MIN, size().columns - taken);
  const rows = pairs.map(({ name, primaryId, states, lane }) => [
    colors.bold(name),
    primaryId ?? '?',
    [
      ...states.flatMap((state) =>
        wrapped(printable(state.text), columns).split('\n').map(paintOf(state, colors)),
      ),
      ...(isInTrouble(lane) ? [laneText(lane, columns, colors)] : []),
    ].join('\n'),
  ]);
  return [renderTable(['pair', 'primary', 'state'], rows, colors)];
}

function sweepLines({ sweep }: Status, colors: Colors): ReadonlyArray<string> {
  if (sweep === null) return [];
  const { text, last, isLate } = sweep;
  const isBad = isLate || (last?.failed ?? 0) > 0;
  const remarks = (last?.remarks ?? []).map((remark) => colors.yellow(`  ${printable(remark)}`));
  return [isBad ? colors.red(printable(text)) : printable(text), ...remarks];
}

function rest({ openRequests, awaitingApproval, quarantined }: Status, colors: Colors): string {
  const waiting = awaitingApproval === 0 ? '' : colors.yellow(`, ${awaitingApproval} awaiting approval`);
  const aside = `${quarantined} quarantined ${quarantined === 1 ? 'message' : 'messages'}`;
  const requests = `${openRequests} open ${openRequests === 1 ? 'request' : 'requests'}`;
  return `${requests}${waiting}; ${quarantined === 0 ? aside : colors.red(aside)}`;
}

function longest(texts: ReadonlyArray<string>, title: string): number {
  return Math.max(...[...title.split('\n'), ...texts].map((text) => text.length));
}
