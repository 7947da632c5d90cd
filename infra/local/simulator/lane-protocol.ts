import type { HeldLane } from '../../../shared/lanes/model.ts';
import {
  changedLane,
  finishChange,
  isDue,
  isLeased,
  lookAtLane,
  maySend,
  releaseChange,
} from '../../../shared/lanes/plan.ts';

/** A record of a backend as far as its conditions go. */
export interface RecordStamp {
  readonly fence: number;
  readonly revision: number;
}

/** Which of two steps comes first, where the protocol stands or falls with it. */
export interface LaneOrder {
  /** When a holder reads the count that its finish will say is handled. */
  readonly dirty: 'before-inbox' | 'after-inbox';
  /** What an acceptor writes first. */
  readonly signal: 'inbox-first' | 'count-first';
  /** When the wake-up for the lease's end is sent. */
  readonly wakeUp: 'before-acquire' | 'after-acquire';
}

/** All decisions that the model plays. A test plants a fault by replacing one. */
export interface LaneProtocol {
  readonly lookAtLane: typeof lookAtLane;
  readonly finishChange: typeof finishChange;
  readonly releaseChange: typeof releaseChange;
  readonly changedLane: typeof changedLane;
  readonly maySend: typeof maySend;
  readonly isDue: typeof isDue;
  readonly isLeased: typeof isLeased;
  /** Whether a holder may still ask for a record to be written. */
  readonly mayRecord: (held: HeldLane, nowMs: number) => boolean;
  /** Whether the table takes a record: `stored` as it stands, the writer's fence, the revision that it has read. */
  readonly acceptsRecord: (stored: RecordStamp, fence: number, expectedRevision: number) => boolean;
  readonly order: LaneOrder;
}

/**
 * What production does. The lane's decisions are its very functions; those about records say in one line each what the
 * journal checks before a commit and what the condition of the `backends` table checks at it.
 */
export const PROTOCOL: LaneProtocol = {
  lookAtLane,
  finishChange,
  releaseChange,
  changedLane,
  maySend,
  isDue,
  isLeased,
  mayRecord: (held, nowMs) => nowMs < held.leaseUntilMs,
  acceptsRecord: (stored, fence, expectedRevision) =>
    stored.revision === expectedRevision && stored.fence <= fence,
  order: { dirty: 'before-inbox', signal: 'inbox-first', wakeUp: 'before-acquire' },
};
