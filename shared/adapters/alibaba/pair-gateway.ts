import * as z from 'zod';
import type { PairListenerName } from '../../config/pair.ts';
import { MissingPairGroupError } from '../../pairs/errors.ts';
import {
  DROPPED_ID,
  operationOf,
  type PairMember,
  type PairMembers,
  type PairStep,
} from '../../pairs/model.ts';
import type { ListedPairGroups, PairGateway, PlannedCall } from '../../pairs/ports.ts';
import { readListener } from './pair-listener.ts';
import type { RpcClient } from './rpc-client.ts';
import { readTags, TagsSchema, writeTags } from './tags.ts';

const ListedSchema = z.object({
  RequestId: z.string(),
  MasterSlaveServerGroups: z.object({
    MasterSlaveServerGroup: z.array(
      z.object({
        MasterSlaveServerGroupId: z.string(),
        MasterSlaveServerGroupName: z.string().nullish(),
        AssociatedObjects: z
          .object({
            Listeners: z
              .object({ Listener: z.array(z.object({ Port: z.coerce.number(), Protocol: z.string() })) })
              .nullish(),
          })
          .nullish(),
        Tags: TagsSchema,
      }),
    ),
  }),
});

const MembersSchema = z.object({
  MasterSlaveBackendServer: z.array(
    z.object({
      ServerId: z.string(),
      Port: z.coerce.number(),
      Weight: z.coerce.number(),
      ServerType: z.string(),
    }),
  ),
});

const GroupSchema = z.object({
  RequestId: z.string(),
  MasterSlaveServerGroupId: z.string().nullish(),
  MasterSlaveServerGroupName: z.string().nullish(),
  LoadBalancerId: z.string().nullish(),
  MasterSlaveBackendServers: MembersSchema.nullish(),
  Tags: TagsSchema,
});

/** Without these it is no answer about a listener, and must not be taken for one that has no group. */
const ListenerSchema = z.looseObject({ ListenerPort: z.coerce.number(), Status: z.string().min(1) });

const CreatedSchema = z.object({ RequestId: z.string(), MasterSlaveServerGroupId: z.string().min(1) });
const DoneSchema = z.object({ RequestId: z.string() });

/**
 * Primary/secondary groups and the listeners in front of them, over the CLB API. There is no operation that changes a
 * group.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-createmasterslaveservergroup
 */
export function createPairGateway(client: RpcClient): PairGateway {
  return {
    async groups(loadBalancerId) {
      const parameters = { LoadBalancerId: loadBalancerId, IncludeListener: true };
      const answer = await client.call('DescribeMasterSlaveServerGroups', 'read', parameters, ListedSchema);
      return readGroups(answer);
    },
    async describe(groupId) {
      const api = 'DescribeMasterSlaveServerGroupAttribute';
      const parameters = { MasterSlaveServerGroupId: groupId };
      const group = await client.call(api, 'read', parameters, GroupSchema);
      const origin = { api, code: null, requestId: group.RequestId };
      // Some missing groups have been seen as an answer without an id.
      if (!group.MasterSlaveServerGroupId || !group.LoadBalancerId) {
        throw new MissingPairGroupError(`${groupId} does not exist`, origin);
      }
      const members = readMembers(group.MasterSlaveBackendServers?.MasterSlaveBackendServer ?? []);
      // Nobody can be told to take over in it: for us it is as good as gone.
      if (members === null) throw new MissingPairGroupError(`${groupId} has lost both its members`, origin);
      return {
        groupId,
        name: group.MasterSlaveServerGroupName ?? '',
        loadBalancerId: group.LoadBalancerId,
        members,
        tags: readTags(group.Tags),
      };
    },
    async listener(loadBalancerId, name) {
      const api = `DescribeLoadBalancer${protocolOf(name)}ListenerAttribute`;
      const parameters = { LoadBalancerId: loadBalancerId, ListenerPort: name.port };
      const answer = await client.call(api, 'read', parameters, ListenerSchema);
      return readListener(name, answer);
    },
    async send(step) {
      const { api, parameters } = callOf(step);
      const schema = step.kind === 'create' ? CreatedSchema : DoneSchema;
      const { RequestId, ...rest } = await client.call(api, 'write', { ...parameters }, schema);
      return {
        requestId: RequestId,
        groupId: 'MasterSlaveServerGroupId' in rest ? String(rest.MasterSlaveServerGroupId) : null,
      };
    },
    callOf,
  };
}

function callOf(step: PairStep): PlannedCall {
  const api = operationOf(step);
  switch (step.kind) {
    case 'create':
      return {
        api,
        parameters: {
          LoadBalancerId: step.loadBalancerId,
          MasterSlaveServerGroupName: step.name,
          MasterSlaveBackendServers: writeMembers(step.members),
          ...(step.tags.length > 0 && { Tag: writeTags(step.tags) }),
        },
      };
    case 'point':
      return {
        api,
        parameters: {
          LoadBalancerId: step.loadBalancerId,
          ListenerPort: step.listener.port,
          MasterSlaveServerGroup: 'on',
          MasterSlaveServerGroupId: step.groupId,
          ...step.settings,
        },
      };
    case 'release':
      return {
        api,
        parameters: {
          LoadBalancerId: step.loadBalancerId,
          ListenerPort: step.listener.port,
          MasterSlaveServerGroup: 'off',
          ...(step.vServerGroupId !== null && { VServerGroup: 'on', VServerGroupId: step.vServerGroupId }),
          ...step.settings,
        },
      };
    case 'delete':
      return { api, parameters: { MasterSlaveServerGroupId: step.groupId } };
    case 'tag':
      return { api, parameters: { ...taggedGroup(step.groupId), Tag: writeTags(step.tags) } };
    case 'untag':
      return { api, parameters: { ...taggedGroup(step.groupId), TagKey: step.keys } };
  }
}

/** @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-tagresources */
function taggedGroup(groupId: string) {
  return { ResourceType: 'masterslaveservergroup', ResourceId: [groupId] };
}

/** One parameter that holds a JSON array. */
function writeMembers({ primary, secondary }: PairMembers): string {
  const write = ({ serverId, port, weight }: PairMember, ServerType: 'Master' | 'Slave') => ({
    ServerId: serverId,
    Port: port,
    Weight: weight,
    Type: 'ecs',
    ServerType,
  });
  return JSON.stringify([write(primary, 'Master'), write(secondary, 'Slave')]);
}

/** Who is who; `null` = nobody is left. */
function readMembers(servers: z.infer<typeof MembersSchema>['MasterSlaveBackendServer']): PairMembers | null {
  const of = (role: string): PairMember | null => {
    const server = servers.find(({ ServerType }) => ServerType.toLowerCase() === role);
    return server === undefined
      ? null
      : { serverId: server.ServerId, port: server.Port, weight: server.Weight };
  };
  const [primary, secondary] = [of('master'), of('slave')];
  const left = primary ?? secondary;
  if (left === null) return null;
  // A released server may drop out; the other one knows its port, which nearly always is the same.
  const dropped = { ...left, serverId: DROPPED_ID };
  return { primary: primary ?? dropped, secondary: secondary ?? dropped };
}

function readGroups(answer: z.infer<typeof ListedSchema>): ListedPairGroups {
  const listed = answer.MasterSlaveServerGroups.MasterSlaveServerGroup;
  return {
    groups: listed.map((group) => ({
      groupId: group.MasterSlaveServerGroupId,
      name: group.MasterSlaveServerGroupName ?? '',
      tags: readTags(group.Tags),
    })),
    users: new Map(
      listed.map((group) => [
        group.MasterSlaveServerGroupId,
        (group.AssociatedObjects?.Listeners?.Listener ?? []).flatMap(({ Port, Protocol }) => {
          const protocol = Protocol.toLowerCase();
          return protocol === 'tcp' || protocol === 'udp' ? [{ protocol, port: Port } as const] : [];
        }),
      ]),
    ),
  };
}

function protocolOf({ protocol }: PairListenerName): 'TCP' | 'UDP' {
  return protocol === 'tcp' ? 'TCP' : 'UDP';
}
