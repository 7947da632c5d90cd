import { describe, expect, it } from 'vitest';
import type { RecordedAudit } from '../../../shared/audit/ports.ts';
import { lastSweepIn } from '../../../shared/sweep/last.ts';
import { type RecordedSweep, reportsIn } from '../../../shared/sweep/recorded.ts';
import { NOW_MS } from '../../support/builders.ts';

const counts = { found: 0, corrected: 0, held: 0, failed: 0, groups: 1, pairs: 0, durationMs: 5 };
const aReport = (overrides: Partial<RecordedSweep> = {}): RecordedSweep => ({
  sweepAtMs: NOW_MS,
  by: 'task',
  loadBalancerIds: ['lb-a'],
  handedOn: [],
  counts,
  sections: [],
  omitted: 0,
  remarks: [],
  reportedAtMs: NOW_MS + 1_000,
  ...overrides,
});

describe('the last sweep', () => {
  it('is nothing where none was', () => {
    expect(lastSweepIn([])).toBeNull();
  });

  it('is the sum of what its workers report, and of no other sweep', () => {
    const reports = [
      aReport({ counts: { ...counts, found: 2, corrected: 1, held: 1 } }),
      aReport({ loadBalancerIds: ['lb-b'], counts: { ...counts, found: 3, corrected: 3 } }),
      aReport({ by: 'fanned-out', loadBalancerIds: [], handedOn: ['lb-a', 'lb-b'], remarks: ['mind'] }),
      aReport({ sweepAtMs: NOW_MS - 300_000, counts: { ...counts, found: 99 } }),
    ];

    expect(lastSweepIn(reports)).toMatchObject({
      sweepAtMs: NOW_MS,
      found: 5,
      corrected: 4,
      held: 1,
      unreported: [],
      remarks: ['mind'],
    });
  });

  it('names the load balancers on which no task has reported yet', () => {
    const reports = [
      aReport({ by: 'fanned-out', loadBalancerIds: [], handedOn: ['lb-a', 'lb-b'] }),
      aReport({ loadBalancerIds: ['lb-b'] }),
    ];

    expect(lastSweepIn(reports)?.unreported).toEqual(['lb-a']);
  });

  it('counts the last report of a task that was repeated', () => {
    const first = aReport({ counts: { ...counts, failed: 1 } });
    const second = aReport({ counts: { ...counts, found: 1 }, reportedAtMs: NOW_MS + 60_000 });

    expect(lastSweepIn([second, first])).toMatchObject({ groups: 1, found: 1, failed: 0 });
  });
});

describe('reports in the audit', () => {
  const entry = (inputs: RecordedAudit['inputs']): RecordedAudit => ({
    subject: 'sweep:cn-hangzhou',
    atMs: NOW_MS,
    action: 'sweep-reported',
    reason: '',
    requestIds: [],
    inputs,
  });

  it('are read with what they say beside, and left out where they are not understood', () => {
    const { reportedAtMs: _, ...inputs } = aReport();

    expect(reportsIn([entry({ ...inputs, more: 1 }), entry({}), entry({ ...inputs, by: 'moon' })])).toEqual([
      { ...inputs, more: 1, reportedAtMs: NOW_MS },
    ]);
  });
});
