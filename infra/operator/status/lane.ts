import type { LaneRow } from '../../../shared/lanes/model.ts';
import { isBackingOff, isLeased } from '../../../shared/lanes/plan.ts';
import { roughly } from '../../../shared/times.ts';
import type { LaneStatus } from './model.ts';

/** The tick comes for what is due once a minute: what has waited for longer than two of them, nobody comes for. */
export const OVERDUE_MS = 150_000;

/** How a lane stands; `row` `null` = it has none. Pure. */
export function statusOfLane(laneId: string, row: LaneRow | null, nowMs: number): LaneStatus {
  if (row === null) {
    return { laneId, kind: 'unseen', text: 'nothing yet', owner: null, nextWakeUpMs: null, failures: 0 };
  }
  const { owner, nextWakeUpMs, notes } = row;
  return { laneId, ...kindOf(row, nowMs), owner, nextWakeUpMs, failures: notes.failures };
}

function kindOf(row: LaneRow, nowMs: number): Pick<LaneStatus, 'kind' | 'text'> {
  const { owner, leaseUntilMs, nextWakeUpMs, dirty, handled, notes } = row;
  const lateMs = Math.max(
    owner === null ? 0 : nowMs - leaseUntilMs,
    owner !== null || nextWakeUpMs === null ? 0 : nowMs - nextWakeUpMs,
  );
  const isLate = lateMs > OVERDUE_MS;
  if (notes.failures > 0) {
    const words = notes.failures === 1 ? 'the last pass failed' : `the last ${notes.failures} passes failed`;
    const why = notes.failure === undefined ? ', the log of the functions tells why' : `: ${notes.failure}`;
    const next = isBackingOff(row, nowMs) ? `; next try in ${roughly((nextWakeUpMs ?? nowMs) - nowMs)}` : '';
    return { kind: 'failing', text: `${words}${why}${next}${isLate ? `; ${overdue(lateMs)}` : ''}` };
  }
  if (isLate) {
    const whose = owner === null ? '' : `${owner} has held it and is gone; `;
    return { kind: 'overdue', text: `${whose}${overdue(lateMs)}` };
  }
  if (isLeased(row, nowMs)) return { kind: 'worked-on', text: `worked on by ${owner}` };
  if (dirty > handled) return { kind: 'due', text: 'due: it was told something' };
  if (nextWakeUpMs === null) return { kind: 'idle', text: 'nothing to do' };
  const refused = describeRefused(notes);
  return nextWakeUpMs <= nowMs
    ? { kind: 'due', text: `due${refused}` }
    : { kind: 'waiting', text: `next look in ${roughly(nextWakeUpMs - nowMs)}${refused}` };
}

/** Groups that have refused our last writes; one refusal is daily life and not told. */
function describeRefused({ refused = {} }: LaneRow['notes']): string {
  return Object.entries(refused)
    .filter(([, { count }]) => count > 1)
    .map(([groupId, { count, reason }]) => `; ${groupId} has refused ${count} writes in a row: ${reason}`)
    .join('');
}

function overdue(ms: number): string {
  return `overdue for ${roughly(ms)}: does slb-autopilot-tick run?`;
}
