import { z } from 'zod';
import type { MasterSlaveBackend, MasterSlaveServerGroup } from '../../world/slb/master-slave-model.ts';
import type { MasterSlaveGroupWithUsers, SlbOperations } from '../../world/slb/operations.ts';
import { parseMasterSlaveBackendServers } from './backend-servers.ts';
import { nothing, rpcOperation } from './product.ts';
import { flag, secondsTime, tagsToMatch, tagsToSet, text, wireTags } from './wire.ts';

/** SLB's calls about primary/secondary groups, as the wire has them. There is none that changes a group. */
export function slbMasterSlaveGroupCalls(operations: SlbOperations) {
  const group = z
    .object({ RegionId: text, MasterSlaveServerGroupId: text })
    .transform((wire) => ({ masterSlaveServerGroupId: wire.MasterSlaveServerGroupId }));
  return {
    CreateMasterSlaveServerGroup: rpcOperation(operations.CreateMasterSlaveServerGroup, {
      parameters: z
        .object({
          RegionId: text,
          LoadBalancerId: text,
          MasterSlaveServerGroupName: text.optional(),
          MasterSlaveBackendServers: text.transform(parseMasterSlaveBackendServers).optional(),
          Tag: tagsToSet.optional(),
        })
        .transform((wire) => ({
          loadBalancerId: wire.LoadBalancerId,
          masterSlaveServerGroupName: wire.MasterSlaveServerGroupName,
          backendServers: wire.MasterSlaveBackendServers,
          tags: wire.Tag,
        })),
      answer: (created) => ({
        MasterSlaveServerGroupId: created.masterSlaveServerGroupId,
        MasterSlaveBackendServers: wireMembers(created),
      }),
    }),
    DeleteMasterSlaveServerGroup: rpcOperation(operations.DeleteMasterSlaveServerGroup, {
      parameters: group,
      answer: nothing,
    }),
    DescribeMasterSlaveServerGroups: rpcOperation(operations.DescribeMasterSlaveServerGroups, {
      parameters: z
        .object({
          RegionId: text,
          LoadBalancerId: text,
          Description: text.optional(),
          IncludeListener: flag.default(false),
          Tag: tagsToMatch.optional(),
        })
        .transform((wire) => ({
          loadBalancerId: wire.LoadBalancerId,
          description: wire.Description,
          includeListener: wire.IncludeListener,
          tags: wire.Tag,
        })),
      answer: (groups) => ({
        MasterSlaveServerGroups: { MasterSlaveServerGroup: groups.map(wireGroupWithUsers) },
      }),
    }),
    DescribeMasterSlaveServerGroupAttribute: rpcOperation(
      operations.DescribeMasterSlaveServerGroupAttribute,
      {
        parameters: group,
        answer: (found) => ({
          ...wireGroup(found),
          LoadBalancerId: found.loadBalancerId,
          MasterSlaveBackendServers: wireMembers(found),
        }),
      },
    ),
  };
}

function wireGroup(group: MasterSlaveServerGroup) {
  return {
    MasterSlaveServerGroupId: group.masterSlaveServerGroupId,
    MasterSlaveServerGroupName: group.masterSlaveServerGroupName,
    CreateTime: secondsTime(group.createdAtMs),
    Tags: { Tag: wireTags(group.tags) },
  };
}

/** The list of groups tells of no members. */
function wireGroupWithUsers({ group, listeners }: MasterSlaveGroupWithUsers) {
  const users = listeners.map(({ listenerPort, listenerProtocol }) => ({
    Port: listenerPort,
    Protocol: listenerProtocol,
  }));
  return { ...wireGroup(group), AssociatedObjects: { Listeners: { Listener: users } } };
}

function wireMembers({ backends }: MasterSlaveServerGroup) {
  return { MasterSlaveBackendServer: backends.map(wireMember) };
}

/** Without the `ServerIp` that members of vServer groups have. */
function wireMember(member: MasterSlaveBackend) {
  return {
    ServerId: member.serverId,
    Port: member.port,
    Weight: member.weight,
    Type: member.type,
    ServerType: member.serverType,
    Description: member.description,
  };
}
