import type { Signal } from '../acceptance/model.ts';
import type { InboxStore } from '../acceptance/ports.ts';
import type { ApiBudget } from '../api-budget/apply.ts';
import type { Clock, Random } from '../clock.ts';
import type { Maintenance } from '../config/maintenance.ts';
import type { Pair } from '../config/pair.ts';
import type { Timing } from '../config/timing.ts';
import { describeError } from '../errors.ts';
import type { PassResult, RunPass } from '../lanes/apply.ts';
import type { HeldLane } from '../lanes/model.ts';
import { earliestDeadline, maySend, verificationAtMs } from '../lanes/plan.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import type { ProbeResult } from '../readiness/model.ts';
import type { Prober } from '../readiness/ports.ts';
import { askAll } from './ask.ts';
import { PairJournal, type PairJournalDeps } from './journal.ts';
import { type PairObservation, type PairPlan, pairLaneId } from './model.ts';
import { type ObservePairDeps, observePair } from './observe.ts';
import { planPair } from './plan.ts';
import { unmended } from './saga/answers.ts';
import { withInFlight } from './saga/situation.ts';
import { PairWriter } from './writer.ts';

/** What a pass over a pair needs. */
export interface PairPassDeps extends ObservePairDeps, PairJournalDeps {
  readonly inbox: InboxStore;
  readonly budget: ApiBudget;
  readonly prober: Prober;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly pairs: ReadonlyArray<Pair>;
  readonly maintenance: Maintenance;
  readonly timing: Timing;
}

/** A write is judged on an observation that is at most this old when it is sent. */
const OBSERVATION_AGE_MAX_MS = 8_000;
/** What instances answered is believed for so long after the last of them has: a hanging one must not outlast the others' answers. */
const ANSWER_AGE_MAX_MS = 5_000;
/** Turns of plan and apply in one pass; the time limit ends a pass long before. */
const TURNS_MAX = 300;

/** Makes the pass that keeps a pair. A lane whose pair is not configured any more has nothing to do. */
export function createPairPass(deps: PairPassDeps): RunPass {
  return async (held, deadlineMs) => {
    const pair = deps.pairs.find((each) => pairLaneId(each) === held.laneId);
    return pair === undefined ? nothingToDo(held) : await new Pass(deps, held, pair).run(deadlineMs);
  };
}

function nothingToDo({ notes }: HeldLane): PassResult {
  return { writes: 0, nextLookMs: null, waitingFor: null, isOutOfTime: false, failure: null, notes };
}

/** One pass in progress. */
class Pass {
  readonly #deps: PairPassDeps;
  readonly #held: HeldLane;
  readonly #pair: Pair;
  readonly #journal: PairJournal;
  readonly #writer: PairWriter;
  readonly #answers = new Map<string, ProbeResult>();
  #answeredAtMs = -Infinity;
  #signals: ReadonlyArray<Signal> = [];
  #seen: PairObservation | null = null;
  /** A candidate has to be judged, or soon may have to be. */
  #needsSystemEvents = false;

  constructor(deps: PairPassDeps, held: HeldLane, pair: Pair) {
    this.#deps = deps;
    this.#held = held;
    this.#pair = pair;
    this.#journal = new PairJournal(deps, held, pair.name);
    this.#writer = new PairWriter(deps, this.#journal);
  }

  async run(deadlineMs: number): Promise<PassResult> {
    try {
      this.#signals = await this.#deps.inbox.read(this.#held.laneId);
      await this.#journal.read();
      const { row, orders } = this.#journal;
      // Something has happened or was said: whoever may have to take over is looked at in the same turn.
      const isCalm = row !== null && row.held === null && Object.keys(row.testimonies).length === 0;
      this.#needsSystemEvents = !isCalm || this.#signals.length > 0 || orders.length > 0;
      return await this.#work(deadlineMs);
    } catch (error) {
      await this.#saveWhatIsKnown();
      return { ...this.#result(null), failure: { error } };
    }
  }

  /** What calls were answered with must not be lost over a failure that came after them. Never throws. */
  async #saveWhatIsKnown(): Promise<void> {
    if (this.#writer.writes === 0) return;
    try {
      await this.#journal.commit();
    } catch (error) {
      const pair = this.#pair.name;
      this.#deps.logger.warn({ pair }, `what became of the last call is not noted: ${describeError(error)}`);
    }
  }

  async #work(deadlineMs: number): Promise<PassResult> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      if (this.#deps.ownClock.nowMs() >= deadlineMs) return await this.#runOutOfTime();
      const plan = this.#plan(await this.#observation());
      if (plan.needsSystemEvents || plan.questions.length > 0) {
        await this.#findOut(plan);
        continue;
      }
      for (const decision of plan.decisions) this.#journal.note(decision);
      for (const name of plan.counts) this.#deps.metrics.count(name, 1, { pair: this.#pair.name });
      if (plan.row !== this.#journal.row) this.#journal.change(plan.row);
      if (plan.step === null) {
        if (!(await this.#journal.commit())) continue;
        if (plan.mustRead) this.#seen = null;
        if (plan.mustRead || plan.goesOn) continue;
        return await this.#conclude(plan);
      }
      const isSent = await this.#send(plan);
      if (isSent === 'out-of-time') return await this.#runOutOfTime();
      if (isSent === 'wait') {
        // What could not be written is decided anew: no signal goes that the row does not take care of.
        if (!(await this.#journal.commit())) continue;
        return await this.#conclude(plan);
      }
    }
    return await this.#runOutOfTime();
  }

  /** Sends the plan's step, once the journal has it. What stands in the way leads to another turn, or to a wait. */
  async #send({ step }: PairPlan): Promise<'sent' | 'again' | 'wait' | 'out-of-time'> {
    const { row } = this.#journal;
    if (step === null || row === null) return 'again';
    if (!this.#writer.maySend(step) || !(await this.#writer.hasTicket(step))) {
      // The plan takes what the call is to mend for mended.
      const saga = row.saga === null ? null : unmended(row.saga, step);
      if (saga !== row.saga) this.#journal.change({ ...row, saga });
      return 'wait';
    }
    const nowMs = this.#nowMs();
    if (row.saga !== null && row.saga.phase !== 'ended') {
      this.#journal.change({ ...row, saga: withInFlight(row.saga, step, nowMs) });
    }
    if (!(await this.#journal.commit())) return 'again';
    // Asking for the ticket and writing took their time, and what has become too old meanwhile must not be acted on.
    if (!this.#isFresh()) return 'again';
    if (!maySend(this.#held, this.#nowMs(), this.#deps.timing)) return 'out-of-time';
    this.#seen = await this.#writer.send(step, this.#seen);
    return 'sent';
  }

  async #findOut({ questions, needsSystemEvents }: PairPlan): Promise<void> {
    if (needsSystemEvents && !this.#needsSystemEvents) {
      this.#needsSystemEvents = true;
      this.#seen = null;
    }
    if (questions.length === 0) return;
    await askAll(this.#deps.prober, this.#pair, questions, this.#answers);
    this.#answeredAtMs = this.#nowMs();
  }

  /** What is known of the clouds; read again when it has become too old to act on. */
  async #observation(): Promise<PairObservation> {
    if (this.#seen !== null && this.#isFresh()) return this.#seen;
    this.#writer.forget();
    if (this.#nowMs() - this.#answeredAtMs > ANSWER_AGE_MAX_MS) this.#answers.clear();
    const signalledIds = this.#signals
      .map(({ instanceId }) => instanceId)
      .filter((id) => id.startsWith('i-'));
    const { row } = this.#journal;
    this.#seen = await observePair(this.#deps, this.#pair, row, this.#needsSystemEvents, signalledIds);
    return this.#seen;
  }

  #isFresh(): boolean {
    return this.#nowMs() - (this.#seen?.readAtMs ?? -Infinity) <= OBSERVATION_AGE_MAX_MS;
  }

  #plan(seen: PairObservation): PairPlan {
    const { maintenance, timing } = this.#deps;
    const { row, orders } = this.#journal;
    const { presumed } = this.#writer;
    const own = { pair: this.#pair, row, orders, signals: this.#signals, answers: this.#answers };
    return planPair({ ...seen, ...own, presumed, maintenance, timing, nowMs: this.#nowMs() });
  }

  /** Forgets the signals and orders that the row takes care of from now on. */
  async #conclude(plan: PairPlan): Promise<PassResult> {
    const { laneId } = this.#held;
    if (plan.settledKeys.length > 0) await this.#deps.inbox.remove(laneId, plan.settledKeys);
    const answered = new Set(this.#journal.row?.answers.map(({ orderId }) => orderId));
    const settled = this.#journal.orders.filter(({ orderId }) => answered.has(orderId));
    await this.#journal.removeOrders(settled.map(({ orderId }) => orderId));
    return this.#result(plan);
  }

  async #runOutOfTime(): Promise<PassResult> {
    await this.#journal.commit();
    return { ...this.#result(null), isOutOfTime: true };
  }

  #result(plan: PairPlan | null): PassResult {
    const { writes } = this.#writer;
    const did = { writes, readAtMs: this.#seen?.readAtMs ?? null };
    const verifyAtMs = verificationAtMs(this.#held, did, this.#deps.timing);
    return {
      writes,
      ...earliestDeadline([
        [plan?.nextLookMs ?? null, plan?.waitingFor ?? ''],
        [this.#writer.nextSendMs(plan?.step ?? null), 'the next call'],
        [verifyAtMs, 'the verification read'],
      ]),
      isOutOfTime: false,
      failure: null,
      notes: { ...this.#held.notes, verifyAtMs },
    };
  }

  #nowMs(): number {
    return this.#deps.clock.nowMs();
  }
}
