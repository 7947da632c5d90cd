import type { LastSweep } from '../../../shared/sweep/last.ts';
import type { PairState } from '../pairs/state.ts';

/** How a lane stands, as its row has it. */
export interface LaneStatus {
  readonly laneId: string;
  /** `unseen`: no row was ever written, so nothing has ever been to do. */
  readonly kind: 'unseen' | 'idle' | 'waiting' | 'worked-on' | 'due' | 'overdue' | 'failing';
  /** For people: `next look in 3 min`, `the last 4 passes failed: …`. */
  readonly text: string;
  readonly owner: string | null;
  readonly nextWakeUpMs: number | null;
  /** Passes in a row that failed. */
  readonly failures: number;
}

/** How many backends of a binding are where, as our records have them. */
export interface BindingCounts {
  readonly inService: number;
  readonly joining: number;
  readonly ramping: number;
  readonly draining: number;
  /** Kept out by an order. */
  readonly out: number;
  /** Something keeps them from what they are to become, drift that is only reported aside. */
  readonly held: number;
  /** A person's request says more than the binding. */
  readonly overridden: number;
  /** Differences that are only reported. */
  readonly drift: number;
}

/** A binding and the lane of its load balancer. */
export interface BindingStatus {
  readonly name: string;
  readonly loadBalancerId: string;
  readonly vServerGroupId: string;
  readonly counts: BindingCounts;
  readonly lane: LaneStatus;
}

/** A pair, as its row has it. */
export interface PairStatus {
  readonly name: string;
  /** Who serves by the last change, or by what was seen at first; `null` = nobody knows without asking SLB. */
  readonly primaryId: string | null;
  readonly isPaused: boolean;
  readonly states: ReadonlyArray<PairState>;
  readonly lane: LaneStatus;
}

/** How the last sweep went, as its reports have it. */
export interface SweepStatus {
  /** `null` = no sweep has reported yet. */
  readonly last: LastSweep | null;
  /** One was due long ago and has not reported. */
  readonly isLate: boolean;
  /** For people. */
  readonly text: string;
}

/** Everything that the tables say, at a glance. */
export interface Status {
  readonly bindings: ReadonlyArray<BindingStatus>;
  readonly pairs: ReadonlyArray<PairStatus>;
  /** Of scaling groups and requests: those that fail or are overdue. */
  readonly otherLanes: ReadonlyArray<LaneStatus>;
  readonly openRequests: number;
  readonly awaitingApproval: number;
  readonly quarantined: number;
  /** `null` = it was not asked for. */
  readonly sweep: SweepStatus | null;
  readonly nowMs: number;
}

const PAIR_TROUBLE: ReadonlySet<PairState['kind']> = new Set([
  'unclear',
  'degraded',
  'held',
  'accused',
  'failed-over',
]);

/** Whether a lane needs somebody: it fails, or nobody comes for it. */
export function isInTrouble({ kind }: LaneStatus): boolean {
  return kind === 'failing' || kind === 'overdue';
}

/** Whether a state of a pair wants somebody's eyes. */
export function isTrouble({ kind }: PairState): boolean {
  return PAIR_TROUBLE.has(kind);
}

/** Whether a sweep needs somebody: it does not come, could not compare everything, or has something to say. */
export function isSweepTrouble({ last, isLate }: SweepStatus): boolean {
  return isLate || (last !== null && (last.failed > 0 || last.remarks.length > 0));
}

/** Whether anything wants somebody's eyes: what only goes on, or what a person has asked for, does not. */
export function wantsEyes(status: Status): boolean {
  return (
    status.bindings.some(({ counts, lane }) => counts.held + counts.drift > 0 || isInTrouble(lane)) ||
    status.pairs.some(({ states, lane }) => states.some(isTrouble) || isInTrouble(lane)) ||
    status.otherLanes.length > 0 ||
    status.awaitingApproval > 0 ||
    status.quarantined > 0 ||
    (status.sweep !== null && isSweepTrouble(status.sweep))
  );
}
