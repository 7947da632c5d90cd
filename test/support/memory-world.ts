import type { Signal } from '../../shared/acceptance/model.ts';
import type { ApiBudget } from '../../shared/api-budget/apply.ts';
import { DEFAULT_API_BUDGET } from '../../shared/api-budget/model.ts';
import type { AuditEntry } from '../../shared/audit/model.ts';
import type { Binding } from '../../shared/config/binding.ts';
import type { ConnectionCounts } from '../../shared/connections/ports.ts';
import type { EcsInstance, LifecycleState } from '../../shared/instances/model.ts';
import { type HeldLane, NO_NOTES } from '../../shared/lanes/model.ts';
import type { BackendHealth, ObservedLoadBalancer } from '../../shared/load-balancers/model.ts';
import type { ProbeResult } from '../../shared/readiness/model.ts';
import type { PassDeps } from '../../shared/server-groups/apply.ts';
import type { BackendRow } from '../../shared/server-groups/backend/record.ts';
import {
  backendId,
  type ObservedBackend,
  type ObservedGroup,
  type Step,
} from '../../shared/server-groups/model.ts';
import { ASSUME, aBinding, aGroup, aLoadBalancer, LB, LIMITS, NOW_MS, TIMING } from './builders.ts';

/** The clouds of one lane in memory, with a place to interfere at each call and a clock that only moves when told. */
export class MemoryWorld {
  nowMs = NOW_MS;
  readonly list: Map<string, ObservedBackend>;
  readonly rows: Map<string, BackendRow>;
  readonly audit: Array<AuditEntry> = [];
  /** Every write that was sent, with its instant. */
  readonly sent: Array<{ step: Step; atMs: number }> = [];
  /** Reads and writes of groups, `describe rsp-…` and `add rsp-…`, in order. */
  readonly calls: Array<string> = [];
  signals: ReadonlyArray<Signal>;
  /** Called before a write takes effect; throwing refuses it. */
  onSend: (step: Step) => void = () => {};
  onCommit: () => void = () => {};
  onReadRows: () => void = () => {};
  /** Called before ECS answers. */
  onInstances: () => void = () => {};
  /** What a read of a group says instead of the truth; `null` = the truth. */
  onDescribe: (vServerGroupId: string) => ObservedGroup | null = () => null;
  loadBalancer: ObservedLoadBalancer = aLoadBalancer();
  health: ReadonlyArray<BackendHealth> = [];
  /** What every scaling group says of its instances. */
  scaling: ReadonlyMap<string, LifecycleState> = new Map();
  /** `metric=value` for each count. */
  readonly counts: Array<string> = [];
  onProbe: (privateIp: string, port: number) => ProbeResult = () => ({ isReady: true, reason: null });
  onCount: ConnectionCounts['of'] = async () => new Map();
  /** The budget says no before this instant, and that one may ask again then. */
  budgetRetryAtMs = 0;
  /** Which operations that is about. */
  isBudgeted: (api: string) => boolean = () => true;
  readonly #instances: ReadonlyArray<EcsInstance>;
  readonly #bindings: ReadonlyArray<Binding>;

  constructor(options: {
    backends?: ReadonlyArray<ObservedBackend>;
    instances?: ReadonlyArray<EcsInstance>;
    rows?: ReadonlyArray<BackendRow>;
    signals?: ReadonlyArray<Signal>;
    bindings?: ReadonlyArray<Binding>;
  }) {
    this.list = new Map((options.backends ?? []).map((backend) => [backendId(backend), backend]));
    this.rows = new Map((options.rows ?? []).map((row) => [backendId(row), row]));
    this.signals = options.signals ?? [];
    this.#instances = options.instances ?? [];
    this.#bindings = options.bindings ?? [aBinding()];
  }

  /** `i-1=100` for each backend, in the order of the list. */
  get weights(): ReadonlyArray<string> {
    return [...this.list.values()].map(({ serverId, weight }) => `${serverId}=${weight}`);
  }

  row(serverId: string): BackendRow | undefined {
    return [...this.rows.values()].find((row) => row.serverId === serverId);
  }

  held(overrides: Partial<HeldLane> = {}): HeldLane {
    const leaseUntilMs = this.nowMs + 45_000;
    return {
      laneId: LB,
      owner: 'me',
      fence: 9,
      leaseUntilMs,
      dirty: 1,
      isTakeover: false,
      notes: NO_NOTES,
      ...overrides,
    };
  }

  get deps(): PassDeps {
    const clock = { nowMs: () => this.nowMs };
    let ids = 0;
    return {
      clock,
      ownClock: clock,
      random: () => 0.5,
      newId: () => `id-${++ids}`,
      logger: { info: () => {}, warn: () => {}, error: () => {} },
      bindings: this.#bindings,
      timing: { ...TIMING, gatherMs: 0 },
      limits: LIMITS,
      assume: ASSUME,
      prober: { probe: async (ip, port) => this.onProbe(ip, port) },
      connections: { of: (ids) => this.onCount(ids) },
      metrics: { count: (name, value) => void this.counts.push(`${name}=${value}`) },
      budget: this.#budget,
      loadBalancers: {
        describe: async () => this.loadBalancer,
        health: async () => this.health,
      },
      inbox: { put: async () => {}, read: async () => this.signals, remove: async () => {} },
      instances: {
        describe: async (ids) => {
          this.onInstances();
          return this.#instances.filter(({ instanceId }) => ids.includes(instanceId));
        },
        list: async () => ({ instances: this.#instances, isComplete: true }),
        openSystemEvents: async (ids) => new Map(ids.map((id) => [id, []])),
        provePermission: async () => {},
      },
      groups: {
        describe: async (vServerGroupId) => {
          this.calls.push(`describe ${vServerGroupId}`);
          return this.onDescribe(vServerGroupId) ?? this.#group(vServerGroupId);
        },
        send: async (step) => this.#send(step),
      },
      scaling: { instances: async () => this.scaling },
      backends: {
        readGroups: async (groupIds) => {
          this.onReadRows();
          return [...this.rows.values()].filter(({ vServerGroupId }) => groupIds.includes(vServerGroupId));
        },
        commit: async ({ changes, audit }) => {
          this.onCommit();
          for (const { kind, row } of changes) {
            if (kind === 'put') this.rows.set(backendId(row), row);
            else this.rows.delete(backendId(row));
          }
          this.audit.push(...audit);
          return { refused: [] };
        },
      },
    };
  }

  get #budget(): ApiBudget {
    return {
      settings: DEFAULT_API_BUDGET,
      nowMs: () => this.nowMs,
      reserve: async (api, want) => {
        const isRefused = this.nowMs < this.budgetRetryAtMs && this.isBudgeted(api);
        const retryAtMs = Math.max(this.nowMs, this.budgetRetryAtMs);
        return { granted: isRefused ? 0 : want, untilMs: this.nowMs + 1_000, retryAtMs };
      },
      throttled: async (_api, retryAfterMs) => {
        this.budgetRetryAtMs = this.nowMs + (retryAfterMs ?? 5_000);
        return this.budgetRetryAtMs;
      },
    };
  }

  #group(vServerGroupId: string): ObservedGroup {
    const backends = [...this.list.values()].filter((backend) => backend.vServerGroupId === vServerGroupId);
    return aGroup(backends, { vServerGroupId, readAtMs: this.nowMs });
  }

  #send(step: Step) {
    this.calls.push(`${step.kind} ${step.vServerGroupId}`);
    this.sent.push({ step, atMs: this.nowMs });
    this.onSend(step);
    for (const { vServerGroupId, serverId, port, serverIp, weight, description } of step.backends) {
      const backend = { vServerGroupId, serverId, port, serverIp, weight, description };
      if (step.kind === 'remove') this.list.delete(backendId(backend));
      else this.list.set(backendId(backend), backend);
    }
    return { requestId: `R-${this.sent.length}`, backends: this.#group(step.vServerGroupId).backends };
  }
}
