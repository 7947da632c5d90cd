import type { ConfigFile } from './schema.ts';

/** How long leases, calls and waits take. */
export interface Timing {
  /** Life of a lane's lease. At least `callTimeoutMs` plus 6 s. */
  readonly leaseMs: number;
  /** Time that one call to a cloud may take. */
  readonly callTimeoutMs: number;
  /** How long a function works on lanes after it has accepted its messages. */
  readonly passBudgetMs: number;
  /** How long joins wait for others to share a call with. */
  readonly gatherMs: number;
  /** How long an answer that differs from our own write counts as not yet settled. */
  readonly settleMs: number;
  /** From one full comparison of a load balancer's groups to the next; whole minutes, since a timer that fires every minute begins it. */
  readonly compareMs: number;
  /** Another writer is corrected a few times within this time, then its values are left and reported. */
  readonly contestMs: number;
}

/** A write is sent only while the lease outlives the call's timeout by this much. */
export const LEASE_MARGIN_MS = 5_000;

/** What must remain of a fresh lease, besides margin and call timeout, to send anything at all. */
export const LEASE_SLACK_MS = 1_000;

/** The timing of the file, with our defaults where it is silent. */
export function resolveTiming(timing: ConfigFile['timing']): Timing {
  return {
    leaseMs: timing?.lease ?? 45_000,
    callTimeoutMs: timing?.callTimeout ?? 10_000,
    passBudgetMs: timing?.passBudget ?? 20_000,
    gatherMs: timing?.gather ?? 2_000,
    settleMs: timing?.settle ?? 3_000,
    compareMs: timing?.compare ?? 5 * 60_000,
    contestMs: timing?.contest ?? 10 * 60_000,
  };
}
