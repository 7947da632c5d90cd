import { handleDriftSweep } from '../../functions/drift-sweep/handler.ts';
import { handleInstanceEvents } from '../../functions/instance-events/handler.ts';
import { handleTick } from '../../functions/tick/handler.ts';
import { seededRandom } from '../../infra/local/world/random.ts';
import { acceptBatch } from '../../shared/acceptance/apply.ts';
import type { Production } from '../../shared/adapters/production.ts';
import { TABLES } from '../../shared/adapters/tablestore/tables.ts';
import { EVENTS_PER_BATCH, stateEvents } from './events.ts';
import type { Bench, Line, Measure, Unit } from './measure.ts';
import { type Counted, counted } from './virtual/counted.ts';
import { passUntilHolds, publishWithin, startSilently } from './virtual/fleet.ts';
import type { RowCounts } from './virtual/row-counter.ts';
import { setVirtualStage, type VirtualStage } from './virtual/stage.ts';
import { isSlbWrite } from './virtual/write-counter.ts';

const LOAD_BALANCER = 'lb-bench';
const GROUPS = 4;
const GROUP_NUMBERS = Array.from({ length: GROUPS }, (_, group) => group);
const INSTANCES = 800;
const QUICK_INSTANCES = 2 * EVENTS_PER_BATCH;
const LATENCY_MS = 20;
const SEED = 12;
const FULL_WEIGHT = 100;
const ARRIVE_WITHIN_MS = 1_000;
const LIMIT_MS = 30 * 60_000;
/** Long enough that everything the joins have left to be looked at again is over. */
const SETTLED_MS = 10 * 60_000;
const ACCEPT_BOUND = 6;

/** What the product costs where there is nothing to do: calls and rows of a healthy fleet, in virtual time. */
export const cleanPass: Measure = {
  name: 'clean-pass',
  title: 'What nothing to do costs',
  instead: 'there is no such thing',
  async run(bench) {
    const size = bench.isQuick ? QUICK_INSTANCES : INSTANCES;
    return {
      conditions: {
        time: 'virtual',
        instances: size,
        groups: GROUPS,
        slbBackendQuota: size,
        'limits.backendsPerLoadBalancer': size,
        faults: 'none',
      },
      lines: await measure(bench, size),
    };
  },
};

async function measure(bench: Bench, size: number): Promise<ReadonlyArray<Line>> {
  const stage = await setVirtualStage({
    configuration: configurationFor(size),
    switches: { slbBackendQuota: size },
    latencyMs: LATENCY_MS,
    seed: SEED,
  });
  try {
    bench.say(`${size} instances join ${GROUPS} groups`);
    const demands = GROUP_NUMBERS.map((group) => ({ count: size / GROUPS, tags: tagsOf(group) }));
    const ids = await startSilently(stage, demands);
    await publishWithin(stage, ids, 'Running', ARRIVE_WITHIN_MS, seededRandom(SEED));
    await passUntilHolds(stage, LIMIT_MS, () => areServing(stage, size));
    await stage.pass(SETTLED_MS);
    bench.say('the fleet is healthy, and is looked at');
    const { compareMs } = stage.config.timing;
    const triggeredAtMs = Math.ceil(stage.clock.nowMs() / compareMs) * compareMs;
    const countsFor = async (run: (worker: Production) => Promise<unknown>) =>
      countsOf(await counted(stage, run));
    const compared = await countsFor(async (worker) => {
      const { sweep } = await handleDriftSweep(worker, [{ kind: 'tick', triggeredAtMs }]);
      if (sweep?.kind !== 'in-place' || sweep.comparison.compared.length !== 1)
        throw new Error('nothing was compared');
    });
    const woken = await countsFor(async (worker) => {
      const dueAtMs = stage.clock.nowMs();
      await handleTick(worker, [{ kind: 'wake-up', laneId: LOAD_BALANCER, dueAtMs }]);
    });
    const events = stateEvents(ids.slice(0, EVENTS_PER_BATCH), 'Running');
    const accepted = await countsFor((worker) => acceptBatch(worker, events));
    const worked = await countsFor((worker) => handleTick(worker, [{ kind: 'tick' }]));
    const repeated = await countsFor((worker) => handleInstanceEvents(worker, events));
    const repeats = 'batch of finished duplicates';
    const batch = EVENTS_PER_BATCH;
    return [
      ...cleanLines('sweep over a healthy fleet', size, compared),
      ...cleanLines('wake-up that is not due', size, woken),
      lineOf(
        'events that say what is so: to acknowledgement',
        batch,
        accepted.tableCalls,
        'calls',
        ACCEPT_BOUND,
      ),
      lineOf('events that say what is so: SLB writes', batch, worked.slbWrites, 'calls', 0),
      lineOf(`${repeats}: table calls`, batch, repeated.tableCalls, 'calls', 1),
      lineOf(`${repeats}: SLB calls, reads too`, batch, repeated.slbCalls, 'calls', 0),
    ];
  } finally {
    await stage.close();
  }
}

interface Counts {
  readonly slbCalls: number;
  readonly slbWrites: number;
  readonly tableCalls: number;
  readonly rows: RowCounts;
}

function countsOf({ calls, rows }: Counted): Counts {
  const slb = calls.filter(({ product }) => product === 'slb');
  return {
    slbCalls: slb.length,
    slbWrites: slb.filter(isSlbWrite).length,
    tableCalls: calls.filter(({ product }) => product === 'ots').length,
    rows,
  };
}

function cleanLines(what: string, size: number, { slbWrites, slbCalls, rows }: Counts): ReadonlyArray<Line> {
  const reads = `${slbCalls - slbWrites} SLB reads`;
  return [
    { ...lineOf(`${what}: SLB writes`, size, slbWrites, 'calls', 0), note: reads },
    ...[TABLES.lanes.name, TABLES.backends.name].map((table) =>
      lineOf(`${what}: rows written in ${table}`, size, rows.get(table) ?? 0, 'rows', 0),
    ),
  ];
}

function lineOf(name: string, size: number, figure: number, unit: Unit, bound: number): Line {
  return { name, size, figure, unit, bound, instead: null, note: '' };
}

function areServing({ clouds, config }: VirtualStage, size: number): boolean {
  return config.bindings.every(({ vServerGroupId }) => {
    const backends = clouds.slb.group(vServerGroupId)?.backends ?? [];
    return backends.length === size / GROUPS && backends.every(({ weight }) => weight === FULL_WEIGHT);
  });
}

function tagsOf(group: number): Readonly<Record<string, string>> {
  return { group: String(group) };
}

function configurationFor(size: number): object {
  return {
    version: 1,
    region: 'cn-hangzhou',
    bindings: GROUP_NUMBERS.map((group) => ({
      name: `group-${group}`,
      loadBalancer: LOAD_BALANCER,
      vServerGroup: `rsp-bench${group}`,
      selector: { tags: tagsOf(group) },
      ports: [{ port: 8_080 }],
    })),
    limits: { backendsPerLoadBalancer: size },
  };
}
