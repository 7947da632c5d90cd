import { z } from 'zod';
import type { EssOperations } from '../../world/ess/operations.ts';
import * as answers from './ess-answers.ts';
import { nothing, rpcOperation } from './product.ts';
import { integer, text } from './wire.ts';

/** Auto Scaling's calls about lifecycle hooks and their waits, as the wire has them. */
export function essHookCalls(operations: EssOperations) {
  return {
    CreateLifecycleHook: rpcOperation(operations.CreateLifecycleHook, {
      parameters: z
        .object({ RegionId: text, ScalingGroupId: text, LifecycleTransition: text, ...hookSettings })
        .transform((wire) => ({
          ...settingsOf(wire),
          scalingGroupId: wire.ScalingGroupId,
          lifecycleTransition: wire.LifecycleTransition,
          lifecycleHookName: wire.LifecycleHookName,
        })),
      answer: (lifecycleHookId) => ({ LifecycleHookId: lifecycleHookId }),
    }),
    ModifyLifecycleHook: rpcOperation(operations.ModifyLifecycleHook, {
      parameters: z
        .object({
          RegionId: text,
          ...hookName,
          ...hookSettings,
          LifecycleTransition: text.optional(),
          LifecycleHookStatus: text.optional(),
        })
        .transform((wire) => ({
          ...settingsOf(wire),
          ...nameOf(wire),
          lifecycleTransition: wire.LifecycleTransition,
          lifecycleHookStatus: wire.LifecycleHookStatus,
        })),
      answer: nothing,
    }),
    DeleteLifecycleHook: rpcOperation(operations.DeleteLifecycleHook, {
      parameters: z.object({ RegionId: text, ...hookName }).transform(nameOf),
      answer: nothing,
    }),
    DescribeLifecycleHooks: rpcOperation(operations.DescribeLifecycleHooks, {
      parameters: z
        .object({
          RegionId: text.optional(),
          ScalingGroupId: text.optional(),
          LifecycleHookIds: z.array(text).max(50).optional(),
          LifecycleHookName: text.optional(),
          PageNumber: integer.optional(),
          PageSize: integer.optional(),
        })
        .transform((wire) => ({
          scalingGroupId: wire.ScalingGroupId,
          lifecycleHookIds: wire.LifecycleHookIds,
          lifecycleHookName: wire.LifecycleHookName,
          pageNumber: wire.PageNumber,
          pageSize: wire.PageSize,
        })),
      answer: answers.hooksDescribed,
    }),
    DescribeLifecycleActions: rpcOperation(operations.DescribeLifecycleActions, {
      parameters: z
        .object({
          RegionId: text.optional(),
          ScalingActivityId: text,
          LifecycleActionStatus: text.optional(),
          MaxResults: integer.optional(),
          NextToken: text.optional(),
        })
        .transform((wire) => ({
          scalingActivityId: wire.ScalingActivityId,
          lifecycleActionStatus: wire.LifecycleActionStatus,
          maxResults: wire.MaxResults,
          nextToken: wire.NextToken,
        })),
      answer: answers.actionsDescribed,
    }),
    CompleteLifecycleAction: rpcOperation(operations.CompleteLifecycleAction, {
      parameters: z
        .object({
          RegionId: text.optional(),
          LifecycleHookId: text,
          LifecycleActionToken: text,
          LifecycleActionResult: text.optional(),
          ClientToken: text.optional(),
        })
        .transform((wire) => ({
          lifecycleHookId: wire.LifecycleHookId,
          lifecycleActionToken: wire.LifecycleActionToken,
          lifecycleActionResult: wire.LifecycleActionResult,
          clientToken: wire.ClientToken,
        })),
      answer: nothing,
    }),
    // The one operation of this version whose names begin in lower case, all but RegionId.
    RecordLifecycleActionHeartbeat: rpcOperation(operations.RecordLifecycleActionHeartbeat, {
      parameters: z
        .object({
          RegionId: text.optional(),
          lifecycleHookId: text,
          lifecycleActionToken: text,
          heartbeatTimeout: integer.optional(),
        })
        .transform((wire) => ({
          lifecycleHookId: wire.lifecycleHookId,
          lifecycleActionToken: wire.lifecycleActionToken,
          heartbeatTimeoutSeconds: wire.heartbeatTimeout,
        })),
      answer: nothing,
    }),
  };
}

const hookName = {
  LifecycleHookId: text.optional(),
  ScalingGroupId: text.optional(),
  LifecycleHookName: text.optional(),
};

function nameOf(wire: z.infer<z.ZodObject<typeof hookName>>) {
  return {
    lifecycleHookId: wire.LifecycleHookId,
    scalingGroupId: wire.ScalingGroupId,
    lifecycleHookName: wire.LifecycleHookName,
  };
}

const hookSettings = {
  LifecycleHookName: text.optional(),
  DefaultResult: text.optional(),
  HeartbeatTimeout: integer.optional(),
  NotificationArn: text.optional(),
  NotificationMetadata: text.optional(),
};

function settingsOf(wire: z.infer<z.ZodObject<typeof hookSettings>>) {
  return {
    defaultResult: wire.DefaultResult,
    heartbeatTimeoutSeconds: wire.HeartbeatTimeout,
    notificationArn: wire.NotificationArn,
    notificationMetadata: wire.NotificationMetadata,
  };
}
