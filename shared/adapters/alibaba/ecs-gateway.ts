import * as z from 'zod';
import { RejectedError } from '../../errors.ts';
import { parseEventTime } from '../../events/times.ts';
import type { Instance } from '../../instances/model.ts';
import { IDS_PER_CALL, type InstanceGateway } from '../../instances/ports.ts';
import { createOpenSystemEvents } from './ecs-system-events.ts';
import type { TypeGateway } from './instance-gateway.ts';
import type { RpcClient } from './rpc-client.ts';
import { listTagged, tagsOf } from './tagged-pages.ts';

/** `2014-05-26`, the only version of the ECS API. */
export const ECS_VERSION = '2014-05-26';

const InstanceSchema = z.object({
  InstanceId: z.string(),
  InstanceType: z.string().nullish(),
  ZoneId: z.string().nullish(),
  StartTime: z.string().nullish(),
  Status: z.enum(['Pending', 'Starting', 'Running', 'Stopping', 'Stopped']),
  Tags: z
    .object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string().nullish() })) })
    .nullish(),
  VpcAttributes: z
    .object({
      VpcId: z.string().nullish(),
      PrivateIpAddress: z.object({ IpAddress: z.array(z.string()) }).nullish(),
    })
    .nullish(),
  NetworkInterfaces: z
    .object({
      NetworkInterface: z.array(
        z.object({ Type: z.string().nullish(), PrimaryIpAddress: z.string().nullish() }),
      ),
    })
    .nullish(),
  OperationLocks: z.object({ LockReason: z.array(z.object({ LockReason: z.string().nullish() })) }).nullish(),
});

const InstancesSchema = z.object({
  RequestId: z.string(),
  Instances: z.object({ Instance: z.array(InstanceSchema) }),
  /** Empty at the end. */
  NextToken: z.string().nullish(),
});

/** A dry run never answers with success: this code says that the real call would be allowed. */
const WOULD_BE_ALLOWED = 'DryRunOperation';

/**
 * ECS instances over the ECS API.
 *
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances
 */
export function createEcsGateway(client: RpcClient): TypeGateway & Pick<InstanceGateway, 'openSystemEvents'> {
  const describeInstances = (parameters: Record<string, unknown>) => {
    const page = { ...parameters, MaxResults: IDS_PER_CALL.ecs };
    return client.call('DescribeInstances', 'read', page, InstancesSchema);
  };
  const gateway: TypeGateway = {
    async describe(instanceIds) {
      if (instanceIds.length > IDS_PER_CALL.ecs) throw new RangeError('DescribeInstances takes 100 ids');
      const answer = await describeInstances({ InstanceIds: JSON.stringify(instanceIds) });
      return answer.Instances.Instance.map(readInstance);
    },
    list: (tags) =>
      listTagged({ api: 'DescribeInstances', perPage: IDS_PER_CALL.ecs }, tags, async (parameters) => {
        const answer = await describeInstances(parameters);
        return { instances: answer.Instances.Instance.map(readInstance), nextToken: answer.NextToken };
      }),
    async provePermission() {
      try {
        await client.call('DescribeInstances', 'read', { DryRun: true }, z.unknown());
      } catch (error) {
        if (error instanceof RejectedError && error.origin.code === WOULD_BE_ALLOWED) return;
        throw error;
      }
    },
  };
  return { ...gateway, openSystemEvents: createOpenSystemEvents(client, gateway) };
}

function readInstance(wire: z.infer<typeof InstanceSchema>): Instance {
  const privateIp = readPrivateIp(wire);
  return {
    instanceId: wire.InstanceId,
    status: wire.Status,
    vendorStatus: null,
    tags: tagsOf((wire.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue])),
    privateIp,
    addresses: privateIp === null ? [] : [privateIp],
    vpcId: wire.VpcAttributes?.VpcId || null,
    instanceType: wire.InstanceType || null,
    zoneId: wire.ZoneId || null,
    runningSinceMs: wire.Status === 'Running' ? parseEventTime(wire.StartTime) : null,
    scaling: null,
    lockReasons: (wire.OperationLocks?.LockReason ?? []).flatMap(({ LockReason }) => LockReason || []),
  };
}

/** An instance in a VPC lists its address, and its primary network interface does too. */
function readPrivateIp({ VpcAttributes, NetworkInterfaces }: z.infer<typeof InstanceSchema>): string | null {
  const interfaces = NetworkInterfaces?.NetworkInterface ?? [];
  const primary = interfaces.find(({ Type }) => Type === 'Primary') ?? interfaces[0];
  return VpcAttributes?.PrivateIpAddress?.IpAddress[0] || primary?.PrimaryIpAddress || null;
}
