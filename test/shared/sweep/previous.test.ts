import { describe, expect, it } from 'vitest';
import { unfinishedBefore } from '../../../shared/sweep/previous.ts';
import type { RecordedSweep } from '../../../shared/sweep/recorded.ts';

const MINUTE_MS = 60_000;
const COMPARE_MS = 5 * MINUTE_MS;
const NOW_MS = Date.UTC(2026, 3, 9, 5, 10, 30);
const LAST_MS = NOW_MS - COMPARE_MS;

const aReport = (overrides: Partial<RecordedSweep>): RecordedSweep => ({
  sweepAtMs: LAST_MS,
  by: 'in-place',
  loadBalancerIds: [],
  handedOn: [],
  counts: { found: 0, corrected: 0, held: 0, failed: 0, groups: 0, pairs: 0, durationMs: 0 },
  sections: [],
  omitted: 0,
  remarks: [],
  reportedAtMs: LAST_MS,
  ...overrides,
});
const fannedOut = aReport({ by: 'fanned-out', handedOn: ['lb-a', 'lb-b'] });
const task = (id: string, sweepAtMs = LAST_MS) => aReport({ by: 'task', loadBalancerIds: [id], sweepAtMs });
const left = (reports: ReadonlyArray<RecordedSweep>) => unfinishedBefore(reports, NOW_MS, COMPARE_MS);

describe('what the last sweep has left undone', () => {
  it('is nothing after a sweep in place, and before the first one', () => {
    expect(left([aReport({})])).toEqual({ loadBalancerIds: [], remarks: [] });
    expect(left([])).toEqual({ loadBalancerIds: [], remarks: [] });
  });

  it('is what no task has reported on', () => {
    expect(left([task('lb-b'), fannedOut])).toEqual({
      loadBalancerIds: ['lb-a'],
      remarks: ['of the sweep of 2026-04-09T05:05:30Z, no task has reported on lb-a'],
    });
  });

  it('is nothing when each task has reported, whoever of a doubled timer handed it on', () => {
    const second = aReport({ by: 'fanned-out', handedOn: ['lb-a', 'lb-b'] });
    expect(left([task('lb-a'), task('lb-b'), second, fannedOut]).remarks).toEqual([]);
  });

  it('is not made up for by a report on another sweep', () => {
    const late = task('lb-a', LAST_MS - COMPARE_MS);
    expect(left([late, task('lb-b'), fannedOut]).loadBalancerIds).toEqual(['lb-a']);
  });

  it('is the whole of it when a sweep of the schedule has left no report', () => {
    const older = aReport({ sweepAtMs: LAST_MS - COMPARE_MS });
    expect(left([older]).remarks).toEqual([
      'the last sweep that ended before this one began 10 min earlier, at 2026-04-09T05:00:30Z',
    ]);
  });

  it('is not said of this very sweep, whose timer has fired before', () => {
    const now = aReport({ by: 'fanned-out', handedOn: ['lb-a'], sweepAtMs: NOW_MS });
    expect(left([now, aReport({})]).remarks).toEqual([]);
  });
});
