import type { ApiBudget } from '../api-budget/apply.ts';
import type { Priority } from '../api-budget/model.ts';
import { createTickets, type Tickets } from '../api-budget/tickets.ts';
import type { Clock, Random } from '../clock.ts';
import { listenerName } from '../config/pair.ts';
import type { Timing } from '../config/timing.ts';
import { describeError, InvariantError, isRefusal, type Refusal, TransientError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { GroupInUseError } from './errors.ts';
import { withAnswer } from './evidence.ts';
import type { PairJournal } from './journal.ts';
import { operationOf, type PairObservation, type PairStep } from './model.ts';
import type { PairGateway } from './ports.ts';
import { afterAnswer, afterFailure } from './saga/answers.ts';
import { isUnderWay } from './saga/model.ts';
import { targetOf } from './saga/situation.ts';

/** What writing to pairs needs. */
export interface PairWriterDeps {
  readonly pairGroups: PairGateway;
  readonly budget: ApiBudget;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly timing: Pick<Timing, 'settleMs'>;
}

/** The budget is not asked again sooner than this after it has refused. */
const ASK_AGAIN_MIN_MS = 100;

/** A leftover that may soon go, and one that was refused otherwise, are tried again after so long. */
const SOON_WAIT_MS = 60_000;
/** @see SOON_WAIT_MS */
const REFUSED_WAIT_MS = 3_600_000;

/** Steps that can wait. */
const TIDYING: ReadonlySet<PairStep['kind']> = new Set(['delete', 'tag', 'untag']);

/** The writes of one pass over a pair: when each may be sent, and what its answer makes of the journal and the observation. */
export class PairWriter {
  readonly #deps: PairWriterDeps;
  readonly #journal: PairJournal;
  readonly #tickets: Tickets;
  /** By operation: not before this instant. */
  readonly #openAtMs = new Map<string, number>();
  /** By step: what SLB shows of it is not settled before this instant, and it is not sent again. */
  readonly #settledAtMs = new Map<string, number>();
  readonly #presumed = new Set<string>();
  #writes = 0;

  constructor(deps: PairWriterDeps, journal: PairJournal) {
    this.#deps = deps;
    this.#journal = journal;
    this.#tickets = createTickets(deps.budget);
  }

  /** Writes sent so far. */
  get writes(): number {
    return this.#writes;
  }

  /** Listeners that were pointed elsewhere and not read since. */
  get presumed(): ReadonlySet<string> {
    return this.#presumed;
  }

  /** Everything has been read again. */
  forget(): void {
    this.#presumed.clear();
  }

  /** Whether neither the account nor the same step, answered a moment ago, stands in the way of the step now. */
  maySend(step: PairStep): boolean {
    return (this.nextSendMs(step) ?? 0) <= this.#deps.clock.nowMs();
  }

  /** When the step may be sent; `null` = nothing but the plan's own time stands in its way, or there is none. */
  nextSendMs(step: PairStep | null): number | null {
    if (step === null) return null;
    const times = [this.#openAtMs.get(operationOf(step)), this.#settledAtMs.get(JSON.stringify(step))];
    const known = times.filter((atMs) => atMs !== undefined);
    return known.length === 0 ? null : Math.max(...known);
  }

  /** Takes one call of the account's budget; `false` = not now. */
  async hasTicket(step: PairStep): Promise<boolean> {
    const api = operationOf(step);
    const priority: Priority = TIDYING.has(step.kind) ? 'tidy' : 'promote';
    const ticket = await this.#tickets.take(api, priority, 1);
    if (ticket === 'granted') return true;
    this.#openAtMs.set(api, Math.max(ticket.retryAtMs, this.#deps.clock.nowMs() + ASK_AGAIN_MIN_MS));
    this.#deps.metrics.count('budget-exhausted', 1, { api });
    return false;
  }

  /** Sends the step; returns what is known of the clouds from then on, `null` = they have to be read. */
  async send(step: PairStep, seen: PairObservation | null): Promise<PairObservation | null> {
    const api = operationOf(step);
    this.#writes++;
    this.#deps.metrics.count('write-calls', 1, { api });
    try {
      const answer = await this.#deps.pairGroups.send(step);
      const { row } = this.#journal;
      const saga = row?.saga ?? null;
      if (row !== null && isUnderWay(saga)) {
        this.#journal.change({ ...row, saga: afterAnswer(saga, step, answer.groupId) });
      }
      this.#journal.note({ action: 'pair-called', reason: describeStep(step), inputs: { ...step } }, [
        answer.requestId,
      ]);
      if (step.kind === 'point' || step.kind === 'release') this.#presumed.add(listenerName(step.listener));
      if (step.kind !== 'create' && step.kind !== 'delete') {
        const { clock, timing } = this.#deps;
        this.#settledAtMs.set(JSON.stringify(step), clock.nowMs() + timing.settleMs);
      }
      return seen === null ? null : withAnswer(seen, step, answer);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.#takeFailure(step, error);
      return null;
    }
  }

  /** What belongs to no change is tried again later, a refusal for good not often. */
  #postpone(step: PairStep, error: Refusal): void {
    const { metrics, clock } = this.#deps;
    const { row } = this.#journal;
    if (!maySoonGo(error)) metrics.count('pair-changes-failed', 1, { api: operationOf(step) });
    if (row === null) return;
    if (step.kind === 'delete') {
      const waitMs = maySoonGo(error) ? SOON_WAIT_MS : REFUSED_WAIT_MS;
      this.#journal.change({ ...row, leftoversNotBeforeMs: clock.nowMs() + waitMs });
      return;
    }
    const waitMs = error instanceof TransientError ? SOON_WAIT_MS : REFUSED_WAIT_MS;
    this.#journal.change({ ...row, tagging: { ...row.tagging, notBeforeMs: clock.nowMs() + waitMs } });
  }

  async #takeFailure(step: PairStep, error: Refusal): Promise<void> {
    const { logger, metrics, clock, random } = this.#deps;
    const api = operationOf(step);
    // A defect is for whoever looks after the product; everything else is daily life.
    const level = error instanceof InvariantError ? 'error' : 'warn';
    logger[level]({ api, target: targetOf(step) }, `call about a pair refused: ${describeError(error)}`);
    if (error instanceof TransientError && error.reason === 'throttled') {
      metrics.count('calls-throttled', 1, { api });
      this.#openAtMs.set(api, await this.#tickets.throttled(api, error.retryAfterMs));
    }
    const { requestId } = error.origin;
    const reason = `${describeStep(step)}: ${describeError(error)}`;
    this.#journal.note(
      { action: 'pair-call-refused', reason, inputs: { ...step } },
      requestId === null ? [] : [requestId],
    );
    const { row } = this.#journal;
    const saga = row?.saga ?? null;
    if (row === null || !isUnderWay(saga)) {
      this.#postpone(step, error);
      return;
    }
    const after = afterFailure(saga, step, error, random, clock.nowMs());
    this.#journal.change({ ...row, saga: after });
  }
}

/** Whether a leftover counts as in use, or SLB is busy or not well. */
function maySoonGo(error: Refusal): boolean {
  if (error instanceof GroupInUseError) return true;
  return error instanceof TransientError && error.reason !== 'unrecognised';
}

/** One line for the audit. */
export function describeStep(step: PairStep): string {
  switch (step.kind) {
    case 'create': {
      const { primary, secondary } = step.members;
      return `create ${step.name} with ${primary.serverId} as the primary and ${secondary.serverId} as the secondary`;
    }
    case 'point':
      return `point ${listenerName(step.listener)} at ${step.groupId}`;
    case 'release':
      return `take the group away from ${listenerName(step.listener)}`;
    case 'delete':
      return `delete ${step.groupId}`;
    case 'tag':
      return `set ${step.tags.map(({ key }) => key).join(', ')} on ${step.groupId}`;
    case 'untag':
      return `take ${step.keys.join(', ')} off ${step.groupId}`;
  }
}
