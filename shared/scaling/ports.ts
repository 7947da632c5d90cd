import type { AuditEntry } from '../audit/model.ts';
import type { LifecycleState } from '../instances/model.ts';
import type {
  Answer,
  HookChange,
  HookIdentity,
  HookRow,
  LifecycleAction,
  LifecycleHook,
  NativeAttachment,
  ScalingActivity,
} from './model.ts';

/** What Auto Scaling must offer. Lists are complete or an error. All throw TransientError and RejectedError. */
export interface ScalingGateway {
  /** Every instance of the group with its state (DescribeScalingInstances). */
  instances(scalingGroupId: string): Promise<ReadonlyMap<string, LifecycleState>>;
  /** The group's activities in progress (DescribeScalingActivities). */
  activitiesInProgress(scalingGroupId: string): Promise<ReadonlyArray<ScalingActivity>>;
  /** These activities, whatever has become of them; unknown ones are left out. At most 20. */
  activities(
    scalingGroupId: string,
    activityIds: ReadonlyArray<string>,
  ): Promise<ReadonlyArray<ScalingActivity>>;
  /** The hooks that wait, or waited, in an activity (DescribeLifecycleActions). Empty for an activity that ESS does not know. */
  actions(activityId: string): Promise<ReadonlyArray<LifecycleAction>>;
  /** The group's hooks (DescribeLifecycleHooks). */
  hooks(scalingGroupId: string): Promise<ReadonlyArray<LifecycleHook>>;
  /** The vServer groups that the scaling group itself puts its instances into (DescribeScalingGroups). */
  attachments(scalingGroupId: string): Promise<ReadonlyArray<NativeAttachment>>;
  /**
   * Has a hook wait longer (RecordLifecycleActionHeartbeat). Throws HookEndedError, HeartbeatLimitError. Returns the
   * request id.
   */
  heartbeat(hook: HookIdentity, seconds: number): Promise<string>;
  /** Answers a hook (CompleteLifecycleAction). Throws HookEndedError. Returns the request id. */
  complete(hook: HookIdentity, answer: Answer): Promise<string>;
}

/** The table of hooks that wait. Acceptance puts into it what messages say. */
export interface HookStore {
  /** All of a scaling group's rows; complete or an error. */
  read(scalingGroupId: string): Promise<ReadonlyArray<HookRow>>;
  /**
   * Writes the rows, each only if its revision is as expected and no higher fence has written it, together with the audit
   * entries. Returns the changes that were refused. Throws TransientError.
   */
  commit(batch: {
    readonly fence: number;
    readonly changes: ReadonlyArray<HookChange>;
    readonly audit: ReadonlyArray<AuditEntry>;
  }): Promise<{ readonly refused: ReadonlyArray<HookChange> }>;
}
