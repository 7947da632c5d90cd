import { LEASE_MARGIN_MS } from '../config/timing.ts';
import type { HeldLane, LaneChange, LaneNotes, LaneRow, LeaseTiming } from './model.ts';

/** What a look at a lane leads to. */
export type Look =
  /** Nothing is due; `untilMs` is the next deadline, `null` = none. */
  | { readonly kind: 'idle'; readonly untilMs: number | null }
  /** Somebody holds it until `untilMs`; what we signalled will make their finish fail, so they see it. */
  | { readonly kind: 'held'; readonly untilMs: number }
  | { readonly kind: 'acquire'; readonly change: LaneChange; readonly held: HeldLane };

/** Whether there is work: a signal not yet handled, or a deadline that has come. */
export function isDue(row: LaneRow, nowMs: number): boolean {
  return row.dirty > row.handled || (row.nextWakeUpMs !== null && row.nextWakeUpMs <= nowMs);
}

/**
 * Whether the last pass failed and the lane waits for its next try. Signals do not shorten that wait: what refused the
 * pass would refuse theirs, too, and a busy lane would try again with each of them.
 */
export function isBackingOff({ owner, notes, nextWakeUpMs }: LaneRow, nowMs: number): boolean {
  return owner === null && notes.failures > 0 && nextWakeUpMs !== null && nextWakeUpMs > nowMs;
}

/** Whether somebody may still be writing. */
export function isLeased(row: LaneRow, nowMs: number): boolean {
  return row.owner !== null && row.leaseUntilMs > nowMs;
}

/** Whether a worker that looks at the lane now would take it. */
export function isFree(row: LaneRow, nowMs: number): boolean {
  return isDue(row, nowMs) && !isLeased(row, nowMs) && !isBackingOff(row, nowMs);
}

/** Decides from a row as read. `owner` must be unlike any other attempt's, so that a lost reply can be resolved. */
export function lookAtLane(row: LaneRow, nowMs: number, owner: string, leaseMs: number): Look {
  if (isBackingOff(row, nowMs) || (!isDue(row, nowMs) && row.owner === null)) {
    return { kind: 'idle', untilMs: row.nextWakeUpMs };
  }
  if (isLeased(row, nowMs)) return { kind: 'held', untilMs: row.leaseUntilMs };
  const leaseUntilMs = nowMs + leaseMs;
  return {
    kind: 'acquire',
    change: {
      expect: { fence: row.fence, leaseUntilMs: row.leaseUntilMs },
      set: { owner, leaseUntilMs },
      nextFence: true,
    },
    held: {
      laneId: row.laneId,
      owner,
      fence: row.fence + 1,
      leaseUntilMs,
      dirty: row.dirty,
      isTakeover: row.owner !== null,
      notes: row.notes,
    },
  };
}

/** Gives the lane up with its work done. Refused when a signal has come since `held.dirty` was read. */
export function finishChange(held: HeldLane, nextWakeUpMs: number | null, notes: LaneNotes): LaneChange {
  const { failure: _over, ...others } = notes;
  return {
    expect: { fence: held.fence, dirty: held.dirty },
    set: {
      owner: null,
      leaseUntilMs: 0,
      handled: held.dirty,
      nextWakeUpMs,
      notes: { ...others, failures: 0 },
    },
    nextFence: false,
  };
}

/** Gives the lane up with work left, to be looked at again at `nextWakeUpMs`. */
export function releaseChange(held: HeldLane, nextWakeUpMs: number, notes: LaneNotes): LaneChange {
  return {
    expect: { fence: held.fence },
    set: { owner: null, leaseUntilMs: 0, nextWakeUpMs, notes },
    nextFence: false,
  };
}

/** Whether a call with this timeout may be sent now: the lease must outlive it by {@link LEASE_MARGIN_MS}. */
export function maySend(held: HeldLane, nowMs: number, timing: LeaseTiming): boolean {
  return held.leaseUntilMs - nowMs > timing.callTimeoutMs + LEASE_MARGIN_MS;
}

/**
 * When everything is to be read once more because a write may have landed late; `null` = it need not be. A pass that wrote,
 * or that took the lane over, leaves one; an earlier one is done with by whoever read everything after it fell due.
 */
export function verificationAtMs(
  { leaseUntilMs, notes, isTakeover }: HeldLane,
  { writes, readAtMs }: { readonly writes: number; readonly readAtMs: number | null },
  { callTimeoutMs }: Pick<LeaseTiming, 'callTimeoutMs'>,
): number | null {
  if (writes > 0 || isTakeover) return leaseUntilMs + callTimeoutMs;
  const isVerified = notes.verifyAtMs === null || (readAtMs ?? -Infinity) >= notes.verifyAtMs;
  return isVerified ? null : notes.verifyAtMs;
}

/** Something that a lane waits for: when, `null` = not at all, and what, for the log. */
export type Deadline = readonly [atMs: number | null, waitingFor: string];

/** The first of the deadlines; of those at the same instant the first in the list. */
export function earliestDeadline(deadlines: readonly [Deadline, ...ReadonlyArray<Deadline>]): {
  readonly nextLookMs: number | null;
  readonly waitingFor: string | null;
} {
  const [nextLookMs, waitingFor] = deadlines.reduce((earliest, deadline) =>
    deadline[0] !== null && (earliest[0] === null || deadline[0] < earliest[0]) ? deadline : earliest,
  );
  return { nextLookMs, waitingFor: nextLookMs === null ? null : waitingFor };
}

/** The row after a change, or `null` when the change's expectations are not met. What every lane store must do. */
export function changedLane(row: LaneRow, change: LaneChange): LaneRow | null {
  const { fence, leaseUntilMs, dirty } = change.expect;
  if (fence !== undefined && fence !== row.fence) return null;
  if (leaseUntilMs !== undefined && leaseUntilMs !== row.leaseUntilMs) return null;
  if (dirty !== undefined && dirty !== row.dirty) return null;
  return { ...row, ...change.set, fence: change.nextFence ? row.fence + 1 : row.fence };
}
