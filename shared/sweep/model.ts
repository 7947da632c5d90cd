import type { ComparedSection, ComparisonReport } from '../comparison/model.ts';
import type { LaneOutcome } from '../outcome.ts';

/** The name under which the function that reconciles one load balancer is deployed. */
export const RECONCILE_FUNCTION = 'slb-autopilot-reconcile-load-balancer';

/** What comparing load balancers with their pairs, and working those that differ, came to. */
export interface Reconciled {
  readonly comparison: ComparisonReport;
  readonly pairs: ComparisonReport;
  /** Of those that differ. */
  readonly lanes: Readonly<Record<string, LaneOutcome>>;
}

/** The same with all that was seen. */
export interface Worked extends Reconciled {
  readonly sections: ReadonlyArray<ComparedSection>;
}

/** What handing load balancers to invocations of their own came to. */
export interface FannedOut {
  readonly started: ReadonlyArray<string>;
  /** Those that a doubled timer, or an earlier try, had started. */
  readonly already: ReadonlyArray<string>;
  /** Those that nobody compares in this sweep, by reason; the next sweep tries again. */
  readonly failed: Readonly<Record<string, string>>;
}

/** What a sweep came to: it did the work itself, or handed it on. */
export type SweepOutcome = {
  readonly triggeredAtMs: number;
  /** What its report says beside. */
  readonly remarks: ReadonlyArray<string>;
} & (
  | ({ readonly kind: 'in-place'; readonly counts: SweepCounts } & Reconciled)
  | ({ readonly kind: 'fanned-out' } & FannedOut)
);

/** Calls by cloud, as they were made: what a client tried again by itself counts once. */
export type SweepCalls = Readonly<Record<'slb' | 'ecs' | 'ess' | 'eci', number>>;

/** What one worker of a sweep has seen and done. */
export interface SweepCounts {
  readonly groups: number;
  readonly pairs: number;
  /** Ours, as records and decisions have them. */
  readonly backends: number;
  /** Of others, left alone. */
  readonly strangers: number;
  /** Differences: everything that is to change, and everything that is held. */
  readonly found: number;
  /** Of these, what lanes that were worked then were told to change. */
  readonly corrected: number;
  readonly held: number;
  /** What could not be looked at. */
  readonly failed: number;
  readonly calls: SweepCalls;
  readonly durationMs: number;
}

/** What one worker of a sweep has to report: one document, one row of the audit. */
export interface SweepReport {
  /** When by its schedule the sweep began: this is its name. */
  readonly sweepAtMs: number;
  /** `in-place`: the whole sweep; `fanned-out`: the sweep, without what its tasks report; `task`: one load balancer. */
  readonly by: 'in-place' | 'fanned-out' | 'task';
  /** That this worker was to compare. */
  readonly loadBalancerIds: ReadonlyArray<string>;
  /** That were handed to tasks, which are to report themselves. */
  readonly handedOn: ReadonlyArray<string>;
  readonly counts: SweepCounts;
  /** Of which there is something to say; at most {@link LINES_MAX} lines in all. */
  readonly sections: ReadonlyArray<ComparedSection>;
  /** Lines that were left out. */
  readonly omitted: number;
  /** By load balancer, or pair. */
  readonly failed: Readonly<Record<string, string>>;
  /** What somebody should know beside: an unfinished sweep, dead letters, native attachments. */
  readonly remarks: ReadonlyArray<string>;
}

/** Lines that one report keeps: far more than a person reads, far less than a column holds. */
export const LINES_MAX = 500;
