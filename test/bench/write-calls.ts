import { type Random, seededRandom } from '../../infra/local/world/random.ts';
import { BACKENDS_PER_CALL } from '../../shared/server-groups/model.ts';
import type { Bench, Line, Measure } from './measure.ts';
import { passUntilHolds, publishWithin, startSilently, stopSilently } from './virtual/fleet.ts';
import { setVirtualStage, type VirtualStage } from './virtual/stage.ts';
import { WriteCounter, type WriteCounts } from './virtual/write-counter.ts';

const LOAD_BALANCER = 'lb-bench';
const GROUPS = 4;
const INSTANCES = 1_000;
const QUICK_INSTANCES = 40;
const ALREADY_SERVING = BACKENDS_PER_CALL;
const FULL_WEIGHT = 100;
const TAGS = { role: 'web' };
const SEED = 20;
const LATENCIES = { slb: 100, ecs: 100, ess: 100, ots: 10, mns: 10, fc: 10, vpc: 10 };
const GATHER_SECONDS = 2;
const RAMP = { percent: 50, everySeconds: 30 };
const DRAIN_SECONDS = 30;
/** The stream gathers its batches for a second, so these events are with the function within the gathering time. */
const AT_ONCE_MS = 1_000;
const SPREAD_MS = 60_000;
/** As much more as events that are not there together may cost. */
const SPREAD_SHARE = 1.05;
const IN_PLACE_MAX_MS = 30 * 60_000;
const SETTLED_MS = 120_000;

interface Scene {
  readonly name: string;
  readonly withinMs: number;
  readonly share: number;
}

const SCENES: ReadonlyArray<Scene> = [
  { name: 'within the gathering time', withinMs: AT_ONCE_MS, share: 1 },
  { name: 'spread over a minute', withinMs: SPREAD_MS, share: SPREAD_SHARE },
];

/** SLB write calls of whole waves of events through the product as deployed, in virtual time. */
export const writeCalls: Measure = {
  name: 'write-calls',
  title: `SLB write calls ÷ the least possible, ${BACKENDS_PER_CALL} backends in each call`,
  instead: 'one call per event, group and step',
  async run(bench) {
    const size = bench.isQuick ? QUICK_INSTANCES : INSTANCES;
    const lines: Array<Line> = [];
    for (const scene of SCENES) lines.push(...(await playScene(bench, scene, size)));
    return {
      conditions: {
        time: 'virtual',
        groups: GROUPS,
        slbBackendQuota: quotaFor(size),
        'limits.backendsPerLoadBalancer': quotaFor(size),
        slbRateLimits: 'on',
        faults: 'none',
        eventOrder: `random, in bursts of random size (seed ${SEED})`,
        gatherSeconds: GATHER_SECONDS,
        rampSteps: `${RAMP.percent} %, 100 %, the first with the Add, since readiness is running`,
        drainSeconds: DRAIN_SECONDS,
      },
      lines,
    };
  },
};

async function playScene(bench: Bench, scene: Scene, size: number): Promise<ReadonlyArray<Line>> {
  const stage = await setVirtualStage({
    configuration: configurationFor(size),
    switches: { slbBackendQuota: quotaFor(size) },
    latencyMs: LATENCIES,
    seed: SEED,
  });
  try {
    const random = seededRandom(SEED);
    const writes = new WriteCounter(stage.clouds);
    const least = GROUPS * Math.ceil(size / BACKENDS_PER_CALL);
    const lineOf = (what: string, steps: number, { sent, refused }: WriteCounts): Line => {
      const naive = steps * size * GROUPS;
      return {
        name: `${what}, ${scene.name}`,
        size,
        figure: sent / (steps * least),
        unit: '×',
        bound: scene.share,
        instead: naive / (steps * least),
        note: `${sent} calls, least ${steps * least}, naive ${naive}; ${refused} refused`,
      };
    };
    await serveAlready(stage, random);
    writes.take();

    bench.say(`${size} join ${GROUPS} groups, their events ${scene.name}`);
    const ids = await startSilently(stage, [{ count: size, tags: TAGS }]);
    await publishWithin(stage, ids, 'Running', scene.withinMs, random);
    await passUntilHolds(stage, IN_PLACE_MAX_MS, () => areServing(stage, size + ALREADY_SERVING));
    const joined = lineOf('join: Add at 50 %, Set to 100 %', 2, writes.take());

    bench.say(`${size} are drained, their events ${scene.name}`);
    await stopSilently(stage, ids);
    await publishWithin(stage, ids, 'Stopped', scene.withinMs, random);
    await passUntilHolds(stage, IN_PLACE_MAX_MS, () => areServing(stage, ALREADY_SERVING));
    return [joined, lineOf('drain: Set to 0, Remove', 2, writes.take())];
  } finally {
    await stage.close();
  }
}

/** Backends that serve before anything is counted: the first of a group skip their ramp, since nobody else serves. */
async function serveAlready(stage: VirtualStage, random: Random): Promise<void> {
  const ids = await startSilently(stage, [{ count: ALREADY_SERVING, tags: TAGS }]);
  await publishWithin(stage, ids, 'Running', AT_ONCE_MS, random);
  await passUntilHolds(stage, IN_PLACE_MAX_MS, () => areServing(stage, ALREADY_SERVING));
  await stage.pass(SETTLED_MS);
}

/** Whether each group has exactly so many backends, all with their full weight. */
function areServing({ clouds, config }: VirtualStage, count: number): boolean {
  return config.bindings.every(({ vServerGroupId }) => {
    const backends = clouds.slb.group(vServerGroupId)?.backends ?? [];
    return backends.length === count && backends.every(({ weight }) => weight === FULL_WEIGHT);
  });
}

function configurationFor(size: number): object {
  return {
    version: 1,
    region: 'cn-hangzhou',
    bindings: Array.from({ length: GROUPS }, (_, group) => ({
      name: `group-${group}`,
      loadBalancer: LOAD_BALANCER,
      vServerGroup: `rsp-bench${group}`,
      selector: { tags: TAGS },
      ports: [{ port: 8_080 + group }],
      join: { weight: 0, ramp: { steps: [RAMP.percent], every: `${RAMP.everySeconds}s` } },
      drain: { time: `${DRAIN_SECONDS}s` },
    })),
    timing: { gather: `${GATHER_SECONDS}s` },
    limits: { backendsPerLoadBalancer: quotaFor(size) },
  };
}

function quotaFor(size: number): number {
  return (size + ALREADY_SERVING) * GROUPS;
}
