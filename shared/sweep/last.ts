import type { RecordedSweep } from './recorded.ts';

/** What the last sweep came to, over the reports of all its workers. */
export interface LastSweep {
  /** When by its schedule it began. */
  readonly sweepAtMs: number;
  readonly groups: number;
  readonly pairs: number;
  readonly found: number;
  readonly corrected: number;
  readonly held: number;
  /** What could not be compared. */
  readonly failed: number;
  /** Load balancers that were handed to tasks which have not reported. */
  readonly unreported: ReadonlyArray<string>;
  readonly remarks: ReadonlyArray<string>;
}

/**
 * Sums up the last sweep from the last reports, in any order; `null` = there was none. Of a timer that fired twice, or a task
 * that was repeated, the last report on the same load balancers counts. Pure.
 */
export function lastSweepIn(reports: ReadonlyArray<RecordedSweep>): LastSweep | null {
  if (reports.length === 0) return null;
  const sweepAtMs = Math.max(...reports.map((report) => report.sweepAtMs));
  const own = reports
    .filter((report) => report.sweepAtMs === sweepAtMs)
    .sort((a, b) => a.reportedAtMs - b.reportedAtMs);
  const last = [
    ...new Map(own.map((report) => [`${report.by} ${report.loadBalancerIds.join()}`, report])).values(),
  ];
  const sum = (of: (counts: RecordedSweep['counts']) => number) =>
    last.reduce((total, { counts }) => total + of(counts), 0);
  const reported = new Set(own.flatMap(({ loadBalancerIds }) => loadBalancerIds));
  const handedOn = new Set(own.flatMap((report) => report.handedOn));
  return {
    sweepAtMs,
    groups: sum(({ groups }) => groups),
    pairs: sum(({ pairs }) => pairs),
    found: sum(({ found }) => found),
    corrected: sum(({ corrected }) => corrected),
    held: sum(({ held }) => held),
    failed: sum(({ failed }) => failed),
    unreported: [...handedOn].filter((id) => !reported.has(id)).sort(),
    remarks: [...new Set(last.flatMap(({ remarks }) => remarks))],
  };
}
