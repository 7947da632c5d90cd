import type { ApiBudget } from '../api-budget/apply.ts';
import { createTickets, type Tickets } from '../api-budget/tickets.ts';
import type { Clock, Random } from '../clock.ts';
import { groupListenerName } from '../config/group.ts';
import type { Timing } from '../config/timing.ts';
import { describeError, isRefusal, RejectedError, TransientError } from '../errors.ts';
import type { HeldLane } from '../lanes/model.ts';
import { maySend } from '../lanes/plan.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import type { ListenerSettings } from '../pairs/model.ts';
import { afterAnswer, afterFailure, withAnswer } from './answers.ts';
import { DeclarationJournal, type DeclarationJournalDeps } from './journal.ts';
import {
  type DeclarationInput,
  type DeclarationStep,
  type DeclaredBinding,
  type ObservedGroups,
  operationOf,
} from './model.ts';
import { type ObserveDeclarationsDeps, observeGroups, rowOf, servingOf } from './observe.ts';
import { planDeclaration } from './plan.ts';
import type { DeclarationGateway, RecordedDeclarations } from './ports.ts';
import type { DeclarationRow } from './record.ts';
import { recordedInput } from './recorded-decision.ts';
import { describeStep } from './words.ts';

/** What working declared groups needs. */
export interface DeclarationDeps extends ObserveDeclarationsDeps, DeclarationJournalDeps {
  readonly declaredGroups: DeclarationGateway;
  readonly budget: ApiBudget;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly timing: Pick<Timing, 'settleMs' | 'callTimeoutMs' | 'contestMs' | 'leaseMs'>;
}

/** What working the declared groups of a lane came to. */
export interface Declared {
  readonly rows: ReadonlyArray<DeclarationRow>;
  readonly writes: number;
  readonly wake: { readonly atMs: number; readonly reason: string } | null;
  readonly isOutOfTime: boolean;
}

/** A write is judged on an observation that is at most this old when it is sent. */
const OBSERVATION_AGE_MAX_MS = 8_000;
/** Turns of plan and apply about one group; the time limit ends them long before. */
const TURNS_MAX = 300;
/** The budget is not asked again sooner than this after it has refused. */
const ASK_AGAIN_MIN_MS = 100;
/** After a reading that failed. */
const READ_AGAIN_MS = 5_000;

/** Whether anybody has asked for something about these groups, or something is under way. */
export function hasDeclarationWork({ rows, orders }: RecordedDeclarations): boolean {
  return orders.length > 0 || rows.some(({ inFlight, moving }) => inFlight !== null || moving !== null);
}

/**
 * Works what was asked for about the declared groups of a held lane, one after the other. What SLB refuses or does not answer
 * waits in the row. Throws ConflictError when somebody else holds the lane, TransientError when the tables do not answer.
 */
export async function workDeclarations(
  deps: DeclarationDeps,
  held: HeldLane,
  bindings: ReadonlyArray<DeclaredBinding>,
  recorded: RecordedDeclarations,
  deadlineMs: number,
): Promise<Declared> {
  const work = new Work(deps, held, bindings, deadlineMs);
  const rows: Array<DeclarationRow> = [];
  for (const binding of bindings) rows.push(await work.on(binding, recorded));
  const { writes, wake, isOutOfTime } = work;
  return { rows, writes, wake, isOutOfTime };
}

class Work {
  writes = 0;
  wake: Declared['wake'] = null;
  isOutOfTime = false;
  readonly #deps: DeclarationDeps;
  readonly #held: HeldLane;
  readonly #bindings: ReadonlyArray<DeclaredBinding>;
  readonly #deadlineMs: number;
  readonly #tickets: Tickets;
  #seen: ObservedGroups | null = null;
  /** What our own calls are taken to have done is in it. */
  #isPatched = false;
  /** What SLB shows of a step that was answered a moment ago is not settled before this instant. */
  readonly #settledAtMs = new Map<string, number>();

  constructor(
    deps: DeclarationDeps,
    held: HeldLane,
    bindings: ReadonlyArray<DeclaredBinding>,
    deadlineMs: number,
  ) {
    this.#deps = deps;
    this.#held = held;
    this.#bindings = bindings;
    this.#deadlineMs = deadlineMs;
    this.#tickets = createTickets(deps.budget);
  }

  /** Works one declared group; its row as it stands then. */
  async on(binding: DeclaredBinding, recorded: RecordedDeclarations): Promise<DeclarationRow> {
    const row = rowOf(recorded.rows, binding);
    const orders = recorded.orders.filter((order) => order.binding === binding.name);
    if (!hasDeclarationWork({ rows: [row], orders })) return row;
    const journal = new DeclarationJournal(this.#deps, this.#held, row);
    try {
      await this.#work(binding, orders, journal);
    } catch (error) {
      // What SLB does not tell keeps nobody from the members of the groups that are known.
      if (!(error instanceof RejectedError || error instanceof TransientError)) throw error;
      this.#deps.logger.warn({ binding: binding.name }, `its group is left: ${describeError(error)}`);
      this.#wait(this.#nowMs() + READ_AGAIN_MS, 'another look at declared groups');
    }
    return journal.row;
  }

  async #work(
    binding: DeclaredBinding,
    orders: RecordedDeclarations['orders'],
    journal: DeclarationJournal,
  ): Promise<void> {
    const settings = new Map<string, ListenerSettings>();
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      if (this.#deps.ownClock.nowMs() >= this.#deadlineMs) {
        this.isOutOfTime = true;
        return;
      }
      const seen = await this.#observation();
      const serving = await servingOf(this.#deps, binding, journal.row, seen);
      const { timing } = this.#deps;
      const input = { binding, orders, row: journal.row, seen, serving, settings, timing };
      const known = { ...input, nowMs: this.#nowMs() };
      const plan = planDeclaration(known);
      if (plan.needsListener !== null) {
        const { loadBalancerId } = binding;
        const read = await this.#deps.declaredGroups.settings(loadBalancerId, plan.needsListener);
        // One that has gone meanwhile is found missing by the next reading.
        if (read === null) this.#seen = null;
        else settings.set(groupListenerName(plan.needsListener), read);
        continue;
      }
      for (const remark of plan.remarks) journal.note('group-remark', remark, recordedInput(known));
      if (plan.step !== null) {
        if (!(await this.#send(plan.step, plan.row, known, journal))) return;
        settings.clear();
        continue;
      }
      journal.change(plan.row);
      if (plan.wake !== null) {
        await journal.commit();
        if (plan.wake.atMs > this.#nowMs()) return this.#wait(plan.wake.atMs, plan.wake.reason);
        this.#seen = null;
        continue;
      }
      // Only what was read, and not what our own calls are taken to have done, ends an order.
      if (this.#isPatched) {
        this.#seen = null;
        continue;
      }
      return await this.#answer(binding, orders, plan.answered, journal);
    }
    this.isOutOfTime = true;
  }

  async #answer(
    { loadBalancerId }: DeclaredBinding,
    orders: RecordedDeclarations['orders'],
    answered: ReadonlyArray<string>,
    journal: DeclarationJournal,
  ): Promise<void> {
    const done = orders.filter(({ orderId }) => answered.includes(orderId));
    for (const { kind, by } of done) {
      const outcome = journal.row.held === null ? 'in force' : `held: ${journal.row.held.reason}`;
      journal.note('group-order-answered', `${kind} (${by}): ${outcome}`, { kind, by });
    }
    await journal.commit();
    if (done.length > 0) await this.#deps.declarations.removeOrders(loadBalancerId, done);
  }

  /** Sends the step, once the journal has it; `false` = it waits. */
  async #send(
    step: DeclarationStep,
    row: DeclarationRow,
    known: DeclarationInput,
    journal: DeclarationJournal,
  ): Promise<boolean> {
    const { timing, metrics } = this.#deps;
    const api = operationOf(step);
    const settledAtMs = this.#settledAtMs.get(JSON.stringify(step)) ?? -Infinity;
    if (settledAtMs > this.#nowMs()) {
      this.#seen = null;
      this.#wait(settledAtMs, `SLB to show what ${api} has done`);
      return false;
    }
    const ticket = await this.#tickets.take(api, step.kind === 'delete' ? 'tidy' : 'join', 1);
    if (ticket !== 'granted') {
      metrics.count('budget-exhausted', 1, { api });
      this.#wait(Math.max(ticket.retryAtMs, this.#nowMs() + ASK_AGAIN_MIN_MS), `a call of ${api}`);
      return false;
    }
    const before = journal.row;
    journal.change(row);
    journal.note('group-decided', describeStep(step), recordedInput(known));
    await journal.commit();
    const isStale = this.#nowMs() - (this.#seen?.readAtMs ?? -Infinity) > OBSERVATION_AGE_MAX_MS;
    if (isStale || !maySend(this.#held, this.#nowMs(), timing)) {
      // Nothing was sent, and nothing need be waited for.
      journal.change(before);
      await journal.commit();
      if (!isStale) this.isOutOfTime = true;
      this.#seen = null;
      return isStale;
    }
    await this.#call(step, api, journal);
    await journal.commit();
    return true;
  }

  async #call(step: DeclarationStep, api: string, journal: DeclarationJournal): Promise<void> {
    const { declaredGroups, metrics, logger, random, timing } = this.#deps;
    this.writes++;
    metrics.count('write-calls', 1, { api });
    try {
      const { requestId, groupId } = await declaredGroups.send(step);
      const nowMs = this.#nowMs();
      journal.change(afterAnswer(journal.row, step, groupId, nowMs, timing.contestMs));
      journal.note('group-called', describeStep(step), { ...step }, [requestId]);
      this.#settledAtMs.set(JSON.stringify(step), nowMs + timing.settleMs);
      this.#seen = this.#seen === null ? null : withAnswer(this.#seen, step, groupId);
      this.#isPatched = true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      logger.warn({ api }, `call about a declared group refused: ${describeError(error)}`);
      if (error instanceof TransientError && error.reason === 'throttled') {
        metrics.count('calls-throttled', 1, { api });
        await this.#tickets.throttled(api, error.retryAfterMs);
      }
      journal.change(afterFailure(journal.row, step, error, random, this.#nowMs()));
      const { requestId } = error.origin;
      const requestIds = requestId === null ? [] : [requestId];
      journal.note(
        'group-call-refused',
        `${describeStep(step)}: ${describeError(error)}`,
        { ...step },
        requestIds,
      );
      this.#seen = null;
    }
  }

  async #observation(): Promise<ObservedGroups> {
    const isFresh = this.#nowMs() - (this.#seen?.readAtMs ?? -Infinity) <= OBSERVATION_AGE_MAX_MS;
    if (this.#seen !== null && isFresh) return this.#seen;
    this.#isPatched = false;
    this.#seen = await observeGroups(this.#deps, this.#held.laneId, this.#bindings);
    return this.#seen;
  }

  #wait(atMs: number, reason: string): void {
    if (this.wake === null || atMs < this.wake.atMs) this.wake = { atMs, reason };
  }

  #nowMs(): number {
    return this.#deps.clock.nowMs();
  }
}
