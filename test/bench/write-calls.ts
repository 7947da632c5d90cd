import { handleInstanceEvents } from '../../functions/instance-events/handler.ts';
import { seededRandom } from '../../infra/local/world/random.ts';
import { chunksOf } from '../../shared/collections.ts';
import type { Binding } from '../../shared/config/binding.ts';
import { resolveTiming, type Timing } from '../../shared/config/timing.ts';
import { BACKENDS_PER_CALL } from '../../shared/server-groups/model.ts';
import { aBinding } from '../support/builders.ts';
import { type Stage, setStage, until } from '../support/stage.ts';
import { EVENTS_PER_BATCH, shuffled, stateEvents, statePayload } from './events.ts';
import type { Bench, Measure, Row } from './measure.ts';
import { serveNaive } from './naive/serve.ts';

/** More than this many backends are spread over several load balancers, as no load balancer takes more in earnest. */
const BACKENDS_PER_GROUP = 1_000;
/** The naive loop is run up to this size; it makes one call per event, so more can be reckoned. */
const NAIVE_RUN_MAX = 100;
const IN_PLACE_MAX_MS = 120_000;
/** Events of one wave arrive within the gathering time, here as long as the largest wave may take. */
const TIMING: Timing = { ...resolveTiming(undefined), gatherMs: 20_000 };
const SEED = 20;

/** SLB write calls of whole waves of events through the function's handler, on the local clouds. */
export const writeCalls: Measure = {
  name: 'write-calls',
  title: 'SLB write calls, least possible = 20 backends in each call',
  naive: 'one call per event and step',
  async run(bench) {
    const rows: Array<Row> = [];
    const naive = await runNaive(bench, Math.min(NAIVE_RUN_MAX, ...bench.sizes));
    for (const size of bench.sizes) rows.push(...(await measureSize(bench, size, naive)));
    return {
      conditions: {
        slbBackendQuota: BACKENDS_PER_GROUP,
        slbRateLimits: 'off',
        slbGroupProcessingMs: 0,
        backendsPerGroupMax: BACKENDS_PER_GROUP,
        eventsPerBatch: EVENTS_PER_BATCH,
        eventOrder: `random, seed ${SEED}`,
        gatherMs: TIMING.gatherMs,
        drainTimeMs: 0,
      },
      rows,
    };
  },
};

interface NaiveCalls {
  readonly events: number;
  readonly join: number;
  readonly drain: number;
}

async function measureSize(bench: Bench, size: number, naive: NaiveCalls): Promise<ReadonlyArray<Row>> {
  const bindings = bindingsFor(size);
  const perGroup = spread(size, bindings.length);
  const stage = await setStageFor(bindings);
  try {
    bench.say(`${size} instances start`);
    const ids: Array<string> = [];
    for (const [lane, count] of perGroup.entries()) ids.push(...(await startInstances(stage, count, lane)));
    const events = shuffled(ids, seededRandom(SEED));
    const inEach = (wanted: number | null) => () =>
      bindings.every(({ vServerGroupId }, lane) => {
        const backends = stage.group(vServerGroupId);
        return backends.length === (wanted ?? perGroup[lane]) && backends.every((it) => it.endsWith('=100'));
      });

    bench.say(`${size} join ${bindings.length} group(s)`);
    const joined = await wave(stage, events, 'Running', inEach(null));
    bench.say(`${size} are drained`);
    await stopInstances(stage, ids);
    const drained = await wave(stage, events, 'Stopped', inEach(0));
    const least = perGroup.reduce((sum, count) => sum + Math.ceil(count / BACKENDS_PER_CALL), 0);
    return [
      rowOf('join: Add', size, joined, least, naive.join / naive.events, naive.events),
      rowOf('drain: Set to 0, Remove', size, drained, 2 * least, naive.drain / naive.events, naive.events),
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

function rowOf(
  what: string,
  size: number,
  { writes, refusals, seconds }: Wave,
  least: number,
  naivePerEvent: number,
  naiveEvents: number,
): Row {
  const reckoned = size > naiveEvents ? '; naive: reckoned' : '; naive: counted';
  const ratio = (writes / least).toFixed(2);
  return {
    what,
    size,
    measured: writes,
    unit: 'calls',
    bound: least,
    naive: Math.round(size * naivePerEvent),
    note: `×${ratio} of the least, ${refusals} refused, in place after ${seconds.toFixed(1)} s${reckoned}`,
  };
}

async function runNaive(bench: Bench, events: number): Promise<NaiveCalls> {
  bench.say(`the naive function takes ${events} events, twice`);
  const stage = await setStageFor(bindingsFor(events));
  const naive = await serveNaive(bench, stage);
  try {
    const ids = await startInstances(stage, events, 0);
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
  const switches = { slbBackendQuota: BACKENDS_PER_GROUP, slbRateLimits: 'off' as const };
  return setStage({ bindings, timing: TIMING, clouds: { switches } });
}

function bindingsFor(backends: number): ReadonlyArray<Binding> {
  return Array.from({ length: Math.ceil(backends / BACKENDS_PER_GROUP) }, (_, lane) =>
    aBinding({
      name: `lane-${lane}`,
      loadBalancerId: `lb-bench${lane}`,
      vServerGroupId: `rsp-bench${lane}`,
      selector: { kind: 'tags', tags: { lane: String(lane) } },
      drainTimeMs: 0,
    }),
  );
}

/** The backends over the groups, as evenly as can be. */
function spread(backends: number, groups: number): ReadonlyArray<number> {
  return Array.from({ length: groups }, (_, lane) => Math.ceil((backends - lane) / groups));
}

async function startInstances(stage: Stage, count: number, lane: number): Promise<ReadonlyArray<string>> {
  const ids: Array<string> = [];
  while (ids.length < count) {
    ids.push(...(await stage.running(Math.min(100, count - ids.length), { lane: String(lane) })));
  }
  return ids;
}

async function stopInstances({ clouds }: Stage, ids: ReadonlyArray<string>): Promise<void> {
  for (const instanceId of ids) clouds.ecs.stopInstance({ instanceId, forceStop: true });
  await until(() => ids.every((id) => clouds.ecs.find(id)?.status === 'Stopped'), IN_PLACE_MAX_MS);
}
