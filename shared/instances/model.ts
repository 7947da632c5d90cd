/** The states that ECS DescribeInstances knows; a released instance is in none of them, it is just not listed. */
export type InstanceStatus = 'Pending' | 'Starting' | 'Running' | 'Stopping' | 'Stopped';

/** One ECS instance, as far as rotation depends on it. */
export interface EcsInstance {
  readonly instanceId: string;
  readonly status: InstanceStatus;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * What ECS said about the instances that were asked for. Complete: whatever was asked and is not in `present` was
 * absent from an answer that is known to be honest (it held another instance, or the permission was proven).
 */
export interface InstanceObservation {
  readonly present: ReadonlyMap<string, EcsInstance>;
  readonly asked: ReadonlySet<string>;
}
