import type { Signal } from '../acceptance/model.ts';
import type { InboxStore } from '../acceptance/ports.ts';
import type { Clock, Random } from '../clock.ts';
import type { Binding } from '../config/binding.ts';
import { describeError, RejectedError, TransientError } from '../errors.ts';
import type { PassResult, RunPass } from '../lanes/apply.ts';
import type { HeldLane, LaneNotes, LeaseTiming } from '../lanes/model.ts';
import { maySend } from '../lanes/plan.ts';
import type { Logger } from '../logger.ts';
import { withAnswer } from './evidence.ts';
import { Journal, type JournalDeps } from './journal.ts';
import type { LanePlan, ObservedGroup, PlanTiming, Step } from './model.ts';
import { type LaneObservation, type ObserveDeps, observeLane } from './observe.ts';
import { Pacing } from './pacing.ts';
import { planLane } from './plan.ts';
import { consequenceOf, setBack } from './refusals.ts';

/** What a pass over a lane's groups needs. */
export interface PassDeps extends ObserveDeps, JournalDeps {
  readonly inbox: InboxStore;
  readonly clock: Clock;
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** All bindings; a pass takes those of its load balancer. */
  readonly bindings: ReadonlyArray<Binding>;
  readonly timing: PlanTiming & LeaseTiming;
}

/** A write is judged on an observation that is at most this old when it is sent. */
const OBSERVATION_AGE_MAX_MS = 8_000;
/** A write is sent only if the generations were read at most this long ago. */
const GENERATION_AGE_MAX_MS = 2_000;
/** Turns of plan and apply in one pass; the time limit ends a pass long before. */
const TURNS_MAX = 500;

/** Makes the pass that keeps a load balancer's vServer groups as they should be. */
export function createServerGroupPass(deps: PassDeps): RunPass {
  return async (held, deadlineMs) => await new Pass(deps, held).run(deadlineMs);
}

const DONE = { add: 'added', 'set-weight': 'weight-set', remove: 'removed' } as const;

/** One pass in progress: the observation, brought forward by the answers of our own writes. */
class Pass {
  readonly #deps: PassDeps;
  readonly #held: HeldLane;
  readonly #bindings: ReadonlyArray<Binding>;
  readonly #groupIds: ReadonlyArray<string>;
  readonly #journal: Journal;
  readonly #pacing: Pacing;
  #signals: ReadonlyArray<Signal> = [];
  #seen: LaneObservation | null = null;
  #groups = new Map<string, ObservedGroup | null>();
  /** Groups whose last write has no outcome that we know: no further write before they were read. */
  #unread = new Set<string>();
  #writes = 0;

  constructor(deps: PassDeps, held: HeldLane) {
    this.#deps = deps;
    this.#held = held;
    this.#bindings = deps.bindings.filter(({ loadBalancerId }) => loadBalancerId === held.loadBalancerId);
    this.#groupIds = [...new Set(this.#bindings.map(({ vServerGroupId }) => vServerGroupId))];
    this.#journal = new Journal(deps, held, this.#groupIds);
    this.#pacing = new Pacing(held.notes, this.#groupIds, deps.clock);
  }

  async run(deadlineMs: number): Promise<PassResult> {
    try {
      this.#signals = await this.#deps.inbox.read(this.#held.loadBalancerId);
      return await this.#work(deadlineMs);
    } catch (error) {
      // What it has sent and noted until here matters to whoever comes next.
      return { ...this.#result(null, false), failure: { error } };
    }
  }

  async #work(deadlineMs: number): Promise<PassResult> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      if (this.#deps.ownClock.nowMs() >= deadlineMs) return await this.#runOutOfTime();
      const seen = await this.#observation();
      const plan = this.#plan(seen);
      for (const decision of plan.decisions) this.#journal.noteDecision(decision);
      // Before anything is done about it; and when somebody else wrote meanwhile, plan again.
      if (!(await this.#journal.commit(plan.changes, plan.departed))) continue;
      const step = plan.steps.find(({ vServerGroupId }) => this.#pacing.isWritable(vServerGroupId));
      if (step === undefined) return await this.#conclude(plan);
      if (!(await this.#isFreshFor(step))) continue;
      if (!maySend(this.#held, this.#nowMs(), this.#deps.timing)) return await this.#runOutOfTime();
      await this.#send(step);
    }
    return await this.#runOutOfTime();
  }

  /** What is known of the clouds; read again when it has become too old to act on. */
  async #observation(): Promise<LaneObservation> {
    if (this.#seen !== null && this.#nowMs() - this.#seen.readAtMs <= OBSERVATION_AGE_MAX_MS)
      return this.#seen;
    const signalled = this.#signals.map(({ instanceId }) => instanceId);
    const seen = await observeLane(this.#deps, this.#groupIds, signalled);
    this.#seen = seen;
    this.#groups = new Map(seen.groups);
    this.#unread.clear();
    this.#journal.take(seen.rows, seen.readAtMs);
    return seen;
  }

  #plan({ instances }: LaneObservation): LanePlan {
    return planLane({
      loadBalancerId: this.#held.loadBalancerId,
      bindings: this.#bindings,
      groups: this.#groups,
      instances,
      rows: this.#journal.rows,
      signals: this.#signals,
      notes: this.#notes(),
      timing: this.#deps.timing,
      nowMs: this.#nowMs(),
    });
  }

  /** Whether everything that the step was planned on is young enough to send it; else it is read again for the next turn. */
  async #isFreshFor({ vServerGroupId }: Step): Promise<boolean> {
    if (this.#unread.has(vServerGroupId)) {
      this.#seen = null;
      return false;
    }
    if (this.#journal.ageMs > GENERATION_AGE_MAX_MS) {
      await this.#journal.reread();
      return false;
    }
    return this.#nowMs() - (this.#seen?.readAtMs ?? -Infinity) <= OBSERVATION_AGE_MAX_MS;
  }

  async #send(step: Step): Promise<void> {
    const { vServerGroupId, kind } = step;
    this.#writes++;
    this.#pacing.sent(vServerGroupId);
    try {
      const answer = await this.#deps.groups.send(step);
      this.#pacing.answered(vServerGroupId);
      this.#journal.noteStep(step, DONE[kind], null, [answer.requestId]);
      const group = this.#groups.get(vServerGroupId) ?? null;
      const after = group === null ? null : withAnswer(group, step, answer);
      if (after !== null) this.#groups.set(vServerGroupId, after);
      else this.#mustRead(vServerGroupId, this.#deps.timing.settleMs);
    } catch (error) {
      await this.#takeRefusal(step, error);
    }
  }

  async #takeRefusal(step: Step, error: unknown): Promise<void> {
    const { random, timing, logger } = this.#deps;
    const consequence = consequenceOf(error, timing.settleMs, random);
    const { vServerGroupId } = step;
    const facts = { vServerGroupId, step: step.kind, backends: step.backends.length };
    logger.warn({ ...facts, consequence: consequence.kind }, `write refused: ${describeError(error)}`);
    switch (consequence.kind) {
      case 'pause':
        this.#pacing.pause(consequence.forMs);
        return;
      case 'hold-group':
        if (consequence.mustRead) this.#mustRead(vServerGroupId, consequence.forMs);
        else this.#pacing.hold(vServerGroupId, consequence.forMs);
        return;
      case 'set-backends-back': {
        const { isForGood, reason } = consequence;
        this.#journal.noteStep(step, 'call-refused', reason, requestIdsOf(error));
        // One draw for all of them, or they would come back apart and share no call.
        const draw = random();
        const rows = step.backends.flatMap((backend) => this.#journal.rowOf(backend) ?? []);
        const changes = rows.map((row) => setBack(row, isForGood, reason, this.#nowMs(), () => draw));
        await this.#journal.commit(changes, []);
      }
    }
  }

  #mustRead(vServerGroupId: string, afterMs: number): void {
    this.#pacing.hold(vServerGroupId, afterMs);
    this.#unread.add(vServerGroupId);
  }

  /** Forgets the settled signals: whatever they led to stands in the records by now. */
  async #conclude(plan: LanePlan): Promise<PassResult> {
    await this.#journal.commit([], []);
    const { loadBalancerId } = this.#held;
    if (plan.settledKeys.length > 0) await this.#deps.inbox.remove(loadBalancerId, plan.settledKeys);
    return this.#result(plan, false);
  }

  async #runOutOfTime(): Promise<PassResult> {
    await this.#journal.commit([], []);
    return this.#result(null, true);
  }

  #result(plan: LanePlan | null, isOutOfTime: boolean): PassResult {
    const notes = this.#notes();
    const blocked = (plan?.steps ?? []).map(({ vServerGroupId }) =>
      this.#pacing.writableAtMs(vServerGroupId),
    );
    const deadlines: ReadonlyArray<readonly [number | null, string]> = [
      [plan?.nextLookMs ?? null, plan?.waitingFor ?? ''],
      [blocked.length === 0 ? null : Math.min(...blocked), 'the load balancer to take the next write'],
      [notes.verifyAtMs, 'the verification read'],
    ];
    const [nextLookMs, waitingFor] = deadlines.reduce((earliest, deadline) =>
      deadline[0] !== null && (earliest[0] === null || deadline[0] < earliest[0]) ? deadline : earliest,
    );
    return {
      writes: this.#writes,
      nextLookMs,
      waitingFor: nextLookMs === null ? null : waitingFor,
      isOutOfTime,
      failure: null,
      notes,
    };
  }

  #notes(): LaneNotes {
    const { leaseUntilMs, notes, isTakeover } = this.#held;
    const { settleMs, callTimeoutMs } = this.#deps.timing;
    const mayLandLate = this.#writes > 0 || isTakeover;
    // A verification counts only when the groups were read after it fell due.
    const isVerified = notes.verifyAtMs === null || (this.#seen?.readAtMs ?? -Infinity) >= notes.verifyAtMs;
    const pendingAtMs = isVerified ? null : notes.verifyAtMs;
    return {
      ...notes,
      verifyAtMs: mayLandLate ? leaseUntilMs + callTimeoutMs : pendingAtMs,
      ...this.#pacing.notes(settleMs),
    };
  }

  #nowMs(): number {
    return this.#deps.clock.nowMs();
  }
}

function requestIdsOf(error: unknown): ReadonlyArray<string> {
  const isAnswer = error instanceof RejectedError || error instanceof TransientError;
  return isAnswer && error.origin.requestId !== null ? [error.origin.requestId] : [];
}
