import type { Signal } from '../acceptance/model.ts';
import type { InboxStore } from '../acceptance/ports.ts';
import { type AuditAction, type AuditEntry, backendSubject } from '../audit/model.ts';
import type { Clock, NewId, Random } from '../clock.ts';
import type { Binding } from '../config/binding.ts';
import { ConflictError, describeError, RejectedError, TransientError } from '../errors.ts';
import type { PassResult, RunPass } from '../lanes/apply.ts';
import type { HeldLane, LaneNotes, LeaseTiming } from '../lanes/model.ts';
import { maySend } from '../lanes/plan.ts';
import type { Logger } from '../logger.ts';
import { withAnswer } from './evidence.ts';
import {
  type BackendRow,
  backendKey,
  type LanePlan,
  type ObservedGroup,
  type PlanTiming,
  type RowChange,
  type Step,
} from './model.ts';
import { type LaneObservation, type ObserveDeps, observeLane } from './observe.ts';
import { Pacing } from './pacing.ts';
import { planLane } from './plan.ts';
import { consequenceOf, setBack } from './refusals.ts';

/** What a pass over a lane's groups needs. */
export interface PassDeps extends ObserveDeps {
  readonly inbox: InboxStore;
  readonly clock: Clock;
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
  /** All bindings; a pass takes those of its load balancer. */
  readonly bindings: ReadonlyArray<Binding>;
  readonly timing: PlanTiming & LeaseTiming;
}

/** A write is judged on an observation that is at most this old. */
const OBSERVATION_AGE_MAX_MS = 8_000;
/** A write is sent only if the generations were read at most this long ago. */
const GENERATION_AGE_MAX_MS = 2_000;
/** Turns of plan and apply in one pass; the time limit ends a pass long before. */
const TURNS_MAX = 500;
const CONFLICTS_MAX = 5;

/** Makes the pass that keeps a load balancer's vServer groups as they should be. */
export function createServerGroupPass(deps: PassDeps): RunPass {
  return async (held, deadlineMs) => {
    const signals = await deps.inbox.read(held.loadBalancerId);
    const pass = new Pass(deps, held, signals);
    await pass.observe();
    return await pass.run(deadlineMs);
  };
}

const DONE = { add: 'added', 'set-weight': 'weight-set', remove: 'removed' } as const;

/** One pass in progress: the observation, brought forward by the answers of our own writes. */
class Pass {
  readonly #deps: PassDeps;
  readonly #held: HeldLane;
  readonly #signals: ReadonlyArray<Signal>;
  readonly #bindings: ReadonlyArray<Binding>;
  readonly #groupIds: ReadonlyArray<string>;
  #seen: LaneObservation | null = null;
  #groups = new Map<string, ObservedGroup | null>();
  #rows = new Map<string, BackendRow>();
  #rowsReadAtMs = 0;
  #audit: Array<AuditEntry> = [];
  readonly #pacing: Pacing;
  #writes = 0;
  #conflicts = 0;

  constructor(deps: PassDeps, held: HeldLane, signals: ReadonlyArray<Signal>) {
    this.#deps = deps;
    this.#held = held;
    this.#signals = signals;
    this.#bindings = deps.bindings.filter(({ loadBalancerId }) => loadBalancerId === held.loadBalancerId);
    this.#groupIds = [...new Set(this.#bindings.map(({ vServerGroupId }) => vServerGroupId))];
    this.#pacing = new Pacing(held.notes, deps.clock);
  }

  async observe(): Promise<void> {
    const signalled = this.#signals.map(({ instanceId }) => instanceId);
    this.#seen = await observeLane(this.#deps, this.#groupIds, signalled);
    this.#groups = new Map(this.#seen.groups);
    this.#takeRows(this.#seen.rows, this.#seen.readAtMs);
  }

  async run(deadlineMs: number): Promise<PassResult> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      if (this.#deps.ownClock.nowMs() >= deadlineMs) return this.#result(null, true);
      if (this.#nowMs() - this.#observation().readAtMs > OBSERVATION_AGE_MAX_MS) await this.observe();
      const plan = this.#plan();
      if (!(await this.#record(plan))) continue;
      const step = this.#nextStep(plan);
      if (step === null) return await this.#conclude(plan);
      if (!(await this.#hasFreshGenerations(step))) continue;
      if (!maySend(this.#held, this.#nowMs(), this.#deps.timing)) return this.#result(null, true);
      await this.#send(step);
    }
    return this.#result(null, true);
  }

  #plan(): LanePlan {
    return planLane({
      loadBalancerId: this.#held.loadBalancerId,
      bindings: this.#bindings,
      groups: this.#groups,
      instances: this.#observation().instances,
      rows: [...this.#rows.values()],
      signals: this.#signals,
      notes: this.#notes(),
      timing: this.#deps.timing,
      nowMs: this.#nowMs(),
    });
  }

  /** Writes what was decided before anything is done about it; `false` = somebody else wrote, plan again. */
  async #record(plan: LanePlan): Promise<boolean> {
    for (const { subject, action, reason, inputs } of plan.decisions) {
      this.#note(subject, action, reason, [], inputs);
    }
    return await this.#commit(plan.changes, plan.departed);
  }

  async #commit(changes: ReadonlyArray<RowChange>, departed: ReadonlyArray<string>): Promise<boolean> {
    if (changes.length === 0 && this.#audit.length === 0) return true;
    const { loadBalancerId, fence } = this.#held;
    const stamped = changes.map((change) => ({ ...change, row: { ...change.row, fence } }));
    const audit = this.#audit;
    this.#audit = [];
    const { refused } = await this.#deps.backends.commit({
      loadBalancerId,
      fence,
      changes: stamped,
      departed,
      audit,
    });
    for (const { kind, row } of stamped) {
      if (kind === 'put') this.#rows.set(rowKey(row), row);
      else this.#rows.delete(rowKey(row));
    }
    if (refused.length === 0) return true;
    if (++this.#conflicts > CONFLICTS_MAX) throw new ConflictError('records kept changing under this pass');
    await this.#rereadRows();
    return false;
  }

  #nextStep(plan: LanePlan): Step | null {
    return plan.steps.find(({ vServerGroupId }) => this.#pacing.isWritable(vServerGroupId)) ?? null;
  }

  /** Reads the generations again when they are too old to send on; `false` = they moved, plan again. */
  async #hasFreshGenerations(step: Step): Promise<boolean> {
    if (this.#nowMs() - this.#rowsReadAtMs <= GENERATION_AGE_MAX_MS) return true;
    const before = this.#rows;
    await this.#rereadRows();
    return step.backends.every((backend) => {
      const key = rowKey(backend);
      return before.get(key)?.revision === this.#rows.get(key)?.revision;
    });
  }

  async #rereadRows(): Promise<void> {
    const readAtMs = this.#nowMs();
    const rows = await this.#deps.backends.readGroups(this.#groupIds);
    const newer = rows.find(({ fence }) => fence > this.#held.fence);
    if (newer !== undefined) throw new ConflictError('another worker has taken the lane over');
    this.#takeRows(rows, readAtMs);
  }

  #takeRows(rows: ReadonlyArray<BackendRow>, readAtMs: number): void {
    this.#rows = new Map(rows.map((row) => [rowKey(row), row]));
    this.#rowsReadAtMs = readAtMs;
  }

  async #send(step: Step): Promise<void> {
    const { vServerGroupId } = step;
    this.#writes++;
    this.#pacing.sent(vServerGroupId);
    try {
      const answer = await this.#deps.groups.send(step);
      this.#pacing.answered(vServerGroupId);
      this.#noteStep(step, DONE[step.kind], null, [answer.requestId]);
      const group = this.#groups.get(vServerGroupId) ?? null;
      const after = group === null ? null : withAnswer(group, step, answer);
      if (after !== null) this.#groups.set(vServerGroupId, after);
      else this.#pacing.hold(vServerGroupId, this.#deps.timing.settleMs);
    } catch (error) {
      await this.#takeRefusal(step, error);
    }
  }

  async #takeRefusal(step: Step, error: unknown): Promise<void> {
    const { random, timing, logger } = this.#deps;
    const consequence = consequenceOf(step, error, timing.settleMs, random);
    const { vServerGroupId } = step;
    logger.warn(
      { vServerGroupId, step: step.kind, backends: step.backends.length, consequence: consequence.kind },
      `write refused: ${describeError(error)}`,
    );
    if (consequence.kind === 'pause') {
      this.#pacing.pause(consequence.forMs);
      return;
    }
    if (consequence.reason !== null)
      this.#noteStep(step, 'call-refused', consequence.reason, requestIdsOf(error));
    if (consequence.kind === 'hold-group') {
      this.#pacing.hold(vServerGroupId, consequence.forMs);
      return;
    }
    const { isOneAtFault, reason } = consequence;
    // One draw for all of them, or they would come back apart and share no call.
    const draw = random();
    const rows = step.backends.flatMap((backend) => this.#rows.get(rowKey(backend)) ?? []);
    await this.#commit(
      rows.map((row) => setBack(row, isOneAtFault, reason, this.#nowMs(), () => draw)),
      [],
    );
  }

  /** Forgets the settled signals: whatever they led to stands in the records by now. */
  async #conclude(plan: LanePlan): Promise<PassResult> {
    await this.#commit([], []);
    if (plan.settledKeys.length > 0)
      await this.#deps.inbox.remove(this.#held.loadBalancerId, plan.settledKeys);
    return this.#result(plan, false);
  }

  #result(plan: LanePlan | null, isOutOfTime: boolean): PassResult {
    const notes = this.#notes();
    const blocked = (plan?.steps ?? []).map(({ vServerGroupId }) =>
      this.#pacing.writableAtMs(vServerGroupId),
    );
    const candidates: ReadonlyArray<readonly [number | null, string]> = [
      [plan?.nextLookMs ?? null, plan?.waitingFor ?? ''],
      [blocked.length === 0 ? null : Math.min(...blocked), 'the load balancer to take the next write'],
      [notes.verifyAtMs, 'the verification read'],
    ];
    const [nextLookMs, waitingFor] = candidates.reduce((earliest, candidate) =>
      candidate[0] !== null && (earliest[0] === null || candidate[0] < earliest[0]) ? candidate : earliest,
    );
    return {
      writes: this.#writes,
      nextLookMs,
      waitingFor: nextLookMs === null ? null : waitingFor,
      isOutOfTime,
      notes,
    };
  }

  #notes(): LaneNotes {
    const nowMs = this.#nowMs();
    const { leaseUntilMs, notes, isTakeover } = this.#held;
    const mayLandLate = this.#writes > 0 || isTakeover;
    const pending = notes.verifyAtMs !== null && notes.verifyAtMs > nowMs ? notes.verifyAtMs : null;
    return {
      verifyAtMs: mayLandLate ? leaseUntilMs + this.#deps.timing.callTimeoutMs : pending,
      ...this.#pacing.notes(this.#deps.timing.settleMs),
      failures: 0,
    };
  }

  #noteStep(
    step: Step,
    action: AuditAction,
    refusal: string | null,
    requestIds: ReadonlyArray<string>,
  ): void {
    for (const backend of step.backends) {
      this.#note(backendSubject(backend), action, refusal ?? backend.reason, requestIds, {
        weight: backend.weight,
      });
    }
  }

  #note(
    subject: string,
    action: AuditAction,
    reason: string,
    requestIds: ReadonlyArray<string>,
    inputs: AuditEntry['inputs'],
  ): void {
    const withFence = { ...inputs, fence: this.#held.fence };
    this.#audit.push({
      subject,
      atMs: this.#nowMs(),
      id: this.#deps.newId(),
      action,
      reason,
      requestIds,
      inputs: withFence,
    });
  }

  #observation(): LaneObservation {
    if (this.#seen === null) throw new Error('the lane has not been observed');
    return this.#seen;
  }

  #nowMs(): number {
    return this.#deps.clock.nowMs();
  }
}

function rowKey(backend: {
  vServerGroupId: string;
  serverId: string;
  port: number;
  serverIp: string | null;
}): string {
  return `${backend.vServerGroupId}/${backendKey(backend)}`;
}

function requestIdsOf(error: unknown): ReadonlyArray<string> {
  const requestId =
    error instanceof RejectedError || error instanceof TransientError ? error.origin.requestId : null;
  return requestId === null ? [] : [requestId];
}
