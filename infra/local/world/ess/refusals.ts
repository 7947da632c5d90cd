import { CloudError } from '../errors.ts';

const refusal = (status: number, code: string, message: string) => () =>
  new CloudError(status, code, message);

/**
 * Auto Scaling's refusals, in its words; `InvalidParamter` is its own spelling. Codes that start with `LocalClouds.` are
 * ours: the vendor documents nothing for the case, and no client may rely on them.
 *
 * @see https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-errorcodes
 */
export const essRefusals = {
  unauthorized: refusal(
    403,
    'Forbidden.Unauthorized',
    'A required authorization for the specified action is not supplied.',
  ),
  groupNotFound: refusal(
    404,
    'InvalidScalingGroupId.NotFound',
    'The specified scaling group does not exist.',
  ),
  groupNotActive: refusal(
    400,
    'IncorrectScalingGroupStatus',
    'The current status of the specified scaling group does not support this action.',
  ),
  groupNameTaken: refusal(
    400,
    'InvalidScalingGroupName.Duplicate',
    'The specified value of parameter "ScalingGroupName" is duplicated.',
  ),
  conflict: (one: string, other: string) =>
    new CloudError(
      400,
      'InvalidParameter.Conflict',
      `The value of parameter "${one}" and parameter "${other}" are conflict.`,
    ),
  activityInProgress: refusal(
    400,
    'ScalingActivityInProgress',
    'You cannot delete a scaling group or launch a new scaling activity while there is a scaling activity in progress for the specified scaling group.',
  ),
  instanceInUse: refusal(
    400,
    'InstanceInUse',
    'You cannot delete a scaling configuration or scaling group while there is an instance in the specified scaling group.',
  ),
  noChange: refusal(
    400,
    'IncorrectCapacity.NoChange',
    'To execute the specified scaling rule, the total capacity will not change.',
  ),
  belowMinSize: refusal(
    400,
    'IncorrectCapacity.MinSize',
    'To remove the instances, the total capacity will be lesser than the MinSize.',
  ),
  instanceNotFound: (instanceId: string) =>
    new CloudError(404, 'InvalidInstanceId.NotFound', `Instance "${instanceId}" does not exist.`),
  incorrectInstanceState: (instanceId: string) =>
    new CloudError(
      400,
      'IncorrectInstanceStatus',
      `The current status of instance "${instanceId}" does not support this action.`,
    ),
  /** Of hooks and their actions. */
  invalidParamter: refusal(400, 'InvalidParamter', 'The specified value of parameter is not valid.'),
  invalidParameter: (name: string) =>
    new CloudError(400, 'InvalidParameter', `The specified value of parameter "${name}" is not valid.`),
  hookNotFound: refusal(
    404,
    'InvalidLifecycleHookId.NotFound',
    'The specified lifecycle hook does not exist.',
  ),
  hookNameTaken: refusal(
    400,
    'InvalidLifecycleHookName.Duplicate',
    'The specified value of parameter lifecycleHookName is duplicated.',
  ),
  tooManyHooks: refusal(
    400,
    'QuotaExceeded.LifecycleHook',
    'Lifecycle hook quota exceeded in the specified scaling group.',
  ),
  invalidNotificationArn: refusal(
    400,
    'InvalidNotificationArn',
    'The specified parameter notificationArn is invalid.',
  ),
  unsupportedNotification: refusal(
    400,
    'UnsupportedNotificationType.CurrentRegion',
    'The notificationType is not supported in the special region which scalingGroup belongs to.',
  ),
  queueNotFound: refusal(400, 'QueueNotExist', 'The specified queue does not exist.'),
  noActionInProcess: refusal(
    400,
    'LifecycleHookIdAndLifecycleActionToken.Invalid',
    'The specified lifecycleActionToken and lifecycleHookId you provided does not match any in process lifecycle action.',
  ),
  waitTooLong: refusal(
    400,
    'LifecycleAction.TimeExceeded',
    'The specified parameter heartbeatTime exceed lifecycleAction max suspend time.',
  ),
  tooManyHeartbeats: refusal(
    400,
    'LifecycleAction.RecordTimesExceeded',
    'The specified lifecycleAction exceed lifecycleAction max record times.',
  ),
  loadBalancerNotFound: (loadBalancerId: string) =>
    new CloudError(
      404,
      'InvalidLoadBalancerId.NotFound',
      `The load balancer "${loadBalancerId}" does not exist.`,
    ),
  loadBalancerNotActive: (loadBalancerId: string) =>
    new CloudError(
      400,
      'IncorrectLoadBalancerStatus',
      `The current status of the load balancer "${loadBalancerId}" does not support this action.`,
    ),
  loadBalancerNotChecked: (loadBalancerId: string) =>
    new CloudError(
      400,
      'IncorrectLoadBalancerHealthCheck',
      `The current health check type of the load balancer "${loadBalancerId}" does not support this action.`,
    ),
  groupOfOtherLoadBalancer: (loadBalancerId: string) =>
    new CloudError(
      400,
      'InvalidVServerGroupId.ForLoadBalancer',
      `Invalid VServerGroupId For LoadBalancer "${loadBalancerId}".`,
    ),
  tooManyVServerGroups: refusal(
    400,
    'QuotaExceeded.VServerGroup',
    'VServerGroup quota exceeded in the specified scaling group.',
  ),
  vServerGroupNotAttached: refusal(
    400,
    'LocalClouds.VServerGroupNotAttached',
    'A specified vServer group and port are not attached; what the vendor does then is not documented.',
  ),
};
