/** A key with its value; the value may be empty. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** What DescribeInstances can show; a released instance is not shown at all. */
export const INSTANCE_STATUSES = ['Pending', 'Starting', 'Running', 'Stopping', 'Stopped'] as const;
/** @see INSTANCE_STATUSES */
export type InstanceStatus = (typeof INSTANCE_STATUSES)[number];

/** The states that state-change events name: the statuses, the one at creation, and the release. */
export type InstanceState = InstanceStatus | 'Created' | 'Deleted';

/** A state-change event of the world, before any carrier has wrapped it. */
export interface InstanceStateChange {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly atMs: number;
  /** The status before; `null` at creation. */
  readonly previous: InstanceStatus | null;
}

/** A change of status that is due; `Forgotten` drops what is left of a released instance. */
export interface LifecycleStep {
  readonly status: InstanceStatus | 'Deleted' | 'Forgotten';
  readonly atMs: number;
}

/** Why ECS locks an instance; `Recycling` = a spot instance that is being reclaimed. */
export const LOCK_REASONS = [
  'financial',
  'security',
  'Recycling',
  'dedicatedhostfinancial',
  'refunded',
] as const;
/** @see LOCK_REASONS */
export type LockReason = (typeof LOCK_REASONS)[number];

/** How the price of an instance comes about; all but `NoSpot` can be interrupted. */
export const SPOT_STRATEGIES = ['NoSpot', 'SpotWithPriceLimit', 'SpotAsPriceGo'] as const;
/** @see SPOT_STRATEGIES */
export type SpotStrategy = (typeof SPOT_STRATEGIES)[number];

/** An ECS instance as the world keeps it. */
export interface Instance {
  readonly instanceId: string;
  readonly instanceName: string;
  /** `Deleted` only between the release and the moment DescribeInstances learns of it. */
  readonly status: InstanceStatus | 'Deleted';
  readonly tags: ReadonlyArray<Tag>;
  readonly imageId: string;
  readonly instanceType: string;
  readonly vpcId: string;
  readonly vSwitchId: string;
  readonly zoneId: string;
  readonly securityGroupIds: ReadonlyArray<string>;
  readonly privateIpAddress: string;
  /** The primary network interface, `eni-bp1…`. */
  readonly networkInterfaceId: string;
  /** Why it is locked; left out = it is not. */
  readonly lockReasons?: ReadonlyArray<LockReason> | undefined;
  /** Left out = `NoSpot`. */
  readonly spotStrategy?: SpotStrategy | undefined;
  /** When the interrupted spot instance is released; left out = it is not interrupted. */
  readonly reclaimAtMs?: number | undefined;
  readonly createdAtMs: number;
  /** When it last became Running; `null` = never yet. */
  readonly startedAtMs: number | null;
  /** Order of creation in this world, from 1. */
  readonly sequence: number;
  /** What will happen to it by itself, in order. */
  readonly steps: ReadonlyArray<LifecycleStep>;
  /** The latest statuses with their beginnings, oldest first, for reads that lag behind. */
  readonly history: ReadonlyArray<{ readonly status: Instance['status']; readonly atMs: number }>;
}

/** How long changes of state take, in ms. */
export interface EcsTimings {
  /** From RunInstances to Starting. */
  readonly pendingMs: number;
  /** From Starting to Running. */
  readonly startingMs: number;
  /** From Stopping to Stopped, unless the stop is forced: that takes no time. */
  readonly stoppingMs: number;
  /** From DeleteInstance until the instance is gone. */
  readonly releasingMs: number;
  /** From the notice of a spot instance's interruption to its release. @default the documented 5 minutes */
  readonly spotNoticeMs?: number;
}

/** Short enough to watch, long enough to be caught in between. */
export const DEFAULT_ECS_TIMINGS: EcsTimings = {
  pendingMs: 300,
  startingMs: 700,
  stoppingMs: 1_000,
  releasingMs: 500,
};

/** The VPC of everything that names no other. */
export const DEFAULT_VPC_ID = 'vpc-bp1local0000000000001';

/** Whether the instance's price is one at which it can be interrupted. */
export function isSpot({ spotStrategy = 'NoSpot' }: Instance): boolean {
  return spotStrategy !== 'NoSpot';
}

/** Whether the release of the instance has begun. */
export function isReleasing(instance: Instance): boolean {
  return instance.steps.some((step) => step.status === 'Deleted');
}
