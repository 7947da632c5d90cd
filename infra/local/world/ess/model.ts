import type { Tag } from '../ecs/instance.ts';

/** Which activities a hook holds up. */
export const LIFECYCLE_TRANSITIONS = ['SCALE_OUT', 'SCALE_IN'] as const;
/** @see LIFECYCLE_TRANSITIONS */
export type LifecycleTransition = (typeof LIFECYCLE_TRANSITIONS)[number];

/**
 * What follows a wait. `ABANDON` gives created instances back and removes leaving ones at once; `ROLLBACK` keeps leaving
 * ones, and is `ABANDON` for created ones.
 */
export const LIFECYCLE_RESULTS = ['CONTINUE', 'ABANDON', 'ROLLBACK'] as const;
/** @see LIFECYCLE_RESULTS */
export type LifecycleResult = (typeof LIFECYCLE_RESULTS)[number];

/** A tag of a scaling group. */
export interface GroupTag extends Tag {
  /** Whether instances that the group creates get it too. */
  readonly propagate: boolean;
}

/** A vServer group that Auto Scaling itself keeps in step with the instances. */
export interface VServerGroupAttachment {
  readonly loadBalancerId: string;
  readonly vServerGroupId: string;
  readonly port: number;
  /** 0–100, one for all instances. */
  readonly weight: number;
}

/** A scaling group as the world keeps it. */
export interface ScalingGroup {
  /** `asg-bp1…` */
  readonly scalingGroupId: string;
  readonly scalingGroupName: string;
  readonly lifecycleState: 'Active' | 'Deleting';
  readonly minSize: number;
  readonly maxSize: number;
  /** `null` = the group does not keep a number; it keeps only within its bounds. */
  readonly desiredCapacity: number | null;
  readonly tags: ReadonlyArray<GroupTag>;
  /** What a scaling configuration would give the instances besides the tags that propagate. */
  readonly instanceTags: ReadonlyArray<Tag>;
  readonly vServerGroups: ReadonlyArray<VServerGroupAttachment>;
  readonly createdAtMs: number;
}

/** Where an instance is in its group; `:Wait` = a lifecycle hook holds it up. */
export const LIFECYCLE_STATES = [
  'Pending',
  'Pending:Wait',
  'InService',
  'Protected',
  'Standby',
  'Removing',
  'Removing:Wait',
] as const;
/** @see LIFECYCLE_STATES */
export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

/** An instance in its scaling group. */
export interface ScalingInstance {
  readonly instanceId: string;
  /** `asi-bp1…` */
  readonly scalingInstanceId: string;
  readonly scalingGroupId: string;
  readonly creationType: 'AutoCreated' | 'Attached';
  /** Whether it is released when it leaves the group. */
  readonly entrusted: boolean;
  readonly lifecycleState: LifecycleState;
  /** The activity that brought it in; empty for one that was attached. */
  readonly scalingActivityId: string;
  /** The activity that has it now; `null` = none. */
  readonly heldBy: string | null;
  /** Since when it has not been Running, by nothing that the group did; `null` = healthy. */
  readonly unhealthySinceMs: number | null;
  /** When it joined the group. */
  readonly createdAtMs: number;
}

/** A lifecycle hook. */
export interface LifecycleHook {
  /** `ash-bp1…` */
  readonly lifecycleHookId: string;
  readonly lifecycleHookName: string;
  readonly scalingGroupId: string;
  readonly lifecycleTransition: LifecycleTransition;
  /** An `InActive` one holds up no new activity. */
  readonly lifecycleHookStatus: 'Active' | 'InActive';
  /** What a wait comes to that nobody ended. */
  readonly defaultResult: LifecycleResult;
  /** 30–21,600 */
  readonly heartbeatTimeoutSeconds: number;
  /** Whom it tells of a wait; `acs:ess:{region}:{account}:null/null` = nobody. */
  readonly notificationArn: string;
  /** Empty = none. */
  readonly notificationMetadata: string;
}

/** How an activity stands. Nothing in this world comes to `Rejected`: calls are refused, and no alarm scales. */
export const ACTIVITY_STATUSES = ['InProgress', 'Successful', 'Warning', 'Failed', 'Rejected'] as const;
/** @see ACTIVITY_STATUSES */
export type ActivityStatus = (typeof ACTIVITY_STATUSES)[number];

/** What an activity is doing; which ones it goes through depends on its transition, its hooks and their results. */
export type ActivityStage = 'creating' | 'detaching' | 'waiting' | 'attaching' | 'releasing' | 'ended';

/** A scaling activity. */
export interface ScalingActivity {
  /** `asa-bp1…` */
  readonly scalingActivityId: string;
  readonly scalingGroupId: string;
  readonly transition: LifecycleTransition;
  readonly cause: string;
  readonly description: string;
  readonly statusCode: ActivityStatus;
  readonly statusMessage: string;
  readonly stage: ActivityStage;
  /** Every instance that it is or was about. */
  readonly instanceIds: ReadonlyArray<string>;
  /** What its waits came to; `null` = not yet, or nothing to wait for. */
  readonly result: LifecycleResult | null;
  /** What it ends with once the instances that it gives up are gone. */
  readonly endsAs: Exclude<ActivityStatus, 'InProgress'>;
  /** Whether its instances leave without their hooks being asked. */
  readonly skipsHooks: boolean;
  /** By how much the group's desired capacity was lowered for it. */
  readonly loweredDesiredBy: number;
  readonly startedAtMs: number;
  /** `null` = in progress. */
  readonly endedAtMs: number | null;
  /** Order of beginning in this world, from 1. */
  readonly sequence: number;
}

/** One hook's wait in one activity, for all its instances together. */
export interface LifecycleAction {
  readonly lifecycleHookId: string;
  readonly lifecycleHookName: string;
  /** An upper-case UUID. */
  readonly lifecycleActionToken: string;
  readonly scalingActivityId: string;
  readonly scalingGroupId: string;
  readonly transition: LifecycleTransition;
  readonly instanceIds: ReadonlyArray<string>;
  readonly status: 'Pending' | 'Timeout' | 'Completed';
  /** While it is pending, what a timeout would make of it. */
  readonly result: LifecycleResult;
  readonly startedAtMs: number;
  readonly deadlineMs: number;
  /** How often a heartbeat was recorded. */
  readonly extensions: number;
  /** With which `ClientToken` it was completed; `null` = without one, or not by a call. */
  readonly clientToken: string | null;
  /** `null` = pending. */
  readonly endedAtMs: number | null;
}

/** Who or what ended a wait. */
export type EndedBy = 'caller' | 'timeout' | 'other-hook' | 'hook-deleted' | 'group-deleted';

/** How quickly Auto Scaling looks after its groups, in ms. */
export interface EssTimings {
  /** From the moment a group is off its capacity until it acts by itself, and between two such acts. */
  readonly checkIntervalMs: number;
  /** From the moment an instance is not Running until it counts as unhealthy for good and is removed. */
  readonly healthCheckDelayMs: number;
  /** Between two tries to change a vServer group that is busy. */
  readonly attachmentRetryMs: number;
}

/** Short enough to watch, long enough to be caught in between. */
export const DEFAULT_ESS_TIMINGS: EssTimings = {
  checkIntervalMs: 1_000,
  healthCheckDelayMs: 1_000,
  attachmentRetryMs: 500,
};

/** The tag that Auto Scaling gives the instances it creates; its value is the group's id. */
export const SCALING_GROUP_TAG = 'acs:autoscaling:scalingGroupId';
