import type { Bench, Line, Measure } from './measure.ts';
import { sequentialCalls } from './virtual/call-chain.ts';
import { PAIR_PORT, type PairStage, setPairStage } from './virtual/pair-stage.ts';
import type { TravelledCall } from './virtual/stage.ts';

const MINUTE_MS = 60_000;
const LIMIT_MS = 3 * MINUTE_MS;
const IDLE_MINUTES = 10;
const LISTENERS = ['tcp:3306', 'tcp:3307', 'tcp:3308'];
const TABLE_READS = /^(?:Get|BatchGet)/;

/** How a primary fails, who stands by beside the next one, and what that costs in turns beyond the least. */
interface Case {
  readonly name: string;
  readonly hasPool: boolean;
  /** In the pass that decides. */
  readonly turnsMore: number;
  /** Until that pass begins. */
  readonly turnsBefore: number;
  fail(stage: PairStage): void;
}

/**
 * In the deciding pass, beyond the least: an accused primary is asked itself before anybody else is, since its answer may be
 * the second that it takes; and of a pool ECS can only be asked once the list has said who is in it.
 *
 * Before it: two observers must agree for 10 s, and what they say is heard every 5 s, for which a look takes a turn of reads,
 * one for the pool, and one to ask the primary. A stop is told by an event, at whose acceptance ECS is asked who it is about
 * (1), and which has two looks come before the one that decides (2 × 3). Nobody tells of a dead application: the tick looks
 * without a lease, then the lane does, twice (3 × 2).
 */
const CASES: ReadonlyArray<Case> = [
  {
    name: 'stopped, with a pool',
    hasPool: true,
    turnsMore: 2,
    turnsBefore: 1 + 2 * 3,
    fail: ({ clouds, primaryId }) => clouds.ecs.stopInstance({ instanceId: primaryId, forceStop: true }),
  },
  {
    name: 'application dead, swapped',
    hasPool: false,
    turnsMore: 1,
    turnsBefore: 3 * 2,
    fail: ({ clouds, primaryId }) =>
      clouds.ecs.applications.set({ instanceId: primaryId, port: PAIR_PORT }, { kind: 'never' }),
  },
];

/** One turn of reads, one of questions, the create, and one call for each listener. */
const leastTurns = (listeners: number) => 3 + listeners;

/** What a promotion costs in calls that wait for one another, in virtual time, and what a pair costs that is well. */
export const promotion: Measure = {
  name: 'promotion',
  title: 'Calls one after the other until the last listener is repointed',
  instead: 'the same calls, none beside another',
  async run(bench) {
    const lines: Array<Line> = [];
    for (const each of CASES) {
      for (const listeners of [1, LISTENERS.length]) lines.push(...(await promote(bench, each, listeners)));
    }
    lines.push(...(await idle(bench)));
    return { conditions: { time: 'virtual', latencyMs: 20, badFor: '10s', faults: 'none' }, lines };
  },
};

async function promote(bench: Bench, each: Case, listeners: number): Promise<ReadonlyArray<Line>> {
  const what = `primary ${each.name}, ${listeners} listener${listeners === 1 ? '' : 's'}`;
  bench.say(what);
  const calls: Array<TravelledCall> = [];
  const stage = await setStage(each.hasPool, LISTENERS.slice(0, listeners), calls);
  try {
    calls.length = 0;
    const failedAtMs = stage.clock.nowMs();
    each.fail(stage);
    const endMs = failedAtMs + LIMIT_MS;
    while (pointsOf(calls).length < listeners && stage.clock.nowMs() < endMs) await stage.pass(1_000);
    const lastAtMs = pointsOf(calls).at(-1)?.answeredAtMs;
    if (lastAtMs === undefined) throw new Error(`no promotion: ${stage.row()?.held}`);
    const until = calls.filter(({ answeredAtMs }) => answeredAtMs <= lastAtMs);
    const createdAtMs = until.find(({ action }) => action === 'CreateMasterSlaveServerGroup')?.sentAtMs ?? 0;
    const decidedFromMs =
      until.findLast(
        ({ action, sentAtMs }) => action === 'DescribeMasterSlaveServerGroups' && sentAtMs < createdAtMs,
      )?.sentAtMs ?? 0;
    const deciding = until.filter(({ sentAtMs }) => sentAtMs >= decidedFromMs);
    const cloud = deciding.filter(isOfClouds);
    const seconds = ((lastAtMs - failedAtMs) / 1_000).toFixed(1);
    const looks = until.filter(({ action }) => action === 'DescribeMasterSlaveServerGroups').length;
    return [
      {
        name: `${what}: deciding pass`,
        size: listeners,
        figure: sequentialCalls(cloud),
        unit: 'calls',
        bound: leastTurns(listeners) + each.turnsMore,
        instead: cloud.length,
        note: `least ${leastTurns(listeners)}; ${sequentialCalls(deciding.filter(isOfTables))} of tables and queues`,
      },
      {
        name: `${what}: from the failure on`,
        size: listeners,
        figure: sequentialCalls(until.filter(isOfClouds)),
        unit: 'calls',
        bound: leastTurns(listeners) + each.turnsMore + each.turnsBefore,
        instead: until.filter(isOfClouds).length,
        note: `${seconds} s, ${looks} looks; ${sequentialCalls(until.filter(isOfTables))} of tables and queues`,
      },
    ];
  } finally {
    await stage.close();
  }
}

/** What the ticks of some minutes cost while nothing happens. */
async function idle(bench: Bench): Promise<ReadonlyArray<Line>> {
  bench.say(`${IDLE_MINUTES} minutes of a pair that is well`);
  const calls: Array<TravelledCall> = [];
  const stage = await setStage(true, LISTENERS.slice(0, 1), calls);
  try {
    // What is left of finding the pair is over by then.
    await stage.pass(5 * MINUTE_MS);
    calls.length = 0;
    await stage.pass(IDLE_MINUTES * MINUTE_MS);
    const ofClouds = calls.filter(isOfClouds);
    const writes = calls.filter((call) =>
      call.product === 'ots' ? !TABLE_READS.test(call.action) : isWrite(call),
    );
    const turns = sequentialCalls(ofClouds) / IDLE_MINUTES;
    const sweeps = Math.ceil((IDLE_MINUTES * MINUTE_MS) / stage.config.timing.compareMs);
    return [
      {
        name: 'idle ticks and sweeps over a pair: writes to clouds, tables and queues',
        size: 1,
        figure: writes.length,
        unit: 'calls',
        // The report of each sweep.
        bound: sweeps,
        instead: null,
        note: `in ${IDLE_MINUTES} ticks and ${sweeps} sweeps; ${ofClouds.length / IDLE_MINUTES} reads in ${turns} turn(s) each`,
      },
    ];
  } finally {
    await stage.close();
  }
}

function setStage(
  hasPool: boolean,
  listeners: ReadonlyArray<string>,
  calls: Array<TravelledCall>,
): Promise<PairStage> {
  const pool = hasPool ? { standbys: 1 } : { standbys: 0, pair: { standby: undefined } };
  return setPairStage({ listeners, ...pool, onCall: (call) => calls.push(call) });
}

function pointsOf(calls: ReadonlyArray<TravelledCall>): ReadonlyArray<TravelledCall> {
  return calls.filter(({ action }) => action.startsWith('SetLoadBalancer'));
}

/** A question to an instance counts like a call to a cloud: it takes as long, or longer. */
function isOfClouds({ product }: TravelledCall): boolean {
  return product !== 'ots' && product !== 'mns';
}

function isOfTables(call: TravelledCall): boolean {
  return !isOfClouds(call);
}

function isWrite({ product, action }: TravelledCall): boolean {
  return product !== 'vpc' && !action.startsWith('Describe');
}
