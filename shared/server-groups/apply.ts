import type { Signal } from '../acceptance/model.ts';
import type { InboxStore } from '../acceptance/ports.ts';
import type { ApiBudget } from '../api-budget/apply.ts';
import type { Clock, Random } from '../clock.ts';
import type { Binding } from '../config/binding.ts';
import type { Assumptions } from '../config/load.ts';
import { TransientError } from '../errors.ts';
import type { PassResult, RunPass } from '../lanes/apply.ts';
import type { HeldLane, LaneNotes, LeaseTiming } from '../lanes/model.ts';
import { earliestDeadline, maySend, verificationAtMs } from '../lanes/plan.ts';
import type { BackendHealth } from '../load-balancers/model.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { AnswerBook, type EnquiryDeps } from './enquiries.ts';
import { Journal, type JournalDeps } from './journal.ts';
import type { LanePlan, ObservedGroup, PlanLimits, PlanTiming, Step } from './model.ts';
import { type LaneObservation, type ObserveDeps, observeLane } from './observe.ts';
import { planLane } from './plan.ts';
import type { BackendStore, ServerGroupGateway } from './ports.ts';
import { Writer } from './writer.ts';

/** What a pass over a lane's groups needs. */
export interface PassDeps extends ObserveDeps, JournalDeps, EnquiryDeps {
  readonly groups: ServerGroupGateway;
  readonly backends: BackendStore;
  readonly inbox: InboxStore;
  readonly budget: ApiBudget;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** All bindings; a pass takes those of its load balancer. */
  readonly bindings: ReadonlyArray<Binding>;
  readonly timing: PlanTiming & LeaseTiming;
  readonly limits: PlanLimits;
  readonly assume: Assumptions;
}

/** A write is judged on an observation that is at most this old when it is sent. */
const OBSERVATION_AGE_MAX_MS = 8_000;
/** A write is sent only if the generations were read at most this long ago. */
const GENERATION_AGE_MAX_MS = 2_000;
/** A drain is near when it can be sent within this time. */
const DRAIN_NEAR_MS = 1_200;
/** Readings for near drains in one pass. */
const DRAIN_READS_MAX = 4;
/** Turns of plan and apply in one pass; the time limit ends a pass long before. */
const TURNS_MAX = 500;

/** Makes the pass that keeps a load balancer's vServer groups as they should be. */
export function createServerGroupPass(deps: PassDeps): RunPass {
  return async (held, deadlineMs) => await new Pass(deps, held).run(deadlineMs);
}

/** One pass in progress: the observation, brought forward by the answers of our own writes. */
class Pass {
  readonly #deps: PassDeps;
  readonly #held: HeldLane;
  readonly #bindings: ReadonlyArray<Binding>;
  readonly #journal: Journal;
  readonly #writer: Writer;
  readonly #answers: AnswerBook;
  #signals: ReadonlyArray<Signal> = [];
  #seen: LaneObservation | null = null;
  #groups = new Map<string, ObservedGroup | null>();
  /** What the health checks say; `null` = not read since the observation. */
  #health: ReadonlyArray<BackendHealth> | null = null;
  /** Backends that our own writes have added since the observation; below 0 = taken away. */
  #added = 0;
  /** Readings for the sake of drains that are near. */
  #drainReads = 0;

  constructor(deps: PassDeps, held: HeldLane) {
    this.#deps = deps;
    this.#held = held;
    this.#bindings = deps.bindings.filter(({ loadBalancerId }) => loadBalancerId === held.laneId);
    const groupIds = [...new Set(this.#bindings.map(({ vServerGroupId }) => vServerGroupId))];
    this.#journal = new Journal(deps, held, groupIds);
    this.#writer = new Writer(deps, this.#journal, held.notes);
    this.#answers = new AnswerBook(deps);
  }

  async run(deadlineMs: number): Promise<PassResult> {
    try {
      this.#signals = await this.#deps.inbox.read(this.#held.laneId);
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
      if (plan.needsHealth) {
        this.#health = await this.#deps.loadBalancers.health(this.#held.laneId);
        continue;
      }
      for (const decision of plan.decisions) this.#journal.noteDecision(decision);
      // Before anything is done about it; and when somebody else wrote meanwhile, plan again.
      if (!(await this.#journal.commit(plan.changes, plan.departed))) continue;
      const step = this.#writer.nextOf(plan.steps);
      if (step !== null) {
        if (!maySend(this.#held, this.#nowMs(), this.#deps.timing)) return await this.#runOutOfTime();
        await this.#send(step, plan.steps);
      } else if (plan.enquiries.length > 0) await this.#answers.ask(plan.enquiries);
      else if (this.#mayReadForDrain(plan)) this.#seen = null;
      else return await this.#conclude(plan);
    }
    return await this.#runOutOfTime();
  }

  /**
   * Whether to read everything anew instead of handing over. A drain that waits for its group's processing second needs
   * that reading before it is sent; a wake-up would add up to a second to it, since queues delay by whole seconds.
   */
  #mayReadForDrain({ steps }: LanePlan): boolean {
    return (
      this.#drainReads < DRAIN_READS_MAX &&
      this.#writer.isDrainNear(steps, DRAIN_NEAR_MS) &&
      ++this.#drainReads > 0
    );
  }

  /** What is known of the clouds; read again when it has become too old to act on. */
  async #observation(): Promise<LaneObservation> {
    if (this.#seen !== null && this.#nowMs() - this.#seen.readAtMs <= OBSERVATION_AGE_MAX_MS)
      return this.#seen;
    const signalled = this.#signals.map(({ instanceId }) => instanceId);
    const seen = await observeLane(this.#deps, this.#held.laneId, this.#bindings, signalled);
    const tookMs = this.#nowMs() - seen.readAtMs;
    if (tookMs > OBSERVATION_AGE_MAX_MS) {
      // Nothing could ever be sent on it, so that has to be said instead of being tried again at once.
      throw new TransientError(`observing took ${tookMs} ms, more than a write may rest on`, 'unavailable');
    }
    this.#seen = seen;
    this.#groups = new Map(seen.groups);
    this.#health = null;
    this.#added = 0;
    this.#writer.forgetUnread();
    this.#journal.take(seen.rows, seen.readAtMs);
    return seen;
  }

  #plan({ instances, loadBalancer, readAtMs }: LaneObservation): LanePlan {
    const { timing, limits, assume } = this.#deps;
    return planLane({
      loadBalancerId: this.#held.laneId,
      bindings: this.#bindings,
      loadBalancer: { ...loadBalancer, backendCount: loadBalancer.backendCount + this.#added },
      health: this.#health,
      groups: this.#groups,
      instances,
      readAtMs,
      answers: this.#answers,
      rows: this.#journal.rows,
      signals: this.#signals,
      notes: this.#notes(),
      timing,
      limits,
      assume,
      nowMs: this.#nowMs(),
    });
  }

  /** Sends a step if everything that it was planned on is still young enough; else the next turn finds it read again. */
  async #send(step: Step, steps: ReadonlyArray<Step>): Promise<void> {
    if (!(await this.#isFreshFor(step))) return;
    if (!(await this.#writer.hasTicket(step, steps))) return;
    // Asking for the ticket took its time, and what has become too old meanwhile must not be acted on.
    const isStale = this.#journal.ageMs > GENERATION_AGE_MAX_MS || !this.#isObservationFresh();
    if (isStale || !maySend(this.#held, this.#nowMs(), this.#deps.timing)) return;
    const group = this.#groups.get(step.vServerGroupId) ?? null;
    const after = await this.#writer.send(step, group);
    if (after === null || group === null) return;
    this.#groups.set(step.vServerGroupId, after);
    this.#added += after.backends.length - group.backends.length;
  }

  /** Whether everything that the step was planned on is young enough to send it; else it is read again for the next turn. */
  async #isFreshFor(step: Step): Promise<boolean> {
    if (this.#writer.isUnread(step)) {
      this.#seen = null;
      return false;
    }
    if (this.#journal.ageMs > GENERATION_AGE_MAX_MS) {
      await this.#journal.reread();
      return false;
    }
    return this.#isObservationFresh();
  }

  #isObservationFresh(): boolean {
    return this.#nowMs() - (this.#seen?.readAtMs ?? -Infinity) <= OBSERVATION_AGE_MAX_MS;
  }

  /** Forgets the settled signals: whatever they led to stands in the records by now. */
  async #conclude(plan: LanePlan): Promise<PassResult> {
    await this.#journal.commit([], []);
    const { laneId: loadBalancerId } = this.#held;
    if (plan.settledKeys.length > 0) await this.#deps.inbox.remove(loadBalancerId, plan.settledKeys);
    for (const { metric, vServerGroupId, value } of plan.counts) {
      this.#deps.metrics.count(metric, value, { loadBalancerId, vServerGroupId });
    }
    return this.#result(plan, false);
  }

  async #runOutOfTime(): Promise<PassResult> {
    await this.#journal.commit([], []);
    return this.#result(null, true);
  }

  #result(plan: LanePlan | null, isOutOfTime: boolean): PassResult {
    const notes = this.#notes();
    return {
      writes: this.#writer.writes,
      ...earliestDeadline([
        [plan?.nextLookMs ?? null, plan?.waitingFor ?? ''],
        [this.#writer.nextSendMs(plan?.steps ?? []), 'the load balancer to take the next write'],
        [notes.verifyAtMs, 'the verification read'],
      ]),
      isOutOfTime,
      failure: null,
      notes,
    };
  }

  #notes(): LaneNotes {
    const { timing } = this.#deps;
    const did = { writes: this.#writer.writes, readAtMs: this.#seen?.readAtMs ?? null };
    const { refused: _overtaken, ...others } = this.#held.notes;
    return {
      ...others,
      verifyAtMs: verificationAtMs(this.#held, did, timing),
      ...this.#writer.pacingNotes(timing.settleMs),
    };
  }

  #nowMs(): number {
    return this.#deps.clock.nowMs();
  }
}
