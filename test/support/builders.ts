import type { Signal } from '../../shared/acceptance/model.ts';
import type { Binding, DrainPolicy, Guards, JoinPolicy } from '../../shared/config/binding.ts';
import type { DriftPolicy } from '../../shared/config/drift.ts';
import type { Limits } from '../../shared/config/limits.ts';
import type { Assumptions } from '../../shared/config/load.ts';
import type { Maintenance } from '../../shared/config/maintenance.ts';
import type { RequestPolicy } from '../../shared/config/requests.ts';
import type { Scaling } from '../../shared/config/scaling.ts';
import type { SweepSettings } from '../../shared/config/sweep.ts';
import type { Timing } from '../../shared/config/timing.ts';
import type { InstanceState } from '../../shared/events/model.ts';
import type { EcsInstance, Instance, InstanceObservation } from '../../shared/instances/model.ts';
import { NO_NOTES } from '../../shared/lanes/model.ts';
import type { Listener, ObservedLoadBalancer } from '../../shared/load-balancers/model.ts';
import type { HookRow } from '../../shared/scaling/model.ts';
import { type BackendRow, newRow } from '../../shared/server-groups/backend/record.ts';
import {
  type LaneInput,
  markOf,
  type ObservedBackend,
  type ObservedGroup,
} from '../../shared/server-groups/model.ts';

/** 2026-04-09T04:18:26Z, a Thursday: the instant at which the tests' clocks stand. */
export const NOW_MS = 1_775_708_306_000;

export const LB = 'lb-bp1orders0001';
export const GROUP = 'rsp-bp1web000001';

/** What a test says about a binding; of a policy it names only what matters to it. */
export type BindingOverrides = Partial<Omit<Binding, 'join' | 'drain' | 'guards' | 'drift'>> & {
  readonly drift?: Partial<DriftPolicy>;
  readonly join?: Partial<JoinPolicy>;
  readonly drain?: Partial<DrainPolicy>;
  readonly guards?: Partial<Guards>;
};

/**
 * A binding of instances tagged role=web to port 8080 with weight 100: in service as soon as they run, no ramp, 30 s of
 * drain, and of the guards only that one backend must stay.
 */
export function aBinding({ join, drain, guards, drift, ...overrides }: BindingOverrides = {}): Binding {
  return {
    name: 'web',
    loadBalancerId: LB,
    vServerGroupId: GROUP,
    group: null,
    declaredBy: null,
    type: 'ecs',
    addresses: 'primary',
    selector: { kind: 'tags', tags: { role: 'web' } },
    ports: [{ port: 8080, weight: 100 }],
    readiness: 'running',
    probe: { probe: { kind: 'tcp', timeoutMs: 2_000 }, everyMs: 5_000 },
    join: {
      weight: 1,
      readyWithinMs: 300_000,
      whenNotReady: 'stay',
      rampPercents: [],
      rampEveryMs: 30_000,
      ...join,
    },
    drain: {
      timeMs: 30_000,
      udpTimeMs: 300_000,
      whenNotGuaranteed: 'wait',
      connections: null,
      healthyForMs: 300_000,
      ...drain,
    },
    adopt: false,
    needsApproval: false,
    drift: {
      policy: 'correct',
      weight: 'restore',
      windows: [],
      pause: null,
      ignore: [],
      maxChanges: 100,
      ...drift,
    },
    guards: { minInService: 1, maxDisruptionPercent: 100, maxUnselectedPercent: 100, ...guards },
    ...overrides,
  };
}

/** A Running instance tagged role=web. */
export function anInstance(instanceId: string, overrides: Partial<EcsInstance> = {}): EcsInstance {
  return {
    instanceId,
    status: 'Running',
    vendorStatus: null,
    tags: { role: 'web' },
    privateIp: '192.168.0.10',
    addresses: ['192.168.0.10'],
    runningSinceMs: null,
    vpcId: 'vpc-bp1orders',
    instanceType: 'ecs.g7.large',
    zoneId: 'cn-hangzhou-h',
    lockReasons: [],
    scaling: null,
    ...overrides,
  };
}

/** A network interface that is in use, tagged role=web, with these addresses, the primary one first. */
export function anInterface(
  instanceId: string,
  addresses: ReadonlyArray<string>,
  overrides: Partial<Instance> = {},
): Instance {
  const [privateIp = null] = addresses;
  return anInstance(instanceId, { vendorStatus: 'InUse', privateIp, addresses, ...overrides });
}

/** A Running container instance tagged role=web. */
export function aContainerInstance(
  instanceId: string,
  address: string,
  overrides: Partial<Instance> = {},
): Instance {
  return anInstance(instanceId, { privateIp: address, addresses: [address], ...overrides });
}

/** An honest answer: these instances, and of the others asked for nothing. */
export function instancesSeen(
  present: ReadonlyArray<EcsInstance>,
  absent: ReadonlyArray<string> = [],
): InstanceObservation {
  return {
    present: new Map(present.map((instance) => [instance.instanceId, instance])),
    asked: new Set([...present.map(({ instanceId }) => instanceId), ...absent]),
  };
}

/** A backend of ours on port 8080 at weight 100. */
export function aBackend(serverId: string, overrides: Partial<ObservedBackend> = {}): ObservedBackend {
  return {
    vServerGroupId: GROUP,
    serverId,
    port: 8080,
    serverIp: null,
    weight: 100,
    description: markOf('web'),
    ...overrides,
  };
}

/** A group with these backends, read just now. */
export function aGroup(
  backends: ReadonlyArray<ObservedBackend>,
  overrides: Partial<ObservedGroup> = {},
): ObservedGroup {
  return { vServerGroupId: GROUP, loadBalancerId: LB, backends, readAtMs: NOW_MS, ...overrides };
}

/** The record of a backend in service at weight 100. */
export function aRow(serverId: string, overrides: Partial<BackendRow> = {}): BackendRow {
  const identity = { vServerGroupId: GROUP, serverId, port: 8080, serverIp: null };
  return {
    ...newRow(identity, 'web', 'in-service'),
    fullWeight: 100,
    confirmedWeight: 100,
    revision: 2,
    fence: 1,
    ...overrides,
  };
}

/** A signal that was accepted just now. */
export function aSignal(instanceId: string, state: InstanceState, overrides: Partial<Signal> = {}): Signal {
  return {
    key: `event-${instanceId}-${state}`,
    instanceId,
    news: { kind: 'state', state },
    eventAtMs: NOW_MS - 1_000,
    acceptedAtMs: NOW_MS,
    ...overrides,
  };
}

/** A weighted HTTP listener with a health check on port 80, in front of {@link GROUP}. */
export function aListener(overrides: Partial<Listener> = {}): Listener {
  return {
    port: 80,
    protocol: 'http',
    scheduler: 'wrr',
    vServerGroupId: GROUP,
    hasPersistence: false,
    isHealthChecked: true,
    ...overrides,
  };
}

/** The load balancer of {@link GROUP} with one listener and a quota that is hardly used. */
export function aLoadBalancer(overrides: Partial<ObservedLoadBalancer> = {}): ObservedLoadBalancer {
  return {
    loadBalancerId: LB,
    status: 'active',
    spec: 'guaranteed',
    listeners: [aListener()],
    groupsOfRules: new Set(),
    vpcId: null,
    inDefaultGroup: 0,
    backendCount: 0,
    ...overrides,
  };
}

/** The product's default times. */
export const TIMING: Timing = {
  leaseMs: 45_000,
  callTimeoutMs: 10_000,
  passBudgetMs: 20_000,
  gatherMs: 2_000,
  settleMs: 3_000,
  compareMs: 300_000,
  contestMs: 600_000,
};

/** The documented limits. */
export const LIMITS: Limits = { callsPerMinute: 90, reserveForPeople: 12, backendsPerLoadBalancer: 200 };

/** A quarter of an hour ahead, the default. */
export const MAINTENANCE: Maintenance = { drainAheadMs: 900_000 };

/** Few load balancers, the default. */
export const SWEEP: SweepSettings = { inPlace: 8 };

/** Nothing is taken for granted. */
export const ASSUME: Assumptions = {
  healthAtWeightZero: 'unknown',
  heartbeatCountsFrom: 'unknown',
  hookEvents: 'ignore',
  loadBalancerWithoutSpec: 'shared',
};

/** Nobody is named, so nobody has to sign. */
export const REQUESTS: RequestPolicy = { areSignaturesRequired: false, requesters: [] };

/** What the configuration says of scaling groups where it is silent. */
export const SCALING: Scaling = {
  policy: { whenNotReady: 'abandon', whenForbidden: 'hold', whenTimeIsUp: 'rollback' },
  groups: [],
};

/** The input of a plan for one group; what is left out is empty. */
export function anInput(overrides: Partial<LaneInput> & { group?: ObservedGroup | null } = {}): LaneInput {
  const { group = aGroup([]), ...rest } = overrides;
  return {
    loadBalancerId: LB,
    bindings: [aBinding()],
    loadBalancer: aLoadBalancer(),
    health: [],
    groups: new Map([[GROUP, group]]),
    instances: instancesSeen([]),
    readAtMs: rest.nowMs ?? NOW_MS,
    answers: { probes: new Map(), connections: new Map() },
    rows: [],
    signals: [],
    notes: NO_NOTES,
    timing: TIMING,
    limits: LIMITS,
    assume: ASSUME,
    nowMs: NOW_MS,
    ...rest,
  };
}

/** The scaling group of the tests. */
export const SCALING_GROUP = 'asg-bp1orders0001';

/** A hook on the way out that waits for an answer, with one instance. */
export function aHookRow(overrides: Partial<HookRow> = {}): HookRow {
  return {
    scalingGroupId: SCALING_GROUP,
    lifecycleHookId: 'ash-bp1drain00001',
    token: '8F3C1D5A-0000-4A6B-9C1D-000000000001',
    activityId: 'asa-bp1activity0001',
    transition: 'SCALE_IN',
    instanceIds: ['i-web0001'],
    phase: 'waiting',
    noticedAtMs: NOW_MS,
    startedAtMs: NOW_MS,
    deadlineMs: NOW_MS + 600_000,
    heartbeats: 0,
    heartbeatMaxSeconds: null,
    orderedAtMs: null,
    answer: null,
    endedAtMs: null,
    held: null,
    refusals: 0,
    notBeforeMs: null,
    revision: 1,
    fence: 1,
    ...overrides,
  };
}
