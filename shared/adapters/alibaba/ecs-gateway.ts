import * as z from 'zod';
import { RejectedError, TransientError } from '../../errors.ts';
import { parseEventTime } from '../../events/times.ts';
import type { EcsInstance, InstanceListing } from '../../instances/model.ts';
import { INSTANCES_PER_CALL, type InstanceGateway } from '../../instances/ports.ts';
import { createOpenSystemEvents } from './ecs-system-events.ts';
import type { RpcClient } from './rpc-client.ts';

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

/** A query by tags sees no more resources than this; with as many found, there may be more. */
const SEEN_BY_TAGS_MAX = 1_000;
/** Far more pages than those resources fill, and an end to tokens that lead nowhere. */
const PAGES_MAX = 30;

/**
 * Instances over the ECS API.
 *
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances
 */
export function createEcsGateway(client: RpcClient): InstanceGateway {
  const describeInstances = (parameters: Record<string, unknown>) => {
    const page = { ...parameters, MaxResults: INSTANCES_PER_CALL };
    return client.call('DescribeInstances', 'read', page, InstancesSchema);
  };
  const gateway: Omit<InstanceGateway, 'openSystemEvents'> = {
    async describe(instanceIds) {
      if (instanceIds.length > INSTANCES_PER_CALL) throw new RangeError('DescribeInstances takes 100 ids');
      const answer = await describeInstances({ InstanceIds: JSON.stringify(instanceIds) });
      return answer.Instances.Instance.map(readInstance);
    },
    async list(tags): Promise<InstanceListing> {
      // Without a tag the query would list the whole account.
      if (tags.length === 0) throw new RangeError('a listing needs a tag at least');
      const filter = { Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
      // By id: an instance may move to a later page while the pages are read.
      const found = new Map<string, EcsInstance>();
      let nextToken: string | null = null;
      for (let page = 1; page <= PAGES_MAX; page++) {
        const answer: z.infer<typeof InstancesSchema> = await describeInstances(
          nextToken === null ? filter : { ...filter, NextToken: nextToken },
        );
        for (const wire of answer.Instances.Instance) found.set(wire.InstanceId, readInstance(wire));
        nextToken = answer.NextToken || null;
        const isComplete = found.size < SEEN_BY_TAGS_MAX;
        if (nextToken === null || !isComplete) return { instances: [...found.values()], isComplete };
      }
      const origin = { api: 'DescribeInstances', code: null, requestId: null };
      throw new TransientError(`the listing has no end after ${PAGES_MAX} pages`, 'unavailable', origin);
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
  return { ...gateway, openSystemEvents: createOpenSystemEvents(client, gateway) };
}

function readInstance(wire: z.infer<typeof InstanceSchema>): EcsInstance {
  const tags: Record<string, string> = Object.create(null);
  for (const { TagKey, TagValue } of wire.Tags?.Tag ?? []) tags[TagKey] = TagValue ?? '';
  return {
    instanceId: wire.InstanceId,
    status: wire.Status,
    tags,
    privateIp: readPrivateIp(wire),
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
