import { renderTable } from '../table.ts';
import type { Colors } from '../terminal.ts';
import type { SeenActivity, SeenScalingGroup } from './scaling-view.ts';

/**
 * The scaling groups as a table: group, instances by state, what is under way. Without `nowMs` it leaves out how long hooks
 * have waited, so that it changes only with the world.
 */
export function scalingTable(
  groups: ReadonlyArray<SeenScalingGroup>,
  { colors, nowMs }: { readonly colors: Colors; readonly nowMs: number | null },
): string {
  const rows = groups.map(({ name, inService, coming, leaving, underWay }) => [
    name,
    colors.green(String(inService)),
    coming === 0 ? '0' : colors.cyan(String(coming)),
    leaving === 0 ? '0' : colors.yellow(String(leaving)),
    underWay.length === 0 ? colors.dim('nothing') : underWay.map((each) => cell(each, nowMs)).join('\n'),
  ]);
  return renderTable(['scaling group', 'in service', 'coming', 'leaving', 'under way'], rows, colors);
}

function cell({ transition, instances, hooks }: SeenActivity, nowMs: number | null): string {
  const way = `${transition === 'SCALE_OUT' ? 'out' : 'in'} by ${instances}`;
  return [way, ...hooks.map(({ name, sinceMs }) => `hook ${name} waits${time(sinceMs, nowMs)}`)].join(', ');
}

function time(sinceMs: number, nowMs: number | null): string {
  return nowMs === null ? '' : ` ${Math.floor((nowMs - sinceMs) / 1_000)} s`;
}
