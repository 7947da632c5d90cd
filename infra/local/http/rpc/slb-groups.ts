import { z } from 'zod';
import type { SlbOperations } from '../../world/slb/operations.ts';
import { parseBackendServers } from './backend-servers.ts';
import { nothing, rpcOperation } from './product.ts';
import * as answers from './slb-answers.ts';
import { flag, tagsToMatch, tagsToSet, text } from './wire.ts';

const backendServers = text.transform(parseBackendServers);

/** SLB's calls about vServer groups, as the wire has them. */
export function slbGroupCalls(operations: SlbOperations) {
  const inGroup = { RegionId: text, VServerGroupId: text };
  const group = z.object(inGroup).transform(({ VServerGroupId }) => ({ vServerGroupId: VServerGroupId }));
  const members = z
    .object({ ...inGroup, BackendServers: backendServers })
    .transform((wire) => ({ vServerGroupId: wire.VServerGroupId, backendServers: wire.BackendServers }));
  return {
    CreateVServerGroup: rpcOperation(operations.CreateVServerGroup, {
      parameters: z
        .object({
          RegionId: text,
          LoadBalancerId: text,
          VServerGroupName: text.optional(),
          BackendServers: backendServers.optional(),
          Tag: tagsToSet.optional(),
        })
        .transform((wire) => ({
          loadBalancerId: wire.LoadBalancerId,
          vServerGroupName: wire.VServerGroupName,
          backendServers: wire.BackendServers,
          tags: wire.Tag,
        })),
      answer: answers.groupWritten,
    }),
    AddVServerGroupBackendServers: rpcOperation(operations.AddVServerGroupBackendServers, {
      parameters: members,
      answer: answers.groupWritten,
    }),
    RemoveVServerGroupBackendServers: rpcOperation(operations.RemoveVServerGroupBackendServers, {
      parameters: members,
      answer: answers.backendsRemoved,
    }),
    SetVServerGroupAttribute: rpcOperation(operations.SetVServerGroupAttribute, {
      parameters: z
        .object({
          ...inGroup,
          VServerGroupName: text.optional(),
          BackendServers: backendServers.optional(),
        })
        .transform((wire) => ({
          vServerGroupId: wire.VServerGroupId,
          vServerGroupName: wire.VServerGroupName,
          backendServers: wire.BackendServers,
        })),
      answer: answers.groupSet,
    }),
    ModifyVServerGroupBackendServers: rpcOperation(operations.ModifyVServerGroupBackendServers, {
      parameters: z
        .object({ ...inGroup, OldBackendServers: backendServers, NewBackendServers: backendServers })
        .transform((wire) => ({
          vServerGroupId: wire.VServerGroupId,
          oldBackendServers: wire.OldBackendServers,
          newBackendServers: wire.NewBackendServers,
        })),
      answer: answers.groupWritten,
    }),
    DeleteVServerGroup: rpcOperation(operations.DeleteVServerGroup, { parameters: group, answer: nothing }),
    DescribeVServerGroups: rpcOperation(operations.DescribeVServerGroups, {
      parameters: z
        .object({
          RegionId: text,
          LoadBalancerId: text,
          Description: text.optional(),
          IncludeListener: flag.default(false),
          IncludeRule: flag.default(false),
          Tag: tagsToMatch.optional(),
        })
        .transform((wire) => ({
          loadBalancerId: wire.LoadBalancerId,
          description: wire.Description,
          includeListener: wire.IncludeListener,
          includeRule: wire.IncludeRule,
          tags: wire.Tag,
        })),
      answer: answers.groupsDescribed,
    }),
    DescribeVServerGroupAttribute: rpcOperation(operations.DescribeVServerGroupAttribute, {
      parameters: group,
      answer: answers.groupDescribed,
    }),
  };
}
