import type { Signal } from '../acceptance/model.ts';
import type { AuditAction } from '../audit/model.ts';
import type { Maintenance } from '../config/maintenance.ts';
import type { Pair, PairListenerName } from '../config/pair.ts';
import type { Tag } from '../config/tags.ts';
import type { Timing } from '../config/timing.ts';
import type { EcsInstance, OpenSystemEvent } from '../instances/model.ts';
import type { BackendHealth, ObservedLoadBalancer } from '../load-balancers/model.ts';
import type { MetricName } from '../metrics.ts';
import type { ProbeResult } from '../readiness/model.ts';
import type { PairOrder, PairRow } from './record.ts';

/** One of the two servers of a primary/secondary group. */
export interface PairMember {
  /** `i-…`, or {@link DROPPED_ID}. */
  readonly serverId: string;
  readonly port: number;
  /** 0–100. CLB sends everything to whoever serves, so it says little; it is kept as it was. */
  readonly weight: number;
}

/**
 * Stands for a member that was released and that SLB has therefore dropped from its group: nobody says who it was. It is
 * bad, and never a candidate.
 */
export const DROPPED_ID = 'whoever-was-released';

/** Who is what in a pair. */
export interface PairMembers {
  readonly primary: PairMember;
  readonly secondary: PairMember;
}

/** A primary/secondary group of a load balancer, as the list of them has it: without its members. */
export interface ListedPairGroup {
  /** `rsp-…` */
  readonly groupId: string;
  /** Need not be unique. */
  readonly name: string;
  readonly tags: ReadonlyArray<Tag>;
}

/** A primary/secondary group with its members. Nothing of it can be changed: another one takes its place. */
export interface PairGroup extends ListedPairGroup {
  readonly loadBalancerId: string;
  readonly members: PairMembers;
}

/** A TCP or UDP listener, with all that a change of its group may have changed by the way. */
export interface PairListener extends PairListenerName {
  /** The primary/secondary group behind it; `null` = something else is. */
  readonly groupId: string | null;
  /** The vServer group behind it; with neither it sends to the default group of the load balancer. */
  readonly vServerGroupId: string | null;
  readonly isRunning: boolean;
  readonly isHealthChecked: boolean;
  /** Its other parameters by the vendor's names, as texts; those that are not set are left out. */
  readonly settings: ListenerSettings;
}

/** `{ PersistenceTimeout: '0', HealthCheckDomain: 'a.example' }` */
export type ListenerSettings = Readonly<Record<string, string>>;

/** What a load balancer says to one more group; asked only where a declared group may have to be created. */
export interface PairPlace {
  readonly status: ObservedLoadBalancer['status'];
  readonly vpcId: string | null;
  readonly inDefaultGroup: number;
  /** Server-ports over all its groups, of all kinds. */
  readonly backendCount: number;
  /** The most that it takes. */
  readonly backendsMax: number;
}

/** What a pair looked like. Complete, or it does not exist. */
export interface PairObservation {
  /** Every primary/secondary group of the load balancer. */
  readonly groups: ReadonlyArray<ListedPairGroup>;
  /** The listeners of the pair that exist. */
  readonly listeners: ReadonlyArray<PairListener>;
  /** Listeners outside of the pair that use a group, by its id. */
  readonly otherUsers: ReadonlyMap<string, ReadonlyArray<PairListenerName>>;
  /** With their members: those behind the pair's listeners, and those that the row names. */
  readonly described: ReadonlyMap<string, PairGroup>;
  /** `null` = not asked. */
  readonly place: PairPlace | null;
  readonly health: ReadonlyArray<BackendHealth>;
  /** ECS' view of members, home and standbys; whoever was asked for and is absent is not there. */
  readonly instances: ReadonlyMap<string, EcsInstance>;
  readonly asked: ReadonlySet<string>;
  /** Open system events by instance; `null` = not asked. */
  readonly systemEvents: ReadonlyMap<string, ReadonlyArray<OpenSystemEvent>> | null;
  /** Instances of the standby pool, in order of preference. */
  readonly standbyIds: ReadonlyArray<string>;
  /** Instances that are members of other pairs. */
  readonly takenIds: ReadonlySet<string>;
  readonly readAtMs: number;
}

/** What our own questions to instances came to, by `probeKey`. */
export type PairAnswers = ReadonlyMap<string, ProbeResult>;

/** Everything a plan is made from. All of it is data: the same input gives the same plan. */
export interface PairInput extends PairObservation {
  readonly pair: Pair;
  /** `null` = nothing is recorded yet. */
  readonly row: PairRow | null;
  readonly signals: ReadonlyArray<Signal>;
  readonly orders: ReadonlyArray<PairOrder>;
  readonly answers: PairAnswers;
  /** Listeners (`tcp:3306`) that we have just pointed elsewhere and not read since. */
  readonly presumed: ReadonlySet<string>;
  readonly maintenance: Maintenance;
  readonly timing: Pick<Timing, 'callTimeoutMs' | 'settleMs'>;
  readonly nowMs: number;
}

/** One call to SLB, planned. */
export type PairStep =
  | {
      readonly kind: 'create';
      readonly loadBalancerId: string;
      readonly name: string;
      readonly members: PairMembers;
      readonly tags: ReadonlyArray<Tag>;
    }
  | {
      readonly kind: 'point';
      readonly loadBalancerId: string;
      readonly listener: PairListenerName;
      readonly groupId: string;
      /** What would be lost if it were left out. */
      readonly settings: ListenerSettings;
    }
  /** Back to what it used before it had a group of the pair. */
  | {
      readonly kind: 'release';
      readonly loadBalancerId: string;
      readonly listener: PairListenerName;
      /** `null` = the default group. */
      readonly vServerGroupId: string | null;
      readonly settings: ListenerSettings;
    }
  | { readonly kind: 'delete'; readonly groupId: string }
  | { readonly kind: 'tag'; readonly groupId: string; readonly tags: ReadonlyArray<Tag> }
  | { readonly kind: 'untag'; readonly groupId: string; readonly keys: ReadonlyArray<string> };

/** The vendor's operation of a step; limits and budgets go by it. */
export function operationOf(step: PairStep): string {
  if (step.kind === 'create') return 'CreateMasterSlaveServerGroup';
  if (step.kind === 'delete') return 'DeleteMasterSlaveServerGroup';
  if (step.kind === 'tag') return 'TagResources';
  if (step.kind === 'untag') return 'UntagResources';
  return step.listener.protocol === 'tcp'
    ? 'SetLoadBalancerTCPListenerAttribute'
    : 'SetLoadBalancerUDPListenerAttribute';
}

/** A question to an instance. */
export interface PairQuestion {
  readonly serverId: string;
  readonly privateIp: string;
  readonly port: number;
}

/** The key of a question in {@link PairAnswers}. */
export function probeKey({ serverId, port }: Pick<PairMember, 'serverId' | 'port'>): string {
  return `${serverId}:${port}`;
}

/** A decision, before it has an id and a time. */
export interface PairDecision {
  readonly action: AuditAction;
  readonly reason: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What is to be done: first the questions, else the row, then the step. */
export interface PairPlan {
  /** The row as it is to be; the same object = it stays. */
  readonly row: PairRow;
  readonly step: PairStep | null;
  readonly questions: ReadonlyArray<PairQuestion>;
  /** Everything has to be read anew before anything else. */
  readonly mustRead: boolean;
  /** System events have to be asked for before anything can be decided. */
  readonly needsSystemEvents: boolean;
  readonly decisions: ReadonlyArray<PairDecision>;
  readonly counts: ReadonlyArray<MetricName>;
  /** Signals and orders that the row takes care of from now on. */
  readonly settledKeys: ReadonlyArray<string>;
  readonly settledOrderIds: ReadonlyArray<string>;
  /** Something was decided that leads to more: plan again at once. */
  readonly goesOn: boolean;
  readonly nextLookMs: number | null;
  readonly waitingFor: string | null;
}

const LANE_PREFIX = 'pair-';

/** The lane of a pair. */
export function pairLaneId({ name }: Pick<Pair, 'name'>): string {
  return `${LANE_PREFIX}${name}`;
}

/** Whether a lane is that of a pair. */
export function isPairLane(laneId: string): boolean {
  return laneId.startsWith(LANE_PREFIX);
}

/** The name of the pair whose lane it is. */
export function pairNameOf(laneId: string): string {
  return laneId.slice(LANE_PREFIX.length);
}
