import type { ComparisonReport } from '../comparison/model.ts';
import type { LaneOutcome } from '../outcome.ts';

/** The name under which the function that reconciles one load balancer is deployed. */
export const RECONCILE_FUNCTION = 'slb-autopilot-reconcile-load-balancer';

/** What comparing load balancers, and working those that differ, came to. */
export interface Reconciled {
  readonly comparison: ComparisonReport;
  /** Of those that differ. */
  readonly lanes: Readonly<Record<string, LaneOutcome>>;
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
export type SweepOutcome = { readonly triggeredAtMs: number } & (
  | ({ readonly kind: 'in-place' } & Reconciled)
  | ({ readonly kind: 'fanned-out' } & FannedOut)
);
