/** The states that ECS DescribeInstances knows; a released instance is in none of them, it is just not listed. */
export type InstanceStatus = 'Pending' | 'Starting' | 'Running' | 'Stopping' | 'Stopped';

/**
 * An ECS instance, a network interface or a container instance, as far as rotation depends on it: what SLB calls a server.
 * States of the last two are told in those of ECS; what stands for what is in the README.
 */
export interface Instance {
  /** `i-…`, `eni-…` or `eci-…` */
  readonly instanceId: string;
  readonly status: InstanceStatus;
  /** The cloud's own word for it, for people; `null` = the same. */
  readonly vendorStatus: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Its primary address in the VPC; `null` = it has none (yet). */
  readonly privateIp: string | null;
  /** All of its private IPv4 addresses, the primary one first. */
  readonly addresses: ReadonlyArray<string>;
  /** The VPC that it is in; `null` = none, or ECS does not say. */
  readonly vpcId: string | null;
  /** `ecs.g7.large`; `null` = ECS does not say. */
  readonly instanceType: string | null;
  /** `cn-hangzhou-h`; `null` = ECS does not say. */
  readonly zoneId: string | null;
  /** Why ECS keeps it locked; {@link RECYCLING} = a spot instance that is being reclaimed. */
  readonly lockReasons: ReadonlyArray<string>;
  /** Since when it has been running, to the minute; `null` = it does not run, or ECS does not say. */
  readonly runningSinceMs: number | null;
  /** Its scaling group and its state there; `null` = it is in none of those that were asked. */
  readonly scaling: ScalingMembership | null;
}

/** An instance where there are none but those of ECS. */
export type EcsInstance = Instance;

/** What a scaling group says of one of its instances. */
export interface ScalingMembership {
  readonly scalingGroupId: string;
  readonly state: LifecycleState;
}

/** An instance's state in its scaling group. One in none of these is not in the group (any more). */
export type LifecycleState =
  | 'InService'
  | 'Pending'
  | 'Pending:Wait'
  | 'Protected'
  | 'Standby'
  | 'Stopped'
  | 'Removing'
  | 'Removing:Wait';

/** The lock of a spot instance from its notice until it is gone. */
export const RECYCLING = 'Recycling';

/** A system event of an instance that is not over. */
export interface OpenSystemEvent {
  /** `e-…` */
  readonly eventId: string;
  /** `SystemMaintenance.Reboot`; also of kinds that do not interrupt the instance. */
  readonly eventType: string;
  /** The vendor's word, such as `Scheduled` or `Inquiring`. */
  readonly status: string;
  /** Not carried out before; `null` = ECS does not say. */
  readonly notBeforeMs: number | null;
}

/** The instances that carry some tags. */
export interface InstanceListing {
  readonly instances: ReadonlyArray<Instance>;
  /** `false` = there may be more: a query by tags sees at most 1,000 resources. */
  readonly isComplete: boolean;
}

/**
 * What the clouds said about the instances that were asked for. Complete: whatever was asked and is not in `present` was
 * absent from an answer that is known to be honest (it held another instance, or the permission was proven).
 */
export interface InstanceObservation {
  readonly present: ReadonlyMap<string, Instance>;
  /** Without those about whom only empty answers came that prove nothing. */
  readonly asked: ReadonlySet<string>;
}
