import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Stage, setStage } from '../../support/stage.ts';
import { EVENTS_PER_BATCH, stateBodies } from '../events.ts';
import type { Bench, Line, Measure } from '../measure.ts';
import { median } from '../statistics.ts';
import type { TakeCost, TakeOrder, Taker } from './accept-process.ts';
import type { QueueMessage } from './powertools.ts';

const SCRIPT = fileURLToPath(new URL('./accept-process.ts', import.meta.url));
const LATENCY_MS = 5;
const FRESH_CALLS_BOUND = 6;
const DUPLICATE_CALLS_BOUND = 1;
const FRESH_NOTE = 'ours: routing, signals and one ECS call included';
const DUPLICATES_NOTE =
  'instead: half of it on tables that answer a refused write with the row that is there';
/** One message after the other takes a second each time. */
const SEQUENTIAL_RUNS_MAX = 3;

/**
 * Each message once, in batches of 100, on one table service: the product's acceptance beside the library that one would
 * take, both over the same table client with the same way to the table, each in a process of its own.
 */
export const idempotency: Measure = {
  name: 'idempotency',
  title: 'Each message once, in batches of 100',
  instead: '@aws-lambda-powertools/idempotency with its batch utility, in parallel (its default)',
  async run(bench) {
    const stage = await setStage({ clouds: { switches: { slbRateLimits: 'off' } } });
    try {
      const ours = await measure(bench, stage, 'ours', bench.runs);
      const theirs = await measure(bench, stage, 'powertools', bench.runs);
      const sequential = 'powertools, one after the other';
      const runs = Math.min(bench.runs, SEQUENTIAL_RUNS_MAX);
      const inTurn = await measure(bench, stage, sequential, runs);
      return {
        conditions: { runs: bench.runs, latencyMs: LATENCY_MS, localCache: 'off', payloadValidation: 'both' },
        lines: [
          ...linesOf('new messages', ours.fresh, theirs.fresh, inTurn.fresh, FRESH_CALLS_BOUND, FRESH_NOTE),
          ...linesOf(
            'duplicates',
            ours.repeated,
            theirs.repeated,
            inTurn.repeated,
            DUPLICATE_CALLS_BOUND,
            DUPLICATES_NOTE,
          ),
        ],
      };
    } finally {
      await stage.close();
    }
  },
};

function linesOf(
  what: string,
  ours: TakeCost,
  theirs: TakeCost,
  inTurn: TakeCost,
  callsBound: number,
  callsNote: string,
): ReadonlyArray<Line> {
  const perMessage = ({ ms }: TakeCost) => ms / EVENTS_PER_BATCH;
  return [
    {
      name: `${what}: round trips of a batch`,
      size: EVENTS_PER_BATCH,
      figure: ours.tableCalls,
      unit: 'calls',
      bound: callsBound,
      instead: theirs.tableCalls,
      note: callsNote,
    },
    {
      name: `${what}: time per message`,
      size: EVENTS_PER_BATCH,
      figure: perMessage(ours),
      unit: 'ms',
      bound: null,
      instead: perMessage(theirs),
      note: `instead, one message after the other: ${perMessage(inTurn).toFixed(1)} ms`,
    },
  ];
}

/** The median cost of a batch of new messages, and of the same batch once more. */
async function measure(
  bench: Bench,
  stage: Stage,
  taker: Taker,
  runs: number,
): Promise<{ fresh: TakeCost; repeated: TakeCost }> {
  bench.say(`${taker}: ${runs} batches, each twice`);
  const instanceIds = await stage.running(EVENTS_PER_BATCH);
  const order: TakeOrder = { taker, settings: stage.settings, latencyMs: LATENCY_MS };
  const child = fork(SCRIPT, [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx'],
    env: { NODE_NO_WARNINGS: '1', PATH: process.env.PATH ?? '' },
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${taker} ended by itself`)));
  ended.catch(() => {});
  try {
    await Promise.race([once(child, 'message'), ended]);
    const fresh: Array<TakeCost> = [];
    const repeated: Array<TakeCost> = [];
    // The first run is not counted: it opens connections and warms the code.
    for (let run = 0; run <= runs; run++) {
      const messages = messagesOf(instanceIds, `-${taker.length}-${run}`);
      const first = await Promise.race([take(child, messages), ended]);
      const second = await Promise.race([take(child, messages), ended]);
      if (first.handled !== messages.length || second.handled !== 0) {
        throw new Error(
          `${taker} took ${first.handled} and ${second.handled} of ${messages.length} messages`,
        );
      }
      if (run === 0) continue;
      fresh.push(first);
      repeated.push(second);
    }
    return { fresh: medianOf(fresh), repeated: medianOf(repeated) };
  } finally {
    child.kill('SIGKILL');
  }
}

async function take(child: ChildProcess, messages: ReadonlyArray<QueueMessage>): Promise<TakeCost> {
  const answer = once(child, 'message');
  child.send(messages);
  const [cost] = await answer;
  return cost as TakeCost;
}

function messagesOf(instanceIds: ReadonlyArray<string>, series: string): ReadonlyArray<QueueMessage> {
  return stateBodies(instanceIds, 'Running', series).map(({ id, body }) => ({ messageId: id, body }));
}

function medianOf(costs: ReadonlyArray<TakeCost>): TakeCost {
  return {
    ms: median(costs.map(({ ms }) => ms)),
    tableCalls: median(costs.map(({ tableCalls }) => tableCalls)),
    handled: median(costs.map(({ handled }) => handled)),
  };
}
