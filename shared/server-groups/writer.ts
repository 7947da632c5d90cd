import type { ApiBudget } from '../api-budget/apply.ts';
import type { Priority } from '../api-budget/model.ts';
import { createTickets, type Tickets } from '../api-budget/tickets.ts';
import type { Clock, Random } from '../clock.ts';
import { describeError, InvariantError, isRefusal, TransientError } from '../errors.ts';
import type { LaneNotes } from '../lanes/model.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import type { BackendRow } from './backend/record.ts';
import { withAnswer } from './evidence.ts';
import type { Journal } from './journal.ts';
import { type ObservedGroup, OPERATIONS, type PlanTiming, type RowChange, type Step } from './model.ts';
import { Pacing, type PacingNotes } from './pacing.ts';
import type { ServerGroupGateway } from './ports.ts';
import { consequenceOf, heldWithGroup, setBack } from './refusals.ts';

/** What writing to groups needs. */
export interface WriterDeps {
  readonly groups: ServerGroupGateway;
  readonly budget: ApiBudget;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly timing: PlanTiming;
}

/** The budget is not asked again sooner than this after it has refused. */
const ASK_AGAIN_MIN_MS = 100;

/** Refusals in a row after which people should see it beside every backend that waits. */
const STUCK_AFTER = 3;

const DONE = { add: 'added', 'set-weight': 'weight-set', remove: 'removed' } as const;

/** The writes of one pass: when each may be sent, what its answer proves, and what a refusal leads to. */
export class Writer {
  readonly #deps: WriterDeps;
  readonly #journal: Journal;
  readonly #pacing: Pacing;
  readonly #tickets: Tickets;
  /** By operation: not before this instant, because the cloud throttled it. */
  readonly #throttledUntilMs = new Map<string, number>();
  /** By operation and priority: not before this instant, because its calls are used up; a drain may get one sooner. */
  readonly #openAtMs = new Map<string, number>();
  /** Groups whose last write has no outcome that we know: no further write before they were read. */
  readonly #unread = new Set<string>();
  #writes = 0;

  constructor(deps: WriterDeps, journal: Journal, notes: LaneNotes) {
    this.#deps = deps;
    this.#journal = journal;
    this.#pacing = new Pacing(notes, deps.clock);
    this.#tickets = createTickets(deps.budget);
  }

  /** Writes sent so far. */
  get writes(): number {
    return this.#writes;
  }

  /**
   * The step to send now; `null` = something stands in the way of each. Whoever must not serve any more never waits for the
   * joins of another group; within a group the order stays, since capacity comes there before it goes.
   */
  nextOf(steps: ReadonlyArray<Step>): Step | null {
    const firsts = new Map<string, Step>();
    for (const step of steps) {
      if (!firsts.has(step.vServerGroupId) && this.maySend(step)) firsts.set(step.vServerGroupId, step);
    }
    const sendable = [...firsts.values()];
    return sendable.find((step) => priorityOf(step) === 'drain') ?? sendable[0] ?? null;
  }

  /** Whether neither the group nor the account stands in the way now. */
  maySend(step: Step): boolean {
    return this.#sendAtMs(step) <= this.#deps.clock.nowMs();
  }

  /** Whether a drain may be sent within `withinMs`: mostly one whose group has just been written. */
  isDrainNear(steps: ReadonlyArray<Step>, withinMs: number): boolean {
    const byMs = this.#deps.clock.nowMs() + withinMs;
    return steps.some((step) => priorityOf(step) === 'drain' && this.#sendAtMs(step) <= byMs);
  }

  /** When the first of the steps may be sent; `null` = there are none. */
  nextSendMs(steps: ReadonlyArray<Step>): number | null {
    return steps.length === 0 ? null : Math.min(...steps.map((step) => this.#sendAtMs(step)));
  }

  /** What has to be read again before the step can be judged. */
  isUnread({ vServerGroupId }: Step): boolean {
    return this.#unread.has(vServerGroupId);
  }

  /** Everything has been read again. */
  forgetUnread(): void {
    this.#unread.clear();
  }

  /** What of the pacing matters beyond this pass. */
  pacingNotes(settleMs: number): PacingNotes {
    return this.#pacing.notes(settleMs);
  }

  /** Takes one call of the account's budget for the step; `false` = not now, and its operation waits. */
  async hasTicket(step: Step, steps: ReadonlyArray<Step>): Promise<boolean> {
    const api = OPERATIONS[step.kind];
    const others = new Set(
      steps.filter((each) => each.kind === step.kind && this.maySend(each)).map(groupOf),
    );
    const ticket = await this.#tickets.take(api, priorityOf(step), Math.max(1, others.size));
    if (ticket === 'granted') return true;
    // Never at once again, whatever the budget says: to ask it is a call, too.
    const openAtMs = Math.max(ticket.retryAtMs, this.#deps.clock.nowMs() + ASK_AGAIN_MIN_MS);
    this.#openAtMs.set(`${api} ${priorityOf(step)}`, openAtMs);
    this.#deps.metrics.count('budget-exhausted', 1, { api });
    return false;
  }

  /** Sends the step; returns the group as its answer proves it, or `null` when it has to be read first. */
  async send(step: Step, group: ObservedGroup | null): Promise<ObservedGroup | null> {
    const { vServerGroupId, kind } = step;
    this.#writes++;
    this.#pacing.sent(vServerGroupId);
    this.#deps.metrics.count('write-calls', 1, { api: OPERATIONS[kind] });
    try {
      const answer = await this.#deps.groups.send(step);
      this.#pacing.answered(vServerGroupId);
      this.#journal.noteStep(step, DONE[kind], null, [answer.requestId]);
      const after = group === null ? null : withAnswer(group, step, answer);
      if (after === null) this.#mustRead(vServerGroupId, this.#deps.timing.settleMs);
      return after;
    } catch (error) {
      await this.#takeRefusal(step, error);
      return null;
    }
  }

  #sendAtMs(step: Step): number {
    const api = OPERATIONS[step.kind];
    return Math.max(
      this.#pacing.writableAtMs(step.vServerGroupId),
      this.#throttledUntilMs.get(api) ?? 0,
      this.#openAtMs.get(`${api} ${priorityOf(step)}`) ?? 0,
    );
  }

  async #takeRefusal(step: Step, error: unknown): Promise<void> {
    const { random, timing, logger, metrics, clock } = this.#deps;
    const { vServerGroupId, backends } = step;
    const inARow = this.#pacing.refusalsOf(vServerGroupId) + 1;
    const write = { backends: backends.length, inARow, settleMs: timing.settleMs };
    const consequence = consequenceOf(error, write, random);
    const reason = describeError(error);
    const api = OPERATIONS[step.kind];
    const facts = { vServerGroupId, step: step.kind, ...write, consequence: consequence.kind };
    // A defect is for whoever looks after the product; everything else is daily life.
    logger[error instanceof InvariantError ? 'error' : 'warn'](facts, `write refused: ${reason}`);
    if (wasAnswered(error)) this.#journal.noteStep(step, 'call-refused', reason, requestIdsOf(error));
    switch (consequence.kind) {
      case 'throttled':
        metrics.count('calls-throttled', 1, { api });
        this.#throttledUntilMs.set(api, await this.#tickets.throttled(api, consequence.retryAfterMs));
        return;
      case 'hold-group': {
        const untilMs = this.#pacing.refused(vServerGroupId, reason, consequence.forMs);
        if (consequence.mustRead) this.#unread.add(vServerGroupId);
        if (inARow < STUCK_AFTER) return;
        await this.#journal.commit(
          this.#changed(step, (row) => heldWithGroup(row, reason, untilMs)),
          [],
        );
        return;
      }
      case 'set-backends-back': {
        if (consequence.mustRead) this.#unread.add(vServerGroupId);
        // One draw for all of them, or they would come back apart and share no call.
        const draw = random();
        const back = (row: BackendRow) =>
          setBack(row, consequence.patience, reason, clock.nowMs(), () => draw);
        await this.#journal.commit(this.#changed(step, back), []);
      }
    }
  }

  #changed({ backends }: Step, change: (row: BackendRow) => RowChange): ReadonlyArray<RowChange> {
    return backends.flatMap((backend) => this.#journal.rowOf(backend) ?? []).map(change);
  }

  #mustRead(vServerGroupId: string, afterMs: number): void {
    this.#pacing.hold(vServerGroupId, afterMs);
    this.#unread.add(vServerGroupId);
  }
}

/** A call that takes anybody out is a drain, whoever else shares it; removing can wait, but for a deadline of its own. */
function priorityOf({ kind, backends }: Step): Priority {
  if (kind === 'remove') return 'tidy';
  return kind === 'set-weight' && backends.some(({ weight }) => weight === 0) ? 'drain' : 'join';
}

function groupOf({ vServerGroupId }: Step): string {
  return vServerGroupId;
}

/** What got no answer was not refused: the group shows what became of it. */
function wasAnswered(error: unknown): boolean {
  return !(
    error instanceof TransientError &&
    error.reason === 'unknown-outcome' &&
    error.origin.code === null
  );
}

function requestIdsOf(error: unknown): ReadonlyArray<string> {
  return isRefusal(error) && error.origin.requestId !== null ? [error.origin.requestId] : [];
}
