import * as z from 'zod';
import type { RpcClient } from '../../../shared/adapters/alibaba/rpc-client.ts';
import type { ScalingGroupFacts } from './model.ts';

const AttachmentsSchema = z.array(
  z.object({
    LoadBalancerId: z.string(),
    VServerGroupAttributes: z.array(z.object({ VServerGroupId: z.string(), Port: z.number() })),
  }),
);

const GroupsSchema = z.object({
  ScalingGroups: z.array(
    z.object({
      ScalingGroupId: z.string(),
      ScalingGroupName: z.string().nullish(),
      LifecycleState: z.string(),
      VServerGroups: AttachmentsSchema.nullish(),
    }),
  ),
});

/**
 * The scaling group, or `null`: ids that Auto Scaling does not know are left out of its answer. Beside the functions' gateway,
 * which takes it for granted that a group exists. Throws TransientError, RejectedError.
 *
 * @see https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-describescalinggroups
 */
export async function describeScalingGroup(
  client: RpcClient,
  scalingGroupId: string,
): Promise<ScalingGroupFacts | null> {
  const parameters = { ScalingGroupIds: [scalingGroupId] };
  const { ScalingGroups } = await client.call('DescribeScalingGroups', 'read', parameters, GroupsSchema);
  const group = ScalingGroups.find(({ ScalingGroupId }) => ScalingGroupId === scalingGroupId);
  if (group === undefined) return null;
  return {
    scalingGroupId,
    name: group.ScalingGroupName ?? scalingGroupId,
    lifecycleState: group.LifecycleState,
    attachments: (group.VServerGroups ?? []).flatMap(({ LoadBalancerId, VServerGroupAttributes }) =>
      VServerGroupAttributes.map(({ VServerGroupId, Port }) => ({
        loadBalancerId: LoadBalancerId,
        vServerGroupId: VServerGroupId,
        port: Port,
      })),
    ),
  };
}
