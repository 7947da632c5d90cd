import { type Random, seededRandom } from '../../infra/local/world/random.ts';
import { DEFAULT_API_BUDGET } from '../../shared/api-budget/model.ts';
import { shareOf } from '../../shared/api-budget/plan.ts';
import { BACKENDS_PER_CALL } from '../../shared/server-groups/model.ts';
import { shuffled } from './events.ts';
import type { Bench, Line, Measure } from './measure.ts';
import { percentile } from './statistics.ts';
import { DrainClock, type DrainTimes } from './virtual/drain-clock.ts';
import { type Demand, passUntilHolds, publishWithin, startSilently } from './virtual/fleet.ts';
import { setVirtualStage, type VirtualStage } from './virtual/stage.ts';
import { WriteCounter, type WriteCounts } from './virtual/write-counter.ts';

interface Size {
  readonly instances: number;
  readonly groups: number;
  readonly loadBalancers: number;
  readonly drains: number;
}

const FULL: Size = { instances: 10_000, groups: 40, loadBalancers: 10, drains: 200 };
const QUICK: Size = { instances: 800, groups: 4, loadBalancers: 2, drains: 8 };
const IDLE_DRAINS = 40;
const LATENCIES = { slb: 100, ecs: 100, ess: 100, ots: 10, mns: 10, fc: 10, vpc: 10 };
const SEED = 8;
/** All instances are started in one go, and their events come as fast as that takes. */
const ARRIVE_WITHIN_MS = 10_000;
const DRAIN_SECONDS = 30;
const GROUP_PROCESSING_MS = 1_000;
const SETTLED_MS = 120_000;
const BETWEEN_IDLE_DRAINS_MS = 7_300;
const LIMIT_MS = 30 * 60_000;
const TIME_BOUND = 1.1;
const THROTTLED_BOUND = 0.01;
const MINUTE_MS = 60_000;

/** A storm of joins that the account's write limit makes last for minutes, with drains in its midst; virtual time. */
export const storm: Measure = {
  name: 'storm',
  title: 'A storm of joins under the shared write limit, and drains in its midst',
  instead: 'one call per event',
  async run(bench) {
    const size = bench.isQuick ? QUICK : FULL;
    const perLoadBalancer = quotaFor(size);
    return {
      conditions: {
        time: 'virtual',
        groups: size.groups,
        loadBalancers: size.loadBalancers,
        slbBackendQuota: perLoadBalancer,
        'limits.backendsPerLoadBalancer': perLoadBalancer,
        slbRateLimits: 'on',
        faults: 'none',
        latencyMs: `slb ${LATENCIES.slb}, ots ${LATENCIES.ots}`,
        drainSeconds: DRAIN_SECONDS,
      },
      lines: await play(bench, size),
    };
  },
};

async function play(bench: Bench, size: Size): Promise<ReadonlyArray<Line>> {
  const drains = new DrainClock();
  const stage = await setVirtualStage({
    configuration: configurationFor(size),
    switches: { slbBackendQuota: quotaFor(size), slbGroupProcessingMs: GROUP_PROCESSING_MS },
    latencyMs: LATENCIES,
    seed: SEED,
    onDelivery: (_codeName, events) => drains.delivered(events),
  });
  try {
    drains.watch(stage);
    const random = seededRandom(SEED);
    const writes = new WriteCounter(stage.clouds);
    const perGroup = Math.ceil((size.drains + IDLE_DRAINS) / size.groups) + 1;
    bench.say(`${perGroup} instances in each of ${size.groups} groups serve`);
    const serving = await serve(stage, size, perGroup, random);
    await stage.pass(SETTLED_MS);

    const [idle, inStorm] = [
      serving.slice(0, IDLE_DRAINS),
      serving.slice(IDLE_DRAINS, IDLE_DRAINS + size.drains),
    ];
    bench.say(`${idle.length} are drained while nothing else happens`);
    for (const instanceId of idle) {
      stage.clouds.ecs.stopInstance({ instanceId });
      await stage.pass(BETWEEN_IDLE_DRAINS_MS);
    }
    await stage.pass(SETTLED_MS);
    const idleMs = drains.take();

    bench.say(`${size.instances} instances join`);
    const joining = await startSilently(stage, demands(size, size.instances / size.groups));
    writes.take();
    const fromMs = stage.clock.nowMs();
    const wanted = perGroup * size.groups - idle.length - inStorm.length + size.instances;
    const leastMs = (size.instances / BACKENDS_PER_CALL / shareOf(DEFAULT_API_BUDGET)) * MINUTE_MS;
    for (const instanceId of inStorm) {
      const atMs = fromMs + ARRIVE_WITHIN_MS + random() * Math.max(0, leastMs - 3 * ARRIVE_WITHIN_MS);
      stage.clock.at(atMs, () => stage.clouds.ecs.stopInstance({ instanceId }));
    }
    await publishWithin(stage, joining, 'Running', ARRIVE_WITHIN_MS, random);
    await passUntilHolds(stage, LIMIT_MS, () => servingOf(stage) >= wanted);
    await stage.pass((DRAIN_SECONDS + 1) * 1_000);
    return linesOf(size, fromMs, writes.take(), idleMs, drains.take());
  } finally {
    await stage.close();
  }
}

function linesOf(
  size: Size,
  fromMs: number,
  counts: WriteCounts,
  { tookMs: idleMs }: DrainTimes,
  { tookMs: stormMs, ahead }: DrainTimes,
): ReadonlyArray<Line> {
  const [slowest, calls] = slowestApi(counts);
  const tookMs = (counts.lastOfApiAtMs[slowest] ?? 0) - fromMs;
  const leastMs = (calls / shareOf(DEFAULT_API_BUDGET)) * MINUTE_MS;
  const byApi = Object.entries(counts.byApi).map(([api, count]) => `${api} ${count}`);
  const idleP99Ms = percentile(idleMs, 99);
  const allowedMs = idleP99Ms + LATENCIES.slb + GROUP_PROCESSING_MS;
  const least = Math.ceil(size.instances / size.groups / BACKENDS_PER_CALL) * size.groups;
  const line = { size: size.instances, bound: null, instead: null, note: '' } as const;
  return [
    {
      ...line,
      name: `time ÷ (calls of ${slowest} ÷ (limit − reserve))`,
      figure: tookMs / leastMs,
      unit: '×',
      bound: TIME_BOUND,
      note: `${seconds(tookMs)} s, least ${seconds(leastMs)} s`,
    },
    {
      ...line,
      name: 'throttled calls',
      figure: counts.throttled,
      unit: 'calls',
      bound: Math.floor(counts.sent * THROTTLED_BOUND),
      note: `of ${counts.sent}: ${byApi.join(', ')}; refused for other reasons: ${counts.refused - counts.throttled}`,
    },
    {
      ...line,
      name: 'Add calls ÷ the least possible',
      figure: (counts.byApi.AddVServerGroupBackendServers ?? 0) / least,
      unit: '×',
      instead: size.instances / least,
    },
    {
      ...line,
      name: 'drain in the storm: from delivery to weight 0, p99',
      size: stormMs.length,
      figure: percentile(stormMs, 99) / 1_000,
      unit: 's',
      bound: allowedMs / 1_000,
      note: `median ${seconds(percentile(stormMs, 50))} s, slowest ${seconds(percentile(stormMs, 100))} s; bound: idle + one call + the group's processing second; ${ahead} more were at weight 0 before their event came`,
    },
    {
      ...line,
      name: 'drain on the idle system: from delivery to weight 0, p99',
      size: idleMs.length,
      figure: idleP99Ms / 1_000,
      unit: 's',
      note: `median ${seconds(percentile(idleMs, 50))} s`,
    },
  ];
}

function slowestApi({ byApi }: WriteCounts): readonly [string, number] {
  const [slowest] = Object.entries(byApi).sort(([, a], [, b]) => b - a);
  if (slowest === undefined) throw new Error('nothing was written');
  return slowest;
}

async function serve(
  stage: VirtualStage,
  size: Size,
  perGroup: number,
  random: Random,
): Promise<ReadonlyArray<string>> {
  const ids = await startSilently(stage, demands(size, perGroup));
  await publishWithin(stage, ids, 'Running', ARRIVE_WITHIN_MS, random);
  await passUntilHolds(stage, LIMIT_MS, () => servingOf(stage) === ids.length);
  return shuffled(ids, random);
}

function servingOf({ clouds, config }: VirtualStage): number {
  let serving = 0;
  for (const { vServerGroupId } of config.bindings) {
    for (const { weight } of clouds.slb.group(vServerGroupId)?.backends ?? []) if (weight > 0) serving++;
  }
  return serving;
}

function demands({ groups }: Size, perGroup: number): ReadonlyArray<Demand> {
  return Array.from({ length: groups }, (_, group) => ({ count: perGroup, tags: tagsOf(group) }));
}

function tagsOf(group: number): Readonly<Record<string, string>> {
  return { group: String(group) };
}

function configurationFor(size: Size): object {
  return {
    version: 1,
    region: 'cn-hangzhou',
    bindings: Array.from({ length: size.groups }, (_, group) => ({
      name: `group-${group}`,
      loadBalancer: `lb-bench${group % size.loadBalancers}`,
      vServerGroup: `rsp-bench${group}`,
      selector: { tags: tagsOf(group) },
      ports: [{ port: 8_080 }],
      drain: { time: `${DRAIN_SECONDS}s` },
    })),
    limits: { backendsPerLoadBalancer: quotaFor(size) },
  };
}

function quotaFor({ instances, loadBalancers }: Size): number {
  return (2 * instances) / loadBalancers;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
