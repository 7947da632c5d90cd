import { instant, roughly } from '../times.ts';
import type { RecordedSweep } from './recorded.ts';

/** A timer may be late by so much of the interval. */
const SLACK = 1.5;

/** What the sweeps before this one have left undone. */
export interface Unfinished {
  /** Load balancers that were handed to tasks of the last sweep that have not reported. */
  readonly loadBalancerIds: ReadonlyArray<string>;
  /** For people; empty = all is well, or there was no sweep before. */
  readonly remarks: ReadonlyArray<string>;
}

/**
 * Looks for sweeps that did not end, among the reports of the last ones, in any order: a gap in the schedule, and tasks
 * that have not reported. Pure.
 */
export function unfinishedBefore(
  reports: ReadonlyArray<RecordedSweep>,
  sweepAtMs: number,
  compareMs: number,
): Unfinished {
  const earlier = reports.filter((report) => report.sweepAtMs < sweepAtMs && report.by !== 'task');
  const lastMs = Math.max(...earlier.map((report) => report.sweepAtMs));
  const last = earlier.filter((report) => report.sweepAtMs === lastMs);
  if (last.length === 0) return { loadBalancerIds: [], remarks: [] };
  const gapMs = sweepAtMs - lastMs;
  const gap =
    gapMs <= compareMs * SLACK
      ? []
      : [`the last sweep that ended before this one began ${roughly(gapMs)} earlier, at ${instant(lastMs)}`];
  const reported = new Set(
    reports.filter((report) => report.sweepAtMs === lastMs).flatMap((report) => report.loadBalancerIds),
  );
  const missing = [...new Set(last.flatMap(({ handedOn }) => handedOn))].filter((id) => !reported.has(id));
  const tasks =
    missing.length === 0
      ? []
      : [`of the sweep of ${instant(lastMs)}, no task has reported on ${missing.sort().join(', ')}`];
  return { loadBalancerIds: missing, remarks: [...gap, ...tasks] };
}
