import { z } from 'zod';
import type { EssOperations } from '../../world/ess/operations.ts';
import * as answers from './ess-answers.ts';
import { nothing, rpcOperation } from './product.ts';
import { flag, integer, text } from './wire.ts';

const page = { PageNumber: integer.optional(), PageSize: integer.optional() };

const vServerGroups = z
  .array(
    z.object({
      LoadBalancerId: text,
      VServerGroupAttributes: z
        .array(z.object({ VServerGroupId: text, Port: integer, Weight: integer.optional() }))
        .min(1)
        .max(5),
    }),
  )
  .min(1)
  .max(5)
  .transform((loadBalancers) =>
    loadBalancers.flatMap(({ LoadBalancerId, VServerGroupAttributes }) =>
      VServerGroupAttributes.map(({ VServerGroupId, Port, Weight }) => ({
        loadBalancerId: LoadBalancerId,
        vServerGroupId: VServerGroupId,
        port: Port,
        weight: Weight,
      })),
    ),
  );

/** Auto Scaling's calls about scaling groups and their activities, as the wire has them. */
export function essGroupCalls(operations: EssOperations, region: string) {
  return {
    CreateScalingGroup: rpcOperation(operations.CreateScalingGroup, {
      parameters: z
        .object({
          RegionId: text,
          ScalingGroupName: text.optional(),
          MinSize: integer,
          MaxSize: integer,
          DesiredCapacity: integer.optional(),
          Tags: z
            .array(z.object({ Key: text, Value: text.default(''), Propagate: flag.optional() }))
            .max(20)
            .optional(),
        })
        .transform((wire) => ({
          scalingGroupName: wire.ScalingGroupName,
          minSize: wire.MinSize,
          maxSize: wire.MaxSize,
          desiredCapacity: wire.DesiredCapacity,
          tags: wire.Tags?.map(({ Key, Value, Propagate }) => ({
            key: Key,
            value: Value,
            propagate: Propagate,
          })),
        })),
      answer: (scalingGroupId) => ({ ScalingGroupId: scalingGroupId }),
    }),
    DescribeScalingGroups: rpcOperation(operations.DescribeScalingGroups, {
      parameters: z
        .object({
          RegionId: text.optional(),
          ScalingGroupIds: z.array(text).max(50).optional(),
          ScalingGroupName: text.optional(),
          ...page,
        })
        .transform((wire) => ({
          scalingGroupIds: wire.ScalingGroupIds,
          scalingGroupName: wire.ScalingGroupName,
          pageNumber: wire.PageNumber,
          pageSize: wire.PageSize,
        })),
      answer: (found) => answers.groupsDescribed(found, region),
    }),
    DeleteScalingGroup: rpcOperation(operations.DeleteScalingGroup, {
      parameters: z
        .object({ RegionId: text.optional(), ScalingGroupId: text, ForceDelete: flag.optional() })
        .transform((wire) => ({ scalingGroupId: wire.ScalingGroupId, forceDelete: wire.ForceDelete })),
      answer: nothing,
    }),
    ScaleWithAdjustment: rpcOperation(operations.ScaleWithAdjustment, {
      parameters: z
        .object({
          RegionId: text.optional(),
          ScalingGroupId: text,
          AdjustmentType: text,
          AdjustmentValue: integer,
        })
        .transform((wire) => ({
          scalingGroupId: wire.ScalingGroupId,
          adjustmentType: wire.AdjustmentType,
          adjustmentValue: wire.AdjustmentValue,
        })),
      answer: answers.activityBegun,
    }),
    DescribeScalingActivities: rpcOperation(operations.DescribeScalingActivities, {
      parameters: z
        .object({
          RegionId: text.optional(),
          ScalingGroupId: text.optional(),
          ScalingActivityIds: z.array(text).max(20).optional(),
          StatusCode: text.optional(),
          ...page,
        })
        .transform((wire) => ({
          scalingGroupId: wire.ScalingGroupId,
          scalingActivityIds: wire.ScalingActivityIds,
          statusCode: wire.StatusCode,
          pageNumber: wire.PageNumber,
          pageSize: wire.PageSize,
        })),
      answer: answers.activitiesDescribed,
    }),
    AttachVServerGroups: rpcOperation(operations.AttachVServerGroups, {
      parameters: z
        .object({
          RegionId: text,
          ScalingGroupId: text,
          VServerGroups: vServerGroups,
          ForceAttach: flag.optional(),
        })
        .transform((wire) => ({
          scalingGroupId: wire.ScalingGroupId,
          vServerGroups: wire.VServerGroups,
          forceAttach: wire.ForceAttach,
        })),
      answer: nothing,
    }),
    DetachVServerGroups: rpcOperation(operations.DetachVServerGroups, {
      parameters: z
        .object({
          RegionId: text,
          ScalingGroupId: text,
          VServerGroups: vServerGroups,
          ForceDetach: flag.optional(),
        })
        .transform((wire) => ({
          scalingGroupId: wire.ScalingGroupId,
          vServerGroups: wire.VServerGroups,
          forceDetach: wire.ForceDetach,
        })),
      answer: nothing,
    }),
  };
}
