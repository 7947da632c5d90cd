import * as z from 'zod';
import { RejectedError } from '../../errors.ts';
import type { EcsInstance } from '../../instances/model.ts';
import { INSTANCES_PER_CALL, type InstanceGateway } from '../../instances/ports.ts';
import type { RpcClient } from './rpc-client.ts';

/** `2014-05-26`, the only version of the ECS API. */
export const ECS_VERSION = '2014-05-26';

const InstancesSchema = z.object({
  RequestId: z.string(),
  Instances: z.object({
    Instance: z.array(
      z.object({
        InstanceId: z.string(),
        Status: z.enum(['Pending', 'Starting', 'Running', 'Stopping', 'Stopped']),
        Tags: z
          .object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string().nullish() })) })
          .nullish(),
      }),
    ),
  }),
});

/** A dry run never answers with success: this code says that the real call would be allowed. */
const WOULD_BE_ALLOWED = 'DryRunOperation';

/**
 * Instances over the ECS API.
 *
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances
 */
export function createEcsGateway(client: RpcClient): InstanceGateway {
  return {
    async describe(instanceIds) {
      if (instanceIds.length > INSTANCES_PER_CALL) throw new RangeError('DescribeInstances takes 100 ids');
      const parameters = { InstanceIds: JSON.stringify(instanceIds), MaxResults: INSTANCES_PER_CALL };
      const answer = await client.call('DescribeInstances', 'read', parameters, InstancesSchema);
      return answer.Instances.Instance.map(({ InstanceId, Status, Tags }): EcsInstance => {
        const tags: Record<string, string> = Object.create(null);
        for (const { TagKey, TagValue } of Tags?.Tag ?? []) tags[TagKey] = TagValue ?? '';
        return { instanceId: InstanceId, status: Status, tags };
      });
    },
    async provePermission() {
      try {
        await client.call('DescribeInstances', 'read', { DryRun: true }, z.unknown());
      } catch (error) {
        if (error instanceof RejectedError && error.origin.code === WOULD_BE_ALLOWED) return;
        throw error;
      }
    },
  };
}
