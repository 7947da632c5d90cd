import * as z from 'zod';
import type { ViewedGroup, ViewedServer } from '../../load-balancers/view.ts';
import { readTags, TagsSchema } from './tags.ts';

const ServerSchema = z.object({
  ServerId: z.string(),
  Port: z.coerce.number(),
  Weight: z.coerce.number(),
  ServerIp: z.string().nullish(),
  Type: z.string().nullish(),
  Description: z.string().nullish(),
  /** Of primary/secondary groups. */
  ServerType: z.string().nullish(),
});

/** DescribeVServerGroups. */
export const VServerGroupsSchema = z.object({
  RequestId: z.string(),
  VServerGroups: z.object({
    VServerGroup: z.array(
      z.object({
        VServerGroupId: z.string(),
        VServerGroupName: z.string().nullish(),
        Tags: TagsSchema,
      }),
    ),
  }),
});

/** DescribeVServerGroupAttribute; without these it is no answer about a group. */
export const VServerGroupSchema = z.object({
  RequestId: z.string(),
  VServerGroupId: z.string().min(1),
  BackendServers: z.object({ BackendServer: z.array(ServerSchema) }),
});

/** DescribeMasterSlaveServerGroups. */
export const PairGroupsSchema = z.object({
  RequestId: z.string(),
  MasterSlaveServerGroups: z.object({
    MasterSlaveServerGroup: z.array(
      z.object({
        MasterSlaveServerGroupId: z.string(),
        MasterSlaveServerGroupName: z.string().nullish(),
        Tags: TagsSchema,
      }),
    ),
  }),
});

/** DescribeMasterSlaveServerGroupAttribute. */
export const PairGroupSchema = z.object({
  RequestId: z.string(),
  MasterSlaveServerGroupId: z.string().min(1),
  MasterSlaveBackendServers: z.object({ MasterSlaveBackendServer: z.array(ServerSchema) }),
});

/** A vServer group of its entry in the list, which has the tags, and its own description, which has the servers. */
export function readVServerGroup(
  listed: z.infer<typeof VServerGroupsSchema>['VServerGroups']['VServerGroup'][number],
  { BackendServers }: z.infer<typeof VServerGroupSchema>,
): ViewedGroup {
  return {
    kind: 'vserver-group',
    groupId: listed.VServerGroupId,
    name: listed.VServerGroupName ?? '',
    servers: BackendServers.BackendServer.map(readServer),
    tags: readTags(listed.Tags),
  };
}

/** A primary/secondary group, the primary first. */
export function readPairGroup(
  listed: z.infer<typeof PairGroupsSchema>['MasterSlaveServerGroups']['MasterSlaveServerGroup'][number],
  { MasterSlaveBackendServers }: z.infer<typeof PairGroupSchema>,
): ViewedGroup {
  const servers = MasterSlaveBackendServers.MasterSlaveBackendServer.map(readServer);
  return {
    kind: 'pair-group',
    groupId: listed.MasterSlaveServerGroupId,
    name: listed.MasterSlaveServerGroupName ?? '',
    servers: [...servers].sort((a, b) => Number(a.role !== 'primary') - Number(b.role !== 'primary')),
    tags: readTags(listed.Tags),
  };
}

function readServer(wire: z.infer<typeof ServerSchema>): ViewedServer {
  const type = wire.Type || 'ecs';
  return {
    serverId: wire.ServerId,
    port: wire.Port,
    // ECS servers list their address too; it tells apart only the others.
    serverIp: type === 'ecs' || !wire.ServerIp ? null : wire.ServerIp,
    weight: wire.Weight,
    type,
    role: readRole(wire.ServerType ?? ''),
    description: wire.Description ?? '',
  };
}

function readRole(type: string): ViewedServer['role'] {
  if (type === '') return null;
  return type.toLowerCase() === 'slave' ? 'secondary' : 'primary';
}
