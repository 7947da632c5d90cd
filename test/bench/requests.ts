import { seededRandom } from '../../infra/local/world/random.ts';
import { QUEUES } from '../../shared/adapters/mns/queues.ts';
import { BACKENDS_PER_CALL } from '../../shared/server-groups/model.ts';
import type { Bench, Line, Measure } from './measure.ts';
import { configurationFor, type Load, requestsFor, tagsOf, WEIGHT } from './requests-load.ts';
import { answerForReal } from './requests-speed.ts';
import { passUntilHolds, publishWithin, startSilently } from './virtual/fleet.ts';
import { setVirtualStage, type VirtualStage } from './virtual/stage.ts';
import { isSlbWrite } from './virtual/write-counter.ts';

const LOADS: ReadonlyArray<Load> = [
  { bindings: 1, each: 100 },
  { bindings: 10, each: 10 },
];
const QUICK_LOADS: ReadonlyArray<Load> = [{ bindings: 1, each: 10 }];
const LATENCIES = { slb: 100, ecs: 100, ess: 100, ots: 10, mns: 10, fc: 10, vpc: 10 };
const SEED = 7;
const IN_PLACE_MAX_MS = 10 * 60_000;
const SETTLED_MS = 120_000;

/**
 * Table calls that the requests about one binding may take when they come in one batch. Taking them in is 3 (read, put and list
 * them, count). The first visit to their lane is 15: look, take, list, rows; ids written and read; one look at the backends for
 * all; begun; inbox and count of the load balancer's lane; in progress, inbox, backends, what they wait for; give up. The load
 * balancer's lane takes them up with 7 (look, take, inbox, backends, rows with audit, inbox emptied, give up), and theirs looks
 * twice before anything is written, with 8 each. 14 more are one visit to each lane that comes to nothing, since a wake-up, or the
 * tick, may be ahead of what it is for.
 */
const PER_BINDING = 3 + 15 + 7 + 2 * 8 + 14;
/**
 * Every write to SLB is a round for both lanes, since a group takes none while the last one settles. The load balancer's: look,
 * take, inbox, backends, budget, rows with audit, give up. The requests': look, take, list, rows, inbox, backends, results with
 * audit, list read and shortened, give up; and one where rows do not fit into one call.
 */
const PER_WRITE = 7 + 10 + 1;
/** A result names its calls: the audit is read once for each backend. */
const PER_BACKEND = 1;

/** What requests cost from their queue to their results: calls in virtual time, and time on the local clouds. */
export const requests: Measure = {
  name: 'requests',
  title: 'Change requests from the queue to their results',
  instead: 'each message claims and completes a record and makes one SLB call of its own',
  async run(bench) {
    const loads = bench.isQuick ? QUICK_LOADS : LOADS;
    const lines: Array<Line> = [];
    for (const load of loads) lines.push(...(await countCalls(bench, load)), await takeTime(bench, load));
    return {
      conditions: { calls: 'virtual time', times: 'local clouds', signatures: 'required', faults: 'none' },
      lines,
    };
  },
};

async function countCalls(bench: Bench, load: Load): Promise<ReadonlyArray<Line>> {
  const size = load.bindings * load.each;
  bench.say(`calls of ${size} requests about ${describe(load)}`);
  const stage = await setVirtualStage({
    configuration: configurationFor(load),
    latencyMs: LATENCIES,
    seed: SEED,
  });
  try {
    const ids = await join(stage, load);
    const counts = { tables: 0, writes: 0, reads: 0, audit: 0 };
    stage.clouds.foundation.gate.onRecord((record) => {
      const { product, principal, subject } = record;
      if (principal.kind !== 'role-session') return;
      if (product === 'ots') counts.tables++;
      else if (isSlbWrite(record)) counts.writes++;
      else if (product === 'slb' || product === 'ecs') counts.reads++;
      if (subject?.endsWith('/audit')) counts.audit++;
    });
    for (const request of requestsFor(load, ids)) {
      const body = Buffer.from(JSON.stringify(request)).toString('base64');
      stage.clouds.mns.sendMessage(QUEUES.changeRequests, { body });
    }
    await passUntilHolds(stage, IN_PLACE_MAX_MS, () => resultsIn(stage) >= size);
    const leastWrites = load.bindings * Math.ceil(load.each / BACKENDS_PER_CALL);
    const where = describe(load);
    const per = (counts.tables / size).toFixed(2);
    return [
      {
        name: `table calls, ${where}`,
        size,
        figure: counts.tables,
        unit: 'calls',
        bound: PER_BINDING * load.bindings + PER_WRITE * leastWrites + PER_BACKEND * size,
        instead: 2 * size,
        note: `${per} per request; bound: ${PER_BINDING} per binding, ${PER_WRITE} per write, ${PER_BACKEND} per backend`,
      },
      {
        name: `SLB writes, ${where}`,
        size,
        figure: counts.writes,
        unit: 'calls',
        bound: leastWrites,
        instead: size,
        note: `${BACKENDS_PER_CALL} backends in each; ${counts.reads} reads of SLB and ECS`,
      },
    ];
  } finally {
    await stage.close();
  }
}

/** On real clocks: what SLB makes one wait for between two writes to a group is in it. */
async function takeTime(bench: Bench, load: Load): Promise<Line> {
  const size = load.bindings * load.each;
  const where = describe(load);
  bench.say(`time of ${size} requests about ${where}, on local clouds`);
  const { firstSeconds, lastSeconds } = await answerForReal(load);
  return {
    name: `until the last result, ${where}`,
    size,
    figure: lastSeconds,
    unit: 's',
    bound: null,
    instead: null,
    note: `${(size / lastSeconds).toFixed(1)} requests per second; the first after ${firstSeconds.toFixed(1)} s`,
  };
}

/** Starts the instances and lets them serve. */
async function join(stage: VirtualStage, load: Load): Promise<ReadonlyArray<string>> {
  const demands = Array.from({ length: load.bindings }, (_, index) => ({
    count: load.each,
    tags: tagsOf(index),
  }));
  const ids = await startSilently(stage, demands);
  await publishWithin(stage, ids, 'Running', 1_000, seededRandom(SEED));
  await passUntilHolds(stage, IN_PLACE_MAX_MS, () => {
    const backends = stage.clouds.slb.groups().flatMap((group) => group.backends);
    return backends.filter(({ weight }) => weight === WEIGHT).length === ids.length;
  });
  await stage.pass(SETTLED_MS);
  return ids;
}

function resultsIn({ clouds }: VirtualStage): number {
  const { queues } = clouds.mns.listQueues({ prefix: QUEUES.results, marker: '', limit: 1 });
  return queues[0]?.activeMessages ?? 0;
}

function describe({ bindings, each }: Load): string {
  return bindings === 1 ? 'one binding' : `${bindings} bindings with ${each} each`;
}
