import type { Probe } from '../readiness/model.ts';
import type { BindingDefaults, BindingEntry, SelectorEntry } from './binding-schema.ts';
import { type DriftPolicy, resolveDrift } from './drift.ts';
import { type GroupDeclaration, resolveGroup, unknownGroupId } from './group.ts';
import { resolveWeight, type WeightedPort } from './weights.ts';

/** What the backends of a binding are, by the vendor's `Type`: ECS instances, network interfaces, container instances. */
export type BackendType = 'ecs' | 'eni' | 'eci';

/** Under which of its private addresses a network interface serves. */
export type ServingAddresses = 'primary' | 'all';

/** Which instances belong in a binding's group. */
export type Selector =
  | {
      readonly kind: 'tags';
      /** An instance must have all of them; at least one. */
      readonly tags: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'scaling-group'; readonly scalingGroupId: string };

/** A port that each selected instance serves on, with the weight it gets there. */
export interface BindingPort extends WeightedPort {
  readonly port: number;
}

/**
 * When an instance has proven that it serves: `running` as soon as ECS says Running, `load-balancer` when the
 * listeners' health checks say normal, `probe` when it answers us, `both` when the last two agree.
 */
export type Readiness = 'running' | 'load-balancer' | 'probe' | 'both';

/** These instances belong in that vServer group on these ports. A (group, port) is in one binding at most. */
export interface Binding {
  /** Unique in the configuration. */
  readonly name: string;
  readonly loadBalancerId: string;
  /** Of a declared group what {@link unknownGroupId} says, until it has been looked up. */
  readonly vServerGroupId: string;
  /** How the group itself is to be; `null` = it is named by its id, and is as somebody else has made it. */
  readonly group: GroupDeclaration | null;
  /** The binding that declares the group, itself or another one; `null` = the group is named by its id. */
  readonly declaredBy: string | null;
  readonly type: BackendType;
  /** Each address is a backend of its own. What is not a network interface has one. */
  readonly addresses: ServingAddresses;
  readonly selector: Selector;
  readonly ports: ReadonlyArray<BindingPort>;
  readonly readiness: Readiness;
  readonly probe: ProbePolicy;
  readonly join: JoinPolicy;
  readonly drain: DrainPolicy;
  /** Whether selected backends that somebody else added without our mark may become ours. */
  readonly adopt: boolean;
  readonly guards: Guards;
  /** Whether a change request has to be approved by somebody else before it is carried out. */
  readonly needsApproval: boolean;
  readonly drift: DriftPolicy;
}

/** How we ask an instance ourselves, where readiness wants that. */
export interface ProbePolicy {
  readonly probe: Probe;
  /** From one probe of a backend to its next. */
  readonly everyMs: number;
}

/** How a backend comes into service. */
export interface JoinPolicy {
  /** Weight until it is ready; only where readiness has to be proven. */
  readonly weight: 0 | 1;
  readonly readyWithinMs: number;
  /** What becomes of a backend that is not ready within that time. */
  readonly whenNotReady: 'stay' | 'remove';
  /** Shares of the full weight in percent, 1 to 99, rising; empty = the full weight at once. */
  readonly rampPercents: ReadonlyArray<number>;
  /** How long each of these shares lasts. */
  readonly rampEveryMs: number;
}

/** How a backend leaves. */
export interface DrainPolicy {
  /** How long it stays at weight 0 before it is removed. */
  readonly timeMs: number;
  /** The least of that behind a UDP listener, where weight 0 takes about five minutes to bite. */
  readonly udpTimeMs: number;
  /** What to do about a drain by choice where weight 0 does not stop new connections: wait all the same, or do not drain. */
  readonly whenNotGuaranteed: 'wait' | 'refuse';
  /** Ends the wait early when few connections are left; `null` = it lasts its time. */
  readonly connections: ConnectionsPolicy | null;
  /** How long the health checks of a backend that an alarm took out must say normal before it comes back. */
  readonly healthyForMs: number;
}

/** When an instance counts as idle: so many samples in a row at or below the floor. */
export interface ConnectionsPolicy {
  readonly floor: number;
  readonly samples: number;
  readonly everyMs: number;
}

/** What no write of ours may undercut. */
export interface Guards {
  /** Backends able to serve that must remain per group; at least 1, so that no group is emptied. */
  readonly minInService: number;
  /** Of a group's backends on Running instances, how many percent may be out at once by our doing; one always may. */
  readonly maxDisruptionPercent: number;
  /**
   * Of the Running instances of a binding, how many percent may be unselected at once before the selector is doubted and nobody
   * leaves for it; a handful always may. 100 = only a selector that matches none is doubted.
   */
  readonly maxUnselectedPercent: number;
}

/** The lowest status that proves an instance ready where the configuration is silent. */
export const STATUS_MIN = 200;
/** The highest. */
export const STATUS_MAX = 299;

/** The tag that Auto Scaling puts on the instances that it creates. */
export const SCALING_GROUP_TAG = 'acs:autoscaling:scalingGroupId';

/** The ECS tags that select the instances: the selector's own, or the one that names the scaling group. */
export function selectorTags(
  selector: Selector,
): ReadonlyArray<{ readonly key: string; readonly value: string }> {
  if (selector.kind === 'scaling-group') return [{ key: SCALING_GROUP_TAG, value: selector.scalingGroupId }];
  return Object.entries(selector.tags).map(([key, value]) => ({ key, value }));
}

/** The binding that an entry of the file describes, with the file's defaults and then ours where it is silent. */
export function resolveBinding(entry: BindingEntry, defaults: BindingDefaults = {}): Binding {
  return {
    name: entry.name,
    loadBalancerId: entry.loadBalancer,
    vServerGroupId: entry.vServerGroup ?? unknownGroupId(entry.groupOf ?? entry.name),
    group: entry.group === undefined ? null : resolveGroup(entry.group, entry.manage ?? 'members'),
    declaredBy: entry.vServerGroup === undefined ? (entry.groupOf ?? entry.name) : null,
    type: entry.type ?? 'ecs',
    addresses: entry.addresses ?? 'primary',
    selector: resolveSelector(entry.selector),
    ports: entry.ports.map(({ port, weight }) => ({ port, ...resolveWeight(weight) })),
    readiness: entry.readiness ?? defaults.readiness ?? 'running',
    probe: resolveProbe({ ...defaults.probe, ...entry.probe }),
    join: resolveJoin({ ...defaults.join, ...entry.join }),
    drain: drainOf(entry, defaults),
    adopt: entry.adopt ?? defaults.adopt ?? false,
    guards: {
      minInService: entry.guards?.minInService ?? defaults.guards?.minInService ?? 1,
      maxDisruptionPercent: entry.guards?.maxDisruption ?? defaults.guards?.maxDisruption ?? 50,
      maxUnselectedPercent: entry.guards?.maxUnselected ?? defaults.guards?.maxUnselected ?? 50,
    },
    drift: resolveDrift({ ...defaults.drift, ...entry.drift }),
    needsApproval: (entry.approval ?? defaults.approval) === 'required',
  };
}

/** How to ask, with our defaults where the file is silent. */
export function resolveProbe(entry: NonNullable<BindingEntry['probe']>): ProbePolicy {
  const timeoutMs = entry.timeout ?? 2_000;
  const statusMin = entry.statusMin ?? STATUS_MIN;
  const statusMax = entry.statusMax ?? STATUS_MAX;
  const probe: Probe =
    entry.path === undefined
      ? { kind: 'tcp', timeoutMs }
      : { kind: 'http', path: entry.path, statusMin, statusMax, timeoutMs };
  return { probe, everyMs: entry.every ?? 5_000 };
}

/** CloudMonitor counts the connections of ECS instances only, so defaults about them are not for the others. */
function drainOf({ type, drain }: BindingEntry, defaults: BindingDefaults): DrainPolicy {
  const policy = resolveDrain({ ...defaults.drain, ...drain });
  return type === undefined || type === 'ecs' ? policy : { ...policy, connections: null };
}

function resolveJoin(entry: NonNullable<BindingEntry['join']>): JoinPolicy {
  return {
    weight: entry.weight ?? 1,
    readyWithinMs: entry.readyWithin ?? 5 * 60_000,
    whenNotReady: entry.whenNotReady ?? 'stay',
    rampPercents: entry.ramp?.steps ?? [],
    rampEveryMs: entry.ramp?.every ?? 30_000,
  };
}

function resolveDrain(entry: NonNullable<BindingEntry['drain']>): DrainPolicy {
  const { connections } = entry;
  return {
    timeMs: entry.time ?? 30_000,
    udpTimeMs: entry.udpTime ?? 5 * 60_000,
    whenNotGuaranteed: entry.whenNotGuaranteed ?? 'wait',
    connections:
      connections === undefined
        ? null
        : {
            floor: connections.floor ?? 0,
            samples: connections.samples ?? 3,
            everyMs: connections.every ?? 60_000,
          },
    healthyForMs: entry.healthyFor ?? 5 * 60_000,
  };
}

/** What selects; the cross-checks have seen to it that exactly one of the two is there. */
export function resolveSelector({ tags, scalingGroup }: SelectorEntry): Selector {
  if (scalingGroup !== undefined) return { kind: 'scaling-group', scalingGroupId: scalingGroup };
  return { kind: 'tags', tags: tags ?? {} };
}
