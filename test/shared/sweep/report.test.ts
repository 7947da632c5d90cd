import { describe, expect, it } from 'vitest';
import type { ComparedSection } from '../../../shared/comparison/model.ts';
import type { PlanLine } from '../../../shared/comparison/sections/model.ts';
import { LINES_MAX, type SweepReport, type Worked } from '../../../shared/sweep/model.ts';
import { countsOf, describeSweep, sectionsToKeep } from '../../../shared/sweep/report.ts';
import { LB } from '../../support/builders.ts';

const aLine = (kind: 'change' | 'held' | 'under-way', subject = 'rsp-1/i-1:80'): PlanLine => {
  if (kind === 'held') return { kind, subject, by: 'min-in-service', reason: 'too few' };
  if (kind === 'under-way') return { kind, subject, reason: 'draining' };
  const text = 'weight 7 → 100';
  return { kind, subject, action: 'set-weight', from: 'weight 7', to: 'weight 100', text, reason: 'drift' };
};
const aSection = (overrides: Partial<ComparedSection> = {}): ComparedSection => ({
  of: 'binding',
  name: 'web',
  place: `${LB} rsp-1`,
  laneId: LB,
  lines: [],
  inService: 3,
  strangers: 1,
  remarks: [],
  failure: null,
  ...overrides,
});
const nothing = { compared: [], held: [], different: [], failed: {} };
const worked = (sections: ReadonlyArray<ComparedSection>, overrides: Partial<Worked> = {}): Worked => ({
  comparison: nothing,
  pairs: nothing,
  lanes: {},
  sections,
  ...overrides,
});
const CALLS = { slb: 5, ecs: 1, ess: 0, eci: 0 };

describe('the counts of a worker', () => {
  it('tell differences from what is held, and count as corrected what a lane then did', () => {
    const sections = [aSection({ lines: [aLine('change'), aLine('held'), aLine('under-way')] })];
    const lanes = { [LB]: { kind: 'applied', writes: 1, nextLookMs: null } } as const;

    const counts = countsOf(worked(sections, { lanes }), CALLS, 12);

    expect(counts).toMatchObject({ groups: 1, found: 2, corrected: 1, held: 1, strangers: 1, calls: CALLS });
    expect(countsOf(worked(sections), CALLS, 12).corrected).toBe(0);
  });

  it('count a group once that two bindings share, and what could not be compared', () => {
    const sections = [aSection(), aSection({ name: 'api' })];
    const comparison = { ...nothing, failed: { [LB]: 'no answer' } };

    expect(countsOf(worked(sections, { comparison }), CALLS, 12)).toMatchObject({ groups: 1, failed: 1 });
  });
});

describe('the sections of a report', () => {
  it('are those of which there is something to say', () => {
    const told = [
      aSection({ name: 'a', lines: [aLine('held')] }),
      aSection({ name: 'b', remarks: ['no listener uses it'] }),
      aSection({ name: 'c', failure: 'no answer' }),
    ];

    const { sections, omitted } = sectionsToKeep([aSection(), ...told]);

    expect(sections.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(omitted).toBe(0);
  });

  it('hold so many lines in all and no more, and say how many were left out', () => {
    const many = Array.from({ length: LINES_MAX - 1 }, () => aLine('change'));

    const { sections, omitted } = sectionsToKeep([
      aSection({ lines: many }),
      aSection({ lines: [aLine('change'), aLine('held'), aLine('held')] }),
    ]);

    expect(sections.map(({ lines }) => lines.length)).toEqual([LINES_MAX - 1, 1]);
    expect(omitted).toBe(2);
  });
});

describe('a report in one sentence', () => {
  const counts = countsOf(worked([aSection({ lines: [aLine('held')] })]), CALLS, 12);
  const report: SweepReport = {
    sweepAtMs: Date.UTC(2026, 3, 9, 5, 5, 30),
    by: 'in-place',
    loadBalancerIds: [LB],
    handedOn: [],
    counts,
    sections: [],
    omitted: 0,
    failed: {},
    remarks: [],
  };

  it('names the sweep by its instant, and says what came of it', () => {
    expect(describeSweep(report)).toBe(
      'sweep of 2026-04-09T05:05:30Z: 1 load balancer, 1 found, 0 corrected, 1 held',
    );
    expect(describeSweep({ ...report, counts: { ...counts, failed: 1 } })).toMatch(/, 1 not compared$/);
  });

  it('of one that was handed on says how many', () => {
    const handedOn = ['lb-a', 'lb-b'];
    expect(describeSweep({ ...report, by: 'fanned-out', handedOn })).toBe(
      'sweep of 2026-04-09T05:05:30Z: 2 load balancers handed on',
    );
  });
});
