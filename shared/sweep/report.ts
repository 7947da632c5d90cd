import type { ComparedSection } from '../comparison/model.ts';
import type { LaneOutcome } from '../outcome.ts';
import { instant } from '../times.ts';
import { LINES_MAX, type SweepCalls, type SweepCounts, type SweepReport, type Worked } from './model.ts';

/** Sums up what a worker has seen and done. Pure. */
export function countsOf(
  { sections, lanes, comparison, pairs }: Worked,
  calls: SweepCalls,
  durationMs: number,
): SweepCounts {
  const changes = sections.flatMap(({ laneId, lines }) =>
    lines.filter(({ kind }) => kind === 'change').map(() => laneId),
  );
  const held = sections.flatMap(({ lines }) => lines.filter(({ kind }) => kind === 'held')).length;
  const lines = sections.filter(({ of }) => of === 'binding').map((section) => section.lines.length);
  const sum = (of: ReadonlyArray<number>) => of.reduce((total, each) => total + each, 0);
  return {
    groups: new Set(sections.filter(({ of }) => of === 'binding').map(({ place }) => place)).size,
    pairs: sections.filter(({ of }) => of === 'pair').length,
    backends: sum(sections.map(({ inService }) => inService)) + sum(lines),
    strangers: sum(sections.map(({ strangers }) => strangers)),
    found: changes.length + held,
    corrected: changes.filter((laneId) => isWorked(lanes[laneId])).length,
    held,
    failed: Object.keys(comparison.failed).length + Object.keys(pairs.failed).length,
    calls,
    durationMs,
  };
}

function isWorked(outcome: LaneOutcome | undefined): boolean {
  return outcome?.kind === 'applied' || outcome?.kind === 'handed-over';
}

/** The sections of which there is something to say, with so many lines at most. Pure. */
export function sectionsToKeep(
  sections: ReadonlyArray<ComparedSection>,
): Pick<SweepReport, 'sections' | 'omitted'> {
  const kept: Array<ComparedSection> = [];
  let left = LINES_MAX;
  let omitted = 0;
  for (const section of sections) {
    const { lines, remarks, failure } = section;
    if (lines.length === 0 && remarks.length === 0 && failure === null) continue;
    const some = lines.slice(0, left);
    omitted += lines.length - some.length;
    left -= some.length;
    if (some.length > 0 || remarks.length > 0 || failure !== null) kept.push({ ...section, lines: some });
  }
  return { sections: kept, omitted };
}

/** The report in one sentence. */
export function describeSweep({ by, sweepAtMs, loadBalancerIds, handedOn, counts }: SweepReport): string {
  const what = `sweep of ${instant(sweepAtMs)}`;
  if (by === 'fanned-out') return `${what}: ${loads(handedOn.length)} handed on`;
  const { found, corrected, held, failed } = counts;
  const figures = `${found} found, ${corrected} corrected, ${held} held`;
  const failures = failed === 0 ? '' : `, ${failed} not compared`;
  return `${what}: ${loads(loadBalancerIds.length)}, ${figures}${failures}`;
}

function loads(count: number): string {
  return count === 1 ? '1 load balancer' : `${count} load balancers`;
}
