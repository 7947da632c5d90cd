import type { ScalingGroupWithCapacity } from '../../world/ess/groups.ts';
import type {
  ActivityStage,
  LifecycleHook,
  ScalingActivity,
  VServerGroupAttachment,
} from '../../world/ess/model.ts';
import type { Page } from '../../world/ess/paging.ts';
import type { DescribedInstance, LifecycleActionPage } from '../../world/ess/queries.ts';
import { minuteTime, secondsTime } from './wire.ts';

/** ScaleWithAdjustment and RemoveInstances. */
export function activityBegun(scalingActivityId: string): object {
  return { ScalingActivityId: scalingActivityId };
}

/** DescribeScalingGroups. */
export function groupsDescribed(page: Page<ScalingGroupWithCapacity>, region: string): object {
  return { ScalingGroups: page.items.map((group) => wireGroup(group, region)), ...pageOfAnswer(page) };
}

/** DescribeScalingInstances. */
export function instancesDescribed(page: Page<DescribedInstance>): object {
  return { ScalingInstances: page.items.map(wireInstance), ...pageOfAnswer(page), TotalSpotCount: 0 };
}

/** DescribeScalingActivities. */
export function activitiesDescribed(page: Page<ScalingActivity>): object {
  return { ScalingActivities: page.items.map(wireActivity), ...pageOfAnswer(page) };
}

/** DescribeLifecycleHooks. */
export function hooksDescribed(page: Page<LifecycleHook>): object {
  const hooks = page.items.map((hook) => ({
    LifecycleHookId: hook.lifecycleHookId,
    LifecycleHookName: hook.lifecycleHookName,
    LifecycleHookStatus: hook.lifecycleHookStatus,
    LifecycleTransition: hook.lifecycleTransition,
    DefaultResult: hook.defaultResult,
    HeartbeatTimeout: hook.heartbeatTimeoutSeconds,
    NotificationArn: hook.notificationArn,
    NotificationMetadata: hook.notificationMetadata,
    ScalingGroupId: hook.scalingGroupId,
  }));
  return { LifecycleHooks: hooks, ...pageOfAnswer(page) };
}

/** DescribeLifecycleActions. */
export function actionsDescribed(page: LifecycleActionPage): object {
  const actions = page.actions.map((action) => ({
    LifecycleHookId: action.lifecycleHookId,
    LifecycleActionToken: action.lifecycleActionToken,
    LifecycleActionStatus: action.status,
    LifecycleActionResult: action.result,
    InstanceIds: action.instanceIds,
  }));
  return {
    LifecycleActions: actions,
    TotalCount: page.totalCount,
    MaxResults: page.maxResults,
    NextToken: page.nextToken,
  };
}

function pageOfAnswer({ totalCount, pageNumber, pageSize }: Page<unknown>): object {
  return { TotalCount: totalCount, PageNumber: pageNumber, PageSize: pageSize };
}

function wireGroup(group: ScalingGroupWithCapacity, region: string): object {
  return {
    ScalingGroupId: group.scalingGroupId,
    ScalingGroupName: group.scalingGroupName,
    RegionId: region,
    GroupType: 'ECS',
    LifecycleState: group.lifecycleState,
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    ...(group.desiredCapacity !== null && { DesiredCapacity: group.desiredCapacity }),
    TotalCapacity: group.totalCapacity,
    TotalInstanceCount: group.totalCapacity,
    ActiveCapacity: group.activeCapacity,
    PendingCapacity: group.pendingCapacity,
    ProtectedCapacity: group.protectedCapacity,
    StandbyCapacity: group.standbyCapacity,
    StoppedCapacity: 0,
    RemovingCapacity: group.removingCapacity,
    HealthCheckType: 'ECS',
    LoadBalancerIds: [],
    LoadBalancerConfigs: [],
    VServerGroups: wireVServerGroups(group.vServerGroups),
    Tags: group.tags.map(({ key, value, propagate }) => ({
      TagKey: key,
      TagValue: value,
      Propagate: propagate,
    })),
    CreationTime: minuteTime(group.createdAtMs),
  };
}

function wireVServerGroups(attachments: ReadonlyArray<VServerGroupAttachment>): ReadonlyArray<object> {
  const loadBalancerIds = [...new Set(attachments.map(({ loadBalancerId }) => loadBalancerId))];
  return loadBalancerIds.map((loadBalancerId) => ({
    LoadBalancerId: loadBalancerId,
    VServerGroupAttributes: attachments
      .filter((attachment) => attachment.loadBalancerId === loadBalancerId)
      .map(({ vServerGroupId, port, weight }) => ({
        VServerGroupId: vServerGroupId,
        Port: port,
        Weight: weight,
      })),
  }));
}

function wireInstance(instance: DescribedInstance): object {
  return {
    InstanceId: instance.instanceId,
    ScalingInstanceId: instance.scalingInstanceId,
    ScalingGroupId: instance.scalingGroupId,
    ...(instance.scalingActivityId !== '' && { ScalingActivityId: instance.scalingActivityId }),
    CreatedTime: secondsTime(instance.createdAtMs),
    CreationTime: minuteTime(instance.createdAtMs),
    CreationType: instance.creationType,
    Entrusted: instance.entrusted,
    HealthStatus: instance.healthStatus,
    LifecycleState: instance.lifecycleState,
    PrivateIpAddress: instance.privateIpAddress,
    SpotStrategy: 'NoSpot',
    WarmupState: 'NoNeedWarmup',
    WeightedCapacity: 1,
    ZoneId: instance.zoneId,
  };
}

/** How far an activity counts to be at each stage, in percent; the vendor says only that 100 is the end. */
const PROGRESS: Readonly<Record<ActivityStage, number>> = {
  creating: 10,
  detaching: 20,
  waiting: 50,
  attaching: 80,
  releasing: 80,
  ended: 100,
};

function wireActivity(activity: ScalingActivity): object {
  return {
    ScalingActivityId: activity.scalingActivityId,
    ScalingGroupId: activity.scalingGroupId,
    StatusCode: activity.statusCode,
    StatusMessage: activity.statusMessage,
    Cause: activity.cause,
    Description: activity.description,
    Progress: PROGRESS[activity.stage],
    ScalingInstanceNumber: activity.instanceIds.length,
    StartTime: minuteTime(activity.startedAtMs),
    ...(activity.endedAtMs !== null && { EndTime: minuteTime(activity.endedAtMs) }),
  };
}
