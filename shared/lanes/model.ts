import type { Timing } from '../config/timing.ts';

/**
 * A lane: the single line of writes of one load balancer. Instants are table time. A lane that was never written
 * reads as {@link emptyLane}.
 */
export interface LaneRow {
  readonly laneId: string;
  /** The holder's attempt, unlike any other; `null` = nobody holds the lane. */
  readonly owner: string | null;
  /** Until when the owner may write; 0 when nobody holds the lane. */
  readonly leaseUntilMs: number;
  /** Grows by one with each acquire; a row written under a higher fence is never overwritten under a lower one. */
  readonly fence: number;
  /** Counts signals; grows without condition. */
  readonly dirty: number;
  /** The value of `dirty` up to which the work is done. */
  readonly handled: number;
  /** The earliest of the lane's deadlines; `null` = none. */
  readonly nextWakeUpMs: number | null;
  readonly notes: LaneNotes;
}

/** What one pass leaves for the next. Small: at most an entry for each group of the lane. */
export interface LaneNotes {
  /** When the groups are to be read once more because a write may have landed late; `null` = not needed. */
  readonly verifyAtMs: number | null;
  /** By group: when our last write to it was sent. Kept while it matters for pacing and settling. */
  readonly writtenAtMs: Readonly<Record<string, number>>;
  /** By group: no write before this instant, because the group was busy or was just written. */
  readonly writableAtMs: Readonly<Record<string, number>>;
  /** By group: that its last writes were refused because of the group itself; left out = none was. */
  readonly refused?: Readonly<Record<string, GroupRefusal>>;
  /** Passes in a row that ended with a failure. */
  readonly failures: number;
  /** Why the last of them failed, for people; left out = none has. */
  readonly failure?: string;
}

/** Writes in a row that a group refused, whatever they were about. */
export interface GroupRefusal {
  readonly count: number;
  /** Of the last one, for people: a sentence, the API's code and its request id. */
  readonly reason: string;
}

/** Nothing to remember. */
export const NO_NOTES: LaneNotes = { verifyAtMs: null, writtenAtMs: {}, writableAtMs: {}, failures: 0 };

/** The lane of a load balancer of which no row exists. */
export function emptyLane(laneId: string): LaneRow {
  return {
    laneId,
    owner: null,
    leaseUntilMs: 0,
    fence: 0,
    dirty: 0,
    handled: 0,
    nextWakeUpMs: null,
    notes: NO_NOTES,
  };
}

/**
 * A conditional change of a lane row: all of `expect` must be as the row stands, else nothing changes. `nextFence`
 * asks for `fence + 1`.
 */
export interface LaneChange {
  readonly expect: Partial<Pick<LaneRow, 'fence' | 'leaseUntilMs' | 'dirty'>>;
  readonly set: Partial<Pick<LaneRow, 'owner' | 'leaseUntilMs' | 'handled' | 'nextWakeUpMs' | 'notes'>>;
  readonly nextFence: boolean;
}

/** A lane that this worker holds. */
export interface HeldLane {
  readonly laneId: string;
  readonly owner: string;
  readonly fence: number;
  readonly leaseUntilMs: number;
  /** `dirty` as read before the inbox was; finishing is refused when it has moved on. */
  readonly dirty: number;
  /** `true` when the former holder's lease ran out: its writes may still land. */
  readonly isTakeover: boolean;
  readonly notes: LaneNotes;
}

/** How long a lease lasts and a call may take. */
export type LeaseTiming = Pick<Timing, 'leaseMs' | 'callTimeoutMs'>;
