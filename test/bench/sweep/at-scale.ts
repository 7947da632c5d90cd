import type { CallRecord } from '../../../infra/local/world/calls.ts';
import { sweepSubject } from '../../../shared/audit/model.ts';
import { reportsIn } from '../../../shared/sweep/recorded.ts';
import type { Bench, Line } from '../measure.ts';
import type { VirtualStage } from '../virtual/stage.ts';
import { isSlbWrite } from '../virtual/write-counter.ts';
import { BACKENDS_PER_GROUP, LATENCIES, loadBalancersFor, setFleet, sightOf } from './fleet.ts';
import { leastReads, readsOf, totalOf } from './reads.ts';

const SIZES = [10, 100, 1_000] as const;
const QUICK_SIZES = [10, 100] as const;
/** At this second of a minute the timer fires. */
const FIRES_AT_MS = 30_000;
/** What has waited for longer is given up by the platform. */
const TASK_AGE_MAX_MS = 240_000;

/** A sweep that fans out over ever more groups, where nothing is to do: its calls and its time. */
export async function measureAtScale(bench: Bench): Promise<ReadonlyArray<Line>> {
  const lines: Array<Line> = [];
  let before: Swept | null = null;
  for (const groups of bench.isQuick ? QUICK_SIZES : SIZES) {
    bench.say(`${groups} groups are swept`);
    const swept = await sweepOf(groups);
    lines.push(...linesOf(swept, before));
    before = swept;
  }
  return lines;
}

interface Swept {
  readonly groups: number;
  readonly calls: ReadonlyArray<CallRecord>;
  readonly starts: number;
  readonly tookMs: number;
}

async function sweepOf(groups: number): Promise<Swept> {
  const stage = await setFleet(groups);
  try {
    const calls: Array<CallRecord> = [];
    stage.clouds.foundation.gate.onRecord((record) => {
      const { sessionName } = record.principal;
      const isOfSweep = /^(?:drift-sweep|reconcile-load-balancer)-/.test(sessionName ?? '');
      if (isOfSweep) calls.push(record);
    });
    const { compareMs } = stage.config.timing;
    const dueAtMs = Math.ceil(stage.clock.nowMs() / compareMs) * compareMs + FIRES_AT_MS;
    await stage.pass(dueAtMs - stage.clock.nowMs() + TASK_AGE_MAX_MS);
    await expectReports(stage, groups, dueAtMs);
    // Every worker's report is its last call, and seen on half of its way.
    const lastMs = Math.max(...calls.map(({ endedAtMs }) => endedAtMs)) + LATENCIES.ots / 2;
    const starts = calls.filter(({ product }) => product === 'fc').length;
    return { groups, calls, starts, tookMs: lastMs - dueAtMs };
  } finally {
    await stage.close();
  }
}

/** What was seen must have been everything, or few calls would be no merit. */
async function expectReports(stage: VirtualStage, groups: number, dueAtMs: number): Promise<void> {
  const loadBalancers = loadBalancersFor(groups);
  const entries = await stage.person().audit.latest(sweepSubject(stage.config.regionId), 2 * loadBalancers);
  const reports = reportsIn(entries).filter(({ sweepAtMs }) => sweepAtMs === dueAtMs);
  const tasks = reports.filter(({ by }) => by === 'task');
  const sum = (of: (counts: (typeof tasks)[number]['counts']) => number) =>
    tasks.reduce((total, { counts }) => total + of(counts), 0);
  const found = sum((counts) => counts.found + counts.failed);
  const seen = sum((counts) => counts.groups);
  if (reports.length === loadBalancers + 1 && seen === groups && found === 0) return;
  throw new Error(`${reports.length} reports on ${seen} of ${groups} groups, ${found} found`);
}

function linesOf({ groups, calls, starts, tookMs }: Swept, before: Swept | null): ReadonlyArray<Line> {
  const reads = readsOf(calls);
  const size = groups * BACKENDS_PER_GROUP;
  const line = { size, bound: null, instead: null, note: '' } as const;
  const perGroup = (swept: Swept) => totalOf(readsOf(swept.calls)) / swept.groups;
  const what = `${groups} groups`;
  const growth: ReadonlyArray<Line> =
    before === null
      ? []
      : [
          {
            ...line,
            name: `${what}: calls per group ÷ those of ${before.groups} groups`,
            figure: perGroup({ groups, calls, starts, tookMs }) / perGroup(before),
            unit: '×',
            bound: 1,
          },
        ];
  return [
    {
      ...line,
      name: `${what}: calls to SLB, ECS and ESS`,
      figure: totalOf(reads),
      unit: 'calls',
      bound: totalOf(leastReads(sightOf(groups))),
    },
    {
      ...line,
      name: `${what}: SLB writes`,
      figure: calls.filter(isSlbWrite).length,
      unit: 'calls',
      bound: 0,
    },
    {
      ...line,
      name: `${what}: tasks started`,
      figure: starts,
      unit: 'calls',
      bound: loadBalancersFor(groups),
      note: 'one for each load balancer',
    },
    {
      ...line,
      name: `${what}: from the timer to the last report`,
      figure: tookMs / 1_000,
      unit: 's',
      bound: TASK_AGE_MAX_MS / 1_000,
      note: 'bound: what waits longer is given up',
    },
    ...growth,
  ];
}
