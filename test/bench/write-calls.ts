import { handleInstanceEvents } from '../../functions/instance-events/handler.ts';
import { seededRandom } from '../../infra/local/world/random.ts';
import { chunksOf } from '../../shared/collections.ts';
import type { Binding } from '../../shared/config/binding.ts';
import { resolveTiming, type Timing } from '../../shared/config/timing.ts';
import { BACKENDS_PER_CALL } from '../../shared/server-groups/model.ts';
import { aBinding } from '../support/builders.ts';
import { type Stage, setStage, until } from '../support/stage.ts';
import { EVENTS_PER_BATCH, shuffled, stateEvents, statePayload } from './events.ts';
import type { Bench, Line, Measure } from './measure.ts';
import { serveNaive } from './naive/serve.ts';

const SIZES = [100, 1_000];
const QUICK_SIZES = [20];
/** More backends than this are spread over several groups: a group takes one write a second, and the reader waits. */
const BACKENDS_PER_GROUP = 100;
const GROUPS_PER_LOAD_BALANCER = 10;
/** The naive loop is run up to this size; it makes one call per event, so more can be reckoned. */
const NAIVE_RUN_MAX = 100;
const IN_PLACE_MAX_MS = 120_000;
/** The events of a load balancer shall arrive within the gathering time, on a slow computer too. */
const TIMING: Timing = { ...resolveTiming(undefined), gatherMs: 60_000 };
const SEED = 20;

/** SLB write calls of whole waves of events through the function's handler, on the local clouds. */
export const writeCalls: Measure = {
  name: 'write-calls',
  title: 'SLB write calls, least possible = 20 backends in each call',
  instead: 'one call per event and step',
  async run(bench) {
    const lines: Array<Line> = [];
    const sizes = bench.isQuick ? QUICK_SIZES : SIZES;
    const naive = await runNaive(bench, Math.min(NAIVE_RUN_MAX, ...sizes));
    for (const size of sizes) lines.push(...(await measureSize(bench, size, naive)));
    return {
      conditions: {
        slbBackendQuota: BACKENDS_PER_GROUP * GROUPS_PER_LOAD_BALANCER,
        slbRateLimits: 'off',
        slbGroupProcessingMs: 0,
        backendsPerGroup: BACKENDS_PER_GROUP,
        groupsPerLoadBalancer: GROUPS_PER_LOAD_BALANCER,
        eventsPerBatch: EVENTS_PER_BATCH,
        eventOrder: `random within a load balancer (seed ${SEED})`,
        gatherMs: TIMING.gatherMs,
        drainTimeMs: 0,
      },
      lines,
    };
  },
};

interface NaiveCalls {
  readonly events: number;
  readonly join: number;
  readonly drain: number;
}

async function measureSize(bench: Bench, size: number, naive: NaiveCalls): Promise<ReadonlyArray<Line>> {
  const bindings = bindingsFor(size);
  const stage = await setStageFor(bindings);
  try {
    bench.say(`${size} instances start`);
    const idsOfGroups: Array<ReadonlyArray<string>> = [];
    for (const [group, binding] of bindings.entries()) {
      idsOfGroups.push(await startInstances(stage, binding, spread(size, bindings.length)[group] ?? 0));
    }
    const random = seededRandom(SEED);
    const ids = chunksOf(idsOfGroups, GROUPS_PER_LOAD_BALANCER).flatMap((some) =>
      shuffled(some.flat(), random),
    );

    bench.say(`${size} join ${bindings.length} group(s)`);
    const joined = await wave(stage, ids, 'Running', () =>
      bindings.every(({ vServerGroupId }, group) => {
        const backends = stage.group(vServerGroupId);
        return backends.length === idsOfGroups[group]?.length && backends.every((it) => it.endsWith('=100'));
      }),
    );
    bench.say(`${size} are drained`);
    await stopInstances(stage, ids);
    const drained = await wave(stage, ids, 'Stopped', () =>
      bindings.every(({ vServerGroupId }) => stage.group(vServerGroupId).length === 0),
    );
    const least = idsOfGroups.reduce((sum, some) => sum + Math.ceil(some.length / BACKENDS_PER_CALL), 0);
    return [
      lineOf('join: Add', size, joined, least, naive.join / naive.events, naive.events),
      lineOf('drain: Set to 0, Remove', size, drained, 2 * least, naive.drain / naive.events, naive.events),
    ];
  } finally {
    await stage.close();
  }
}

interface Wave {
  readonly writes: number;
  readonly refusals: number;
  readonly seconds: number;
}

/** Delivers an event for each instance in batches, then ticks until the groups are as they should be. */
async function wave(
  stage: Stage,
  ids: ReadonlyArray<string>,
  state: string,
  isInPlace: () => boolean,
): Promise<Wave> {
  const { records } = stage.clouds.foundation.gate;
  const slbRefusals = () => records.filter(({ product, errorCode }) => product === 'slb' && errorCode).length;
  const before = { writes: stage.slbWrites().length, refusals: slbRefusals(), atMs: performance.now() };
  const worker = stage.worker();
  for (const batch of chunksOf(ids, EVENTS_PER_BATCH)) {
    await handleInstanceEvents(worker, stateEvents(batch, state));
  }
  await stage.tickUntil(worker, isInPlace, IN_PLACE_MAX_MS);
  return {
    writes: stage.slbWrites().length - before.writes,
    refusals: slbRefusals() - before.refusals,
    seconds: (performance.now() - before.atMs) / 1_000,
  };
}

function lineOf(
  name: string,
  size: number,
  { writes, refusals, seconds }: Wave,
  least: number,
  naivePerEvent: number,
  naiveEvents: number,
): Line {
  const reckoned = size > naiveEvents ? '; naive: reckoned' : '; naive: counted';
  const ratio = (writes / least).toFixed(2);
  return {
    name,
    size,
    figure: writes,
    unit: 'calls',
    bound: least,
    instead: Math.round(size * naivePerEvent),
    note: `×${ratio} of the least, ${refusals} refused, in place after ${seconds.toFixed(1)} s${reckoned}`,
  };
}

async function runNaive(bench: Bench, events: number): Promise<NaiveCalls> {
  bench.say(`the naive function takes ${events} events, twice`);
  const stage = await setStageFor(bindingsFor(events));
  const naive = await serveNaive(bench, stage);
  try {
    const [binding] = stage.bindings;
    const ids = binding === undefined ? [] : await startInstances(stage, binding, events);
    await naive.handle(statePayload(ids, 'Running'));
    const join = stage.slbWrites().length;
    await stopInstances(stage, ids);
    await naive.handle(statePayload(ids, 'Stopped'));
    return { events, join, drain: stage.slbWrites().length - join };
  } finally {
    await naive.end();
    await stage.close();
  }
}

function setStageFor(bindings: ReadonlyArray<Binding>): Promise<Stage> {
  const slbBackendQuota = BACKENDS_PER_GROUP * GROUPS_PER_LOAD_BALANCER;
  const switches = { slbBackendQuota, slbRateLimits: 'off' as const };
  return setStage({ bindings, timing: TIMING, clouds: { switches } });
}

function bindingsFor(backends: number): ReadonlyArray<Binding> {
  return Array.from({ length: Math.ceil(backends / BACKENDS_PER_GROUP) }, (_, group) =>
    aBinding({
      name: `group-${group}`,
      loadBalancerId: `lb-bench${Math.floor(group / GROUPS_PER_LOAD_BALANCER)}`,
      vServerGroupId: `rsp-bench${group}`,
      selector: { kind: 'tags', tags: { group: String(group) } },
      drain: { timeMs: 0 },
    }),
  );
}

/** The backends over the groups, as evenly as can be. */
function spread(backends: number, groups: number): ReadonlyArray<number> {
  return Array.from({ length: groups }, (_, group) => Math.ceil((backends - group) / groups));
}

async function startInstances(
  stage: Stage,
  { selector }: Binding,
  count: number,
): Promise<ReadonlyArray<string>> {
  return await stage.running(count, selector.kind === 'tags' ? selector.tags : {});
}

async function stopInstances({ clouds }: Stage, ids: ReadonlyArray<string>): Promise<void> {
  for (const instanceId of ids) clouds.ecs.stopInstance({ instanceId, forceStop: true });
  await until(() => ids.every((id) => clouds.ecs.find(id)?.status === 'Stopped'), IN_PLACE_MAX_MS);
}
