import * as z from 'zod';
import { UnprovenError } from '../../instances/errors.ts';
import type { Instance, InstanceStatus } from '../../instances/model.ts';
import { IDS_PER_CALL } from '../../instances/ports.ts';
import type { TypeGateway } from './instance-gateway.ts';
import type { RpcClient } from './rpc-client.ts';
import { listTagged, type Page, tagsOf } from './tagged-pages.ts';

/** `2018-08-08`, the only version of the ECI API. */
export const ECI_VERSION = '2018-08-08';

/** `Deleted` is in no list of the vendor's page; what is deleted is not listed. */
const STATUSES = {
  Scheduling: 'Starting',
  Pending: 'Starting',
  Restarting: 'Starting',
  Updating: 'Starting',
  Running: 'Running',
  Terminating: 'Stopping',
  ScheduleFailed: 'Stopped',
  Succeeded: 'Stopped',
  Failed: 'Stopped',
  Expired: 'Stopped',
  Deleted: 'Stopped',
} as const satisfies Record<string, InstanceStatus>;

const GroupSchema = z.object({
  ContainerGroupId: z.string(),
  Status: z.enum(Object.keys(STATUSES) as Array<keyof typeof STATUSES>),
  IntranetIp: z.string().nullish(),
  VpcId: z.string().nullish(),
  ZoneId: z.string().nullish(),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string().nullish() })).nullish(),
});

/** Flat arrays, unlike those of ECS. */
const GroupsSchema = z.object({
  RequestId: z.string(),
  ContainerGroups: z.array(GroupSchema),
  /** Empty at the end. */
  NextToken: z.string().nullish(),
});

const API = 'DescribeContainerGroups';

/**
 * Container instances over the ECI API, which calls them container groups.
 *
 * @see https://www.alibabacloud.com/help/en/eci/developer-reference/api-eci-2018-08-08-describecontainergroups
 */
export function createEciGateway(client: RpcClient): TypeGateway {
  const describe = async (parameters: Readonly<Record<string, unknown>>): Promise<Page> => {
    // `Limit` is 20 at most.
    const page = { Limit: IDS_PER_CALL.eci, ...parameters };
    const answer = await client.call(API, 'read', page, GroupsSchema);
    return { instances: answer.ContainerGroups.map(readGroup), nextToken: answer.NextToken };
  };
  return {
    async describe(ids) {
      if (ids.length > IDS_PER_CALL.eci) throw new RangeError(`${API} takes ${IDS_PER_CALL.eci} ids`);
      return (await describe({ ContainerGroupIds: JSON.stringify(ids) })).instances;
    },
    list: (tags) => listTagged({ api: API, perPage: IDS_PER_CALL.eci }, tags, describe),
    async provePermission() {
      // There is no dry run either: whoever is without permission is answered with nothing at all.
      const { instances } = await describe({});
      if (instances.length === 0) throw new UnprovenError(API);
    },
  };
}

function readGroup(wire: z.infer<typeof GroupSchema>): Instance {
  const privateIp = wire.IntranetIp || null;
  return {
    instanceId: wire.ContainerGroupId,
    status: STATUSES[wire.Status],
    vendorStatus: wire.Status,
    tags: tagsOf((wire.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    privateIp,
    addresses: privateIp === null ? [] : [privateIp],
    vpcId: wire.VpcId || null,
    // Nothing that weights go by: `byInstanceType` is refused for these backends.
    instanceType: null,
    zoneId: wire.ZoneId || null,
    runningSinceMs: null,
    lockReasons: [],
    scaling: null,
  };
}
