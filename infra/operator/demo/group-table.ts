import { groupBy } from '../../../shared/collections.ts';
import { renderTable } from '../table.ts';
import type { Colors } from '../terminal.ts';
import type { GroupLine, Phase, SeenGroup } from './group-view.ts';
import { counted } from './telling.ts';

/** Servers that are alike become one row beyond this many. */
const ALIKE_SHOWN_MAX = 3;

const COLOR_OF: Readonly<Record<Phase, keyof Colors & ('cyan' | 'green' | 'yellow' | 'dim')>> = {
  joining: 'cyan',
  'in service': 'green',
  leaving: 'yellow',
  draining: 'yellow',
  "not the configuration's": 'dim',
};

/** Settings of {@link groupTable}. */
export interface GroupTableOptions {
  readonly colors: Colors;
  /** With more rows than this, servers that are alike share one. */
  readonly rowsMax: number;
  /** For the time that a drain has taken; `null` = leave it out, so that the table changes only with the world. */
  readonly nowMs: number | null;
}

/** The groups as a table: group, server, port, weight, phase. */
export function groupTable(groups: ReadonlyArray<SeenGroup>, options: GroupTableOptions): string {
  const { colors, rowsMax, nowMs } = options;
  const rowCount = groups.reduce((total, { lines }) => total + Math.max(1, lines.length), 0);
  const rows = groups.flatMap(({ name, lines }) => {
    if (lines.length === 0) return [[name, colors.dim('empty'), '', '', '']];
    const alike = rowCount > rowsMax ? foldAlike(lines) : lines.map((line) => [line]);
    return alike.map((same, index) => [index === 0 ? name : '', ...cells(same, colors, nowMs)]);
  });
  return renderTable(['group', 'server', 'port', 'weight', 'phase'], rows, colors);
}

function foldAlike(lines: ReadonlyArray<GroupLine>): ReadonlyArray<ReadonlyArray<GroupLine>> {
  const alike = groupBy(lines, ({ ports, weights, phase }) => `${ports} ${weights} ${phase}`);
  return [...alike.values()].flatMap((same) =>
    same.length > ALIKE_SHOWN_MAX ? [same] : same.map((line) => [line]),
  );
}

function cells(same: ReadonlyArray<GroupLine>, colors: Colors, nowMs: number | null): ReadonlyArray<string> {
  const [first] = same;
  if (first === undefined) return [];
  const { serverId, ports, weights, phase } = first;
  const server = same.length === 1 ? serverId : counted(same.length, 'server');
  // One that is not there yet; one that is has some weight while it joins.
  const isAbsent = phase === 'joining' && weights.every((each) => each === 0);
  const weight = isAbsent ? '–' : weights.join(', ');
  const color = colors[COLOR_OF[phase]];
  return [server, ports.join(', '), weight, color(`${phase}${drainTime(same, nowMs)}`)];
}

function drainTime(same: ReadonlyArray<GroupLine>, nowMs: number | null): string {
  const drains = same.flatMap(({ drain }) => drain ?? []);
  const [first] = drains;
  if (nowMs === null || first === undefined) return '';
  const sinceMs = Math.min(...drains.map((drain) => drain.sinceMs));
  return ` ${Math.floor((nowMs - sinceMs) / 1_000)} s of ${Math.round(first.timeMs / 1_000)} s`;
}
