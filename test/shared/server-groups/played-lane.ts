import type { LiftableGuard, News, Signal } from '../../../shared/acceptance/model.ts';
import { missingMembers } from '../../../shared/comparison/plan.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import type { EcsInstance } from '../../../shared/instances/model.ts';
import type { BackendHealth } from '../../../shared/load-balancers/model.ts';
import type { ProbeResult } from '../../../shared/readiness/model.ts';
import type { BackendRow } from '../../../shared/server-groups/backend/record.ts';
import {
  backendId,
  type Decision,
  type Enquiry,
  type LaneInput,
  type LanePlan,
  type ObservedBackend,
  type PlanCount,
  type Step,
} from '../../../shared/server-groups/model.ts';
import { planLane } from '../../../shared/server-groups/plan.ts';
import {
  aBinding,
  aGroup,
  aLoadBalancer,
  anInput,
  aSignal,
  GROUP,
  instancesSeen,
  NOW_MS,
} from '../../support/builders.ts';
import { callOf } from './plan-views.ts';

const ROUNDS_MAX = 60;

/**
 * A lane whose plans are carried out at once on plain lists. Time moves only when told, and a look happens only when
 * asked for or when the last plan wanted one: what a plan forgets to wait for never happens.
 */
export class PlayedLane {
  nowMs = NOW_MS;
  bindings: ReadonlyArray<Binding>;
  loadBalancer = aLoadBalancer();
  readonly list = new Map<string, ObservedBackend>();
  readonly rows = new Map<string, BackendRow>();
  readonly instances = new Map<string, EcsInstance>();
  readonly health = new Map<string, BackendHealth>();
  signals: ReadonlyArray<Signal> = [];
  /** `32s set-weight i-1=0` for each call. */
  readonly sent: Array<string> = [];
  /** Each backend of each call, with the generation of its record. */
  readonly writes: Array<{ kind: Step['kind']; id: string; weight: number; generation: number | null }> = [];
  readonly decisions: Array<Decision> = [];
  /** `5s probe i-1` for each question. */
  readonly asked: Array<string> = [];
  /** What needed somebody's eyes at the last look. */
  counts: ReadonlyArray<PlanCount> = [];
  nextLookMs: number | null = null;
  waitingFor: string | null = null;
  onProbe: (enquiry: Extract<Enquiry, { kind: 'probe' }>) => ProbeResult = () => ({
    isReady: true,
    reason: null,
  });
  /** `null` = there is no sample. */
  onCount: (serverId: string) => number | null = () => null;
  /** How old the samples are when they are asked for. */
  countedBeforeMs = 0;
  /** Called before each plan. */
  beforePlan: () => void = () => undefined;
  /** Called after each call; what it throws ends the pass where it is. */
  afterCall: (step: Step) => void = () => undefined;
  /** What else differs from the builders' input. */
  overrides: Partial<LaneInput> = {};
  readonly #writtenAtMs: Record<string, number> = {};

  constructor(...bindings: ReadonlyArray<Binding>) {
    this.bindings = bindings.length === 0 ? [aBinding()] : bindings;
  }

  /** Instances as ECS shows them from now on. */
  withInstances(...instances: ReadonlyArray<EcsInstance>): this {
    for (const instance of instances) this.instances.set(instance.instanceId, instance);
    return this;
  }

  withBackends(...backends: ReadonlyArray<ObservedBackend>): this {
    for (const backend of backends) this.list.set(backendId(backend), backend);
    return this;
  }

  withRows(...rows: ReadonlyArray<BackendRow>): this {
    for (const row of rows) this.rows.set(backendId(row), row);
    return this;
  }

  /** What listener http:80 says of the instance's port 8080; `null` = nothing. */
  withHealth(status: BackendHealth['status'] | null, ...serverIds: ReadonlyArray<string>): this {
    for (const serverId of serverIds) {
      if (status === null) this.health.delete(serverId);
      else this.health.set(serverId, { listenerPort: 80, protocol: 'http', serverId, port: 8080, status });
    }
    return this;
  }

  /** A message arrives now. */
  hear(instanceId: string, news: News, overrides: Partial<Signal> = {}): this {
    const key = `${this.signals.length} ${this.nowMs} ${instanceId}`;
    const times = { eventAtMs: this.nowMs, acceptedAtMs: this.nowMs };
    this.signals = [...this.signals, aSignal(instanceId, 'Running', { key, news, ...times, ...overrides })];
    return this;
  }

  /** An order to leave arrives now; it happened now unless said otherwise. */
  order(
    instanceId: string,
    cause: Extract<News, { kind: 'leave' }>['cause'],
    more: Partial<Omit<Extract<News, { kind: 'leave' }>, 'kind' | 'cause'>> & { eventAtMs?: number } = {},
  ): this {
    const { ref = null, fromMs = null, deadlineAtMs = null, untilMs = null, eventAtMs = this.nowMs } = more;
    const news: News = { kind: 'leave', cause, ref, fromMs, deadlineAtMs, untilMs };
    return this.hear(instanceId, news, { eventAtMs });
  }

  takeBack(
    instanceId: string,
    cause: Extract<News, { kind: 'leave' }>['cause'],
    eventAtMs: number = this.nowMs,
    ref: string | null = null,
  ): this {
    return this.hear(instanceId, { kind: 'return', cause, ref }, { eventAtMs });
  }

  /** A person asks for another weight, or for it to be in, for a time. */
  override(
    instanceId: string,
    forMs: number,
    more: Partial<Omit<Extract<News, { kind: 'override' }>, 'kind' | 'untilMs'>> = {},
  ): this {
    const {
      ref = 'deploy-4711',
      joins = false,
      weight = null,
      scope = { binding: 'web', ports: null },
    } = more;
    const untilMs = this.nowMs + forMs;
    return this.hear(instanceId, { kind: 'override', ref, joins, weight, untilMs, scope });
  }

  /** A person lifts a guard for it. */
  lift(instanceId: string, guard: LiftableGuard, forMs = 600_000): this {
    const scope = { binding: 'web', ports: null };
    const untilMs = this.nowMs + forMs;
    return this.hear(instanceId, { kind: 'lift-guard', ref: 'lift-1', guard, untilMs, scope });
  }

  /** The instance is Running, or what else is said, from now on, and its event arrives. */
  becomes(instanceId: string, status: EcsInstance['status']): this {
    const instance = this.instances.get(instanceId);
    if (instance === undefined) throw new Error(`no instance ${instanceId}`);
    this.instances.set(instanceId, { ...instance, status });
    return this.hear(instanceId, { kind: 'state', state: status });
  }

  /** A full comparison tells of what nobody has a record of. */
  compare(): this {
    const { bindings, instances, rows, signals, nowMs } = this;
    const known = new Set(signals.map(({ key }) => key));
    const missing = missingMembers(bindings, instances.values(), [...rows.values()], signals, nowMs);
    this.signals = [...signals, ...missing.filter(({ key }) => !known.has(key))];
    this.look();
    return this;
  }

  /** Another writer's hand. */
  meddle(serverId: string, changes: Partial<ObservedBackend> | null, vServerGroupId: string = GROUP): this {
    const backend = this.backend(serverId, vServerGroupId);
    if (backend === undefined) throw new Error(`no backend ${serverId}`);
    if (changes === null) this.list.delete(backendId(backend));
    else this.list.set(backendId(backend), { ...backend, ...changes });
    return this;
  }

  backend(serverId: string, vServerGroupId: string = GROUP): ObservedBackend | undefined {
    return [...this.list.values()].find(
      (each) => each.serverId === serverId && each.vServerGroupId === vServerGroupId,
    );
  }

  row(serverId: string, vServerGroupId: string = GROUP): BackendRow | undefined {
    return [...this.rows.values()].find(
      (each) => each.serverId === serverId && each.vServerGroupId === vServerGroupId,
    );
  }

  /** `i-1=100` for each backend. */
  get weights(): ReadonlyArray<string> {
    return [...this.list.values()].map(({ serverId, weight }) => `${serverId}=${weight}`).sort();
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (this.nowMs - NOW_MS) / 1_000;
  }

  /** What the next plan would be made from. */
  input(answers: LaneInput['answers'] = { probes: new Map(), connections: new Map() }): LaneInput {
    const groupIds = [...new Set(this.bindings.map(({ vServerGroupId }) => vServerGroupId))];
    const known = [...this.rows.values(), ...this.list.values()].map(({ serverId }) => serverId);
    const asked = [...known, ...this.signals.map(({ instanceId }) => instanceId)];
    const groups = groupIds.map((id) => {
      const backends = [...this.list.values()].filter(({ vServerGroupId }) => vServerGroupId === id);
      return [id, aGroup(backends, { vServerGroupId: id, readAtMs: this.nowMs })] as const;
    });
    return anInput({
      bindings: this.bindings,
      loadBalancer: { ...this.loadBalancer, backendCount: this.list.size },
      health: [...this.health.values()],
      groups: new Map(groups),
      instances: instancesSeen([...this.instances.values()], asked),
      readAtMs: this.nowMs,
      answers,
      rows: [...this.rows.values()],
      signals: this.signals,
      notes: { verifyAtMs: null, writtenAtMs: this.#writtenAtMs, writableAtMs: {}, failures: 0 },
      nowMs: this.nowMs,
      ...this.overrides,
    });
  }

  /** One pass: plan, record, send, ask, until there is nothing more to do now. */
  look(): LanePlan {
    const answers = { probes: new Map(), connections: new Map() };
    for (let round = 0; round < ROUNDS_MAX; round++) {
      this.beforePlan();
      const plan = planLane(this.input(answers));
      this.decisions.push(...plan.decisions);
      for (const { kind, row } of plan.changes) {
        if (kind === 'put') this.rows.set(backendId(row), row);
        else this.rows.delete(backendId(row));
      }
      if (plan.steps.length > 0) for (const step of plan.steps) this.#send(step);
      else if (plan.enquiries.length > 0) for (const enquiry of plan.enquiries) this.#ask(enquiry, answers);
      else {
        this.signals = this.signals.filter(({ key }) => !plan.settledKeys.includes(key));
        this.counts = plan.counts;
        this.nextLookMs = plan.nextLookMs;
        this.waitingFor = plan.waitingFor;
        return plan;
      }
    }
    throw new Error('a pass that never ends');
  }

  /** Lets time pass, with the looks that the plans asked for and no others. */
  advance(ms: number): this {
    const untilMs = this.nowMs + ms;
    while (this.nextLookMs !== null && this.nextLookMs <= untilMs) {
      if (this.nextLookMs <= this.nowMs) throw new Error(`looks again at once for ${this.waitingFor}`);
      this.nowMs = this.nextLookMs;
      this.look();
    }
    this.nowMs = untilMs;
    return this;
  }

  #send(step: Step): void {
    this.sent.push(`${this.seconds}s ${callOf(step)}`);
    this.#writtenAtMs[step.vServerGroupId] = this.nowMs;
    for (const { vServerGroupId, serverId, port, serverIp, weight, description } of step.backends) {
      const backend = { vServerGroupId, serverId, port, serverIp, weight, description };
      const id = backendId(backend);
      this.writes.push({ kind: step.kind, id, weight, generation: this.rows.get(id)?.generation ?? null });
      if (step.kind === 'remove') this.list.delete(backendId(backend));
      else this.list.set(backendId(backend), backend);
    }
    this.afterCall(step);
  }

  #ask(enquiry: Enquiry, answers: { probes: Map<string, unknown>; connections: Map<string, unknown> }): void {
    const { kind, backend } = enquiry;
    this.asked.push(`${this.seconds}s ${kind} ${backend.serverId}`);
    const atMs = this.nowMs;
    if (kind === 'probe') answers.probes.set(backendId(backend), { ...this.onProbe(enquiry), atMs });
    else {
      const count = this.onCount(backend.serverId);
      const sample = count === null ? null : { count, sinceMs: atMs - this.countedBeforeMs };
      answers.connections.set(backendId(backend), { sample, atMs });
    }
  }
}
