import type { Signal } from '../acceptance/model.ts';
import type { Maintenance } from '../config/maintenance.ts';
import { listenerName, type Pair } from '../config/pair.ts';
import type { Timing } from '../config/timing.ts';
import { InvariantError } from '../errors.ts';
import type { ProbeResult } from '../readiness/model.ts';
import type { Prober } from '../readiness/ports.ts';
import { askAll } from './ask.ts';
import { withAnswer } from './evidence.ts';
import type { PairInput, PairPlan, PairStep } from './model.ts';
import { type ObservePairDeps, observePair } from './observe.ts';
import { planPair } from './plan.ts';
import type { PairOrder, PairRow } from './record.ts';
import { afterAnswer } from './saga/answers.ts';
import { isUnderWay, type Saga } from './saga/model.ts';

/** What foreseeing needs: only what reads. */
export interface ForeseeDeps extends ObservePairDeps {
  readonly prober: Prober;
  readonly maintenance: Maintenance;
  readonly timing: Timing;
}

/** What is known of a pair apart from the clouds. */
export interface Known {
  readonly row: PairRow | null;
  readonly orders: ReadonlyArray<PairOrder>;
  readonly signals: ReadonlyArray<Signal>;
}

/** Rounds of questions: system events, the secondary, the standbys, home. */
const ASKS_MAX = 8;
/** Far more steps than a pair with all the listeners of a load balancer needs. */
const STEPS_MAX = 200;

/** What a change of a pair would come to. */
export interface ForeseenChange {
  /** `null` = nothing would be begun; the plan's row says why. */
  readonly saga: Saga | null;
  readonly plan: PairPlan;
  /** The calls that write, in order; those of the change, or else those that belong to none. */
  readonly steps: ReadonlyArray<PairStep>;
}

/** What a pass would do to the end if every call were answered as it should be. Reads, asks, and writes nothing. */
export async function foreseeChange(deps: ForeseeDeps, pair: Pair, known: Known): Promise<ForeseenChange> {
  const input = await inputToDecideOn(deps, pair, known);
  const first = planPair(input);
  if (!isUnderWay(first.row.saga)) return { saga: null, plan: first, steps: stepsAtRest(input, first) };
  return {
    saga: first.row.saga,
    plan: first,
    steps: stepsOf({ ...input, row: first.row, orders: [], signals: [] }),
  };
}

/**
 * The same where somebody asks that the pair's group be as it is declared: what `order` would lead to. If it would be
 * refused, the row of the plan says why.
 */
export async function foreseeApplied(
  deps: ForeseeDeps,
  pair: Pair,
  known: Known,
  order: Extract<PairOrder, { kind: 'apply' }>,
): Promise<ForeseenChange> {
  const foreseen = await foreseeChange(deps, pair, { ...known, orders: [...known.orders, order] });
  const { row } = foreseen.plan;
  const answer = row.answers.find(({ orderId }) => orderId === order.orderId);
  if (answer?.outcome !== 'refused') return foreseen;
  return { ...foreseen, plan: { ...foreseen.plan, row: { ...row, held: answer.reason } } };
}

/** What belongs to no change: tags, and what earlier ones have left over. */
function stepsAtRest(seen: PairInput, first: PairPlan): ReadonlyArray<PairStep> {
  const steps: Array<PairStep> = [];
  let input = seen;
  let { row, step } = first;
  while (step !== null && !isUnderWay(row.saga) && steps.length < STEPS_MAX) {
    steps.push(step);
    input = { ...input, ...withAnswer(input, step, { groupId: null }), row, orders: [], signals: [] };
    ({ row, step } = planPair(input));
  }
  return steps;
}

function stepsOf(begun: PairInput): ReadonlyArray<PairStep> {
  const steps: Array<PairStep> = [];
  let input = begun;
  while (steps.length < STEPS_MAX) {
    const { row, step, mustRead } = planPair(input);
    if (!isUnderWay(row.saga)) return steps;
    if (step === null && !mustRead) return steps;
    if (step === null) {
      // What was presumed is read, and found as it was left.
      input = { ...input, row, presumed: new Set() };
      continue;
    }
    steps.push(step);
    const groupId = step.kind === 'create' ? NEW_GROUP : null;
    const presumed =
      step.kind === 'point' ? new Set([...input.presumed, listenerName(step.listener)]) : input.presumed;
    const saga = afterAnswer(row.saga, step, groupId);
    input = { ...input, ...withAnswer(input, step, { groupId }), row: { ...row, saga }, presumed };
  }
  throw new InvariantError('a change of a pair does not end');
}

/** Stands for the id that SLB would give to the new group. */
export const NEW_GROUP = 'rsp-of-the-new-group';

async function inputToDecideOn(deps: ForeseeDeps, pair: Pair, known: Known): Promise<PairInput> {
  const { maintenance, timing, clock } = deps;
  const answers = new Map<string, ProbeResult>();
  let withSystemEvents = known.orders.length > 0;
  let seen = await observePair(deps, pair, known.row, withSystemEvents);
  for (let ask = 0; ; ask++) {
    const own = { pair, ...known, answers, presumed: NOBODY };
    const input = { ...seen, ...own, maintenance, timing, nowMs: clock.nowMs() };
    const { questions, needsSystemEvents } = planPair(input);
    if ((questions.length === 0 && !needsSystemEvents) || ask >= ASKS_MAX) return input;
    if (needsSystemEvents && !withSystemEvents) {
      withSystemEvents = true;
      seen = await observePair(deps, pair, known.row, withSystemEvents);
    }
    await askAll(deps.prober, pair, questions, answers);
  }
}

const NOBODY: ReadonlySet<string> = new Set();
