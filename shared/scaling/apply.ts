import type { InboxStore } from '../acceptance/ports.ts';
import type { Clock, NewId, Random } from '../clock.ts';
import type { ScalingPolicy } from '../config/scaling.ts';
import { describeError, TransientError } from '../errors.ts';
import type { PassResult, RunPass } from '../lanes/apply.ts';
import type { HeldLane, LeaseTiming } from '../lanes/model.ts';
import { maySend } from '../lanes/plan.ts';
import type { LaneStore, WakeUps } from '../lanes/ports.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { sendCall } from './calls.ts';
import { HookJournal } from './journal.ts';
import type { LaneOrder, ScalingPlan } from './model.ts';
import { type ObserveScalingDeps, observeScaling, type ScalingObservation } from './observe.ts';
import { planScaling } from './plan.ts';

/** What a pass over a scaling group's hooks needs. */
export interface ScalingPassDeps extends ObserveScalingDeps {
  readonly inbox: Pick<InboxStore, 'read' | 'put'>;
  readonly lanes: Pick<LaneStore, 'signal'>;
  readonly wakeUps: WakeUps;
  readonly metrics: Metrics;
  /** Table time. */
  readonly clock: Clock;
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
  readonly newId: NewId;
  readonly random: Random;
  readonly logger: Logger;
  readonly scalingPolicy: ScalingPolicy;
  readonly timing: LeaseTiming;
}

/** Turns of observe, plan and apply in one pass; each does something, or it is the last. */
const TURNS_MAX = 20;

/** Makes the pass that answers the hooks of a scaling group. */
export function createScalingPass(deps: ScalingPassDeps): RunPass {
  return async (held, deadlineMs) => await new Pass(deps, held).run(deadlineMs);
}

/** One pass in progress. */
class Pass {
  readonly #deps: ScalingPassDeps;
  readonly #held: HeldLane;
  readonly #journal: HookJournal;
  #calls = 0;

  constructor(deps: ScalingPassDeps, held: HeldLane) {
    this.#deps = deps;
    this.#held = held;
    this.#journal = new HookJournal(deps, held);
  }

  async run(deadlineMs: number): Promise<PassResult> {
    try {
      return await this.#work(deadlineMs);
    } catch (error) {
      return { ...this.#result(null), failure: { error } };
    }
  }

  async #work(deadlineMs: number): Promise<PassResult> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const isLate = this.#deps.ownClock.nowMs() >= deadlineMs || !this.#mayWrite();
      if (isLate) return { ...this.#result(null), isOutOfTime: true };
      const seen = await observeScaling(this.#deps, this.#held.laneId);
      const plan = this.#plan(seen);
      const isDone = await this.#apply(plan);
      if (!isDone || plan.goesOn) continue;
      // Hooks have been kept waiting; whoever comes next looks again.
      if (seen.blindness !== null) throw seen.blindness.error;
      return this.#result(plan);
    }
    return { ...this.#result(null), isOutOfTime: true };
  }

  #plan(seen: ScalingObservation): ScalingPlan {
    const { scalingPolicy: policy, assume, clock } = this.#deps;
    const isBlind = seen.blindness !== null;
    const scalingGroupId = this.#held.laneId;
    return planScaling({ ...seen, isBlind, scalingGroupId, policy, assume, nowMs: clock.nowMs() });
  }

  /** `false` = not all of it could be done, so everything is to be looked at again. */
  async #apply({ orders, changes, calls, decisions, counts }: ScalingPlan): Promise<boolean> {
    // Whoever has slept for longer than its lease has seen what was, and others have gone on from it since.
    if (this.#deps.clock.nowMs() >= this.#held.leaseUntilMs) return false;
    // Before the rows: an order that was given twice does no harm, one that was only written down would be lost.
    await this.#give(orders);
    for (const decision of decisions) this.#journal.note(decision);
    const isWritten = await this.#journal.commit(changes);
    this.#count(counts);
    if (!isWritten) return false;
    let failure: { error: unknown } | null = null;
    for (const call of calls) {
      if (!this.#mayWrite()) return false;
      try {
        this.#calls++;
        this.#count(await sendCall(this.#deps, this.#journal, call));
      } catch (error) {
        // The other hooks must not wait for this one.
        if (!(error instanceof TransientError)) throw error;
        failure ??= { error };
        const { lifecycleHookId } = call.row;
        this.#deps.logger.warn({ laneId: this.#held.laneId, lifecycleHookId }, describeError(error));
      }
    }
    if (failure !== null) throw failure.error;
    return true;
  }

  /** Puts the orders into the lanes' inboxes, counts them, and has somebody look at the lanes at once. */
  async #give(orders: ReadonlyArray<LaneOrder>): Promise<void> {
    if (orders.length === 0) return;
    const { inbox, lanes, wakeUps, clock } = this.#deps;
    const laneIds = [...new Set(orders.map(({ laneId }) => laneId))].sort();
    await inbox.put(orders);
    await lanes.signal(laneIds);
    for (const laneId of laneIds) await wakeUps.send(laneId, clock.nowMs());
  }

  #count(names: ScalingPlan['counts']): void {
    for (const name of names) this.#deps.metrics.count(name, 1, { scalingGroupId: this.#held.laneId });
  }

  #mayWrite(): boolean {
    return maySend(this.#held, this.#deps.clock.nowMs(), this.#deps.timing);
  }

  #result(plan: ScalingPlan | null): PassResult {
    return {
      writes: this.#calls,
      nextLookMs: plan?.nextLookMs ?? null,
      waitingFor: plan?.waitingFor ?? null,
      isOutOfTime: false,
      failure: null,
      notes: this.#held.notes,
    };
  }
}
