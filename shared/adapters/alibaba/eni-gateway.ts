import * as z from 'zod';
import { UnprovenError } from '../../instances/errors.ts';
import type { Instance, InstanceStatus } from '../../instances/model.ts';
import { IDS_PER_CALL } from '../../instances/ports.ts';
import type { TypeGateway } from './instance-gateway.ts';
import type { RpcClient } from './rpc-client.ts';
import { listTagged, type Page, tagsOf } from './tagged-pages.ts';

/** Only a network interface that is attached to an instance serves. */
const STATUSES = {
  InUse: 'Running',
  Attaching: 'Starting',
  Detaching: 'Stopping',
  Deleting: 'Stopping',
  Available: 'Stopped',
} as const satisfies Record<string, InstanceStatus>;

const InterfaceSchema = z.object({
  NetworkInterfaceId: z.string(),
  Status: z.enum(Object.keys(STATUSES) as Array<keyof typeof STATUSES>),
  PrivateIpAddress: z.string().nullish(),
  PrivateIpSets: z
    .object({
      PrivateIpSet: z.array(z.object({ PrivateIpAddress: z.string(), Primary: z.boolean().nullish() })),
    })
    .nullish(),
  VpcId: z.string().nullish(),
  ZoneId: z.string().nullish(),
  Tags: z
    .object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string().nullish() })) })
    .nullish(),
});

const InterfacesSchema = z.object({
  RequestId: z.string(),
  NetworkInterfaceSets: z.object({ NetworkInterfaceSet: z.array(InterfaceSchema) }),
  /** Empty at the end. */
  NextToken: z.string().nullish(),
});

const API = 'DescribeNetworkInterfaces';
/** `MaxResults` is 10 to 500. */
const PER_PAGE = 500;
const PER_PAGE_MIN = 10;

/**
 * Network interfaces over the ECS API.
 *
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describenetworkinterfaces
 */
export function createEniGateway(client: RpcClient): TypeGateway {
  const describe = async (parameters: Readonly<Record<string, unknown>>): Promise<Page> => {
    const answer = await client.call(API, 'read', { MaxResults: PER_PAGE, ...parameters }, InterfacesSchema);
    const found = answer.NetworkInterfaceSets.NetworkInterfaceSet;
    return { instances: found.map(readInterface), nextToken: answer.NextToken };
  };
  return {
    async describe(ids) {
      if (ids.length > IDS_PER_CALL.eni) throw new RangeError(`${API} takes ${IDS_PER_CALL.eni} ids`);
      return (await describe({ NetworkInterfaceId: ids })).instances;
    },
    list: (tags) => listTagged({ api: API, perPage: PER_PAGE }, tags, describe),
    async provePermission() {
      // The operation has no DryRun. Any instance has a network interface, so a region that is in use lists one.
      const { instances } = await describe({ MaxResults: PER_PAGE_MIN });
      if (instances.length === 0) throw new UnprovenError(API);
    },
  };
}

function readInterface(wire: z.infer<typeof InterfaceSchema>): Instance {
  const all = wire.PrivateIpSets?.PrivateIpSet ?? [];
  const primary = all.find(({ Primary }) => Primary === true)?.PrivateIpAddress ?? wire.PrivateIpAddress;
  const addresses = [...(primary ? [primary] : []), ...all.map(({ PrivateIpAddress }) => PrivateIpAddress)];
  return {
    instanceId: wire.NetworkInterfaceId,
    status: STATUSES[wire.Status],
    vendorStatus: wire.Status,
    tags: tagsOf((wire.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue])),
    privateIp: primary || null,
    addresses: [...new Set(addresses)],
    vpcId: wire.VpcId || null,
    // Nothing that weights go by: `byInstanceType` is refused for these backends.
    instanceType: null,
    zoneId: wire.ZoneId || null,
    runningSinceMs: null,
    lockReasons: [],
    scaling: null,
  };
}
