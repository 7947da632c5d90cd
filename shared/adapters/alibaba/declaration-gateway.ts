import * as z from 'zod';
import { allOrFailure, mapBounded, nullWhen } from '../../concurrency.ts';
import type { GroupListener } from '../../config/group.ts';
import {
  type DeclarationStep,
  type ListedGroup,
  type ListedListener,
  operationOf,
} from '../../declarations/model.ts';
import type { DeclarationGateway } from '../../declarations/ports.ts';
import { MissingListenerError } from '../../pairs/errors.ts';
import { configOf, describeListeners, type WireListener } from './listeners.ts';
import { settingsOf } from './pair-listener.ts';
import type { RpcClient } from './rpc-client.ts';
import { describeRules } from './rules.ts';
import { readTags, TagsSchema, writeTags } from './tags.ts';

const GroupsSchema = z.object({
  RequestId: z.string(),
  VServerGroups: z.object({
    VServerGroup: z.array(
      z.object({
        VServerGroupId: z.string().min(1),
        VServerGroupName: z.string().nullish(),
        ServerCount: z.coerce.number(),
        AssociatedObjects: z
          .object({
            Listeners: z
              .object({ Listener: z.array(z.object({ Port: z.coerce.number(), Protocol: z.string() })) })
              .nullish(),
            Rules: z
              .object({
                Rule: z.array(
                  z.object({
                    RuleId: z.string(),
                    Domain: z.string().nullish(),
                    Url: z.string().nullish(),
                  }),
                ),
              })
              .nullish(),
          })
          .nullish(),
        Tags: TagsSchema,
      }),
    ),
  }),
});

const LoadBalancerSchema = z.object({
  RequestId: z.string(),
  LoadBalancerStatus: z.string(),
  BackendServers: z.object({ BackendServer: z.array(z.unknown()) }).nullish(),
});

const SettingsSchema = z.looseObject({ ListenerPort: z.coerce.number(), Status: z.string().min(1) });
const CreatedSchema = z.object({ RequestId: z.string(), VServerGroupId: z.string().min(1) });
const DoneSchema = z.object({ RequestId: z.string() });

const RULES_AT_ONCE = 4;

/**
 * vServer groups as a whole, and the listeners and forwarding rules that use them, over the CLB API.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-createvservergroup
 */
export function createDeclarationGateway(client: RpcClient, clock: { nowMs(): number }): DeclarationGateway {
  return {
    async observe(loadBalancerId, rulesOf) {
      const readAtMs = clock.nowMs();
      const parameters = { LoadBalancerId: loadBalancerId };
      // The reads are not of one instant; each of them is checked for being whole.
      const [loadBalancer, groups, listeners] = await allOrFailure([
        client.call('DescribeLoadBalancerAttribute', 'read', parameters, LoadBalancerSchema),
        client.call(
          'DescribeVServerGroups',
          'read',
          { ...parameters, IncludeListener: true, IncludeRule: true },
          GroupsSchema,
        ),
        describeListeners(client, loadBalancerId).then((wires) => wires.map(readListener)),
      ]);
      const there = rulesOf.filter((wanted) =>
        listeners.some(({ protocol, port }) => protocol === wanted.protocol && port === wanted.port),
      );
      const rules = await mapBounded(there, RULES_AT_ONCE, async (listener) =>
        (await describeRules(client, loadBalancerId, listener)).map((rule) => ({ ...rule, listener })),
      );
      return {
        loadBalancerId,
        isLocked: loadBalancer.LoadBalancerStatus === 'locked',
        groups: groups.VServerGroups.VServerGroup.map(readGroup),
        listeners,
        rules: rules.flat(),
        defaultCount: loadBalancer.BackendServers?.BackendServer.length ?? 0,
        readAtMs,
      };
    },
    async settings(loadBalancerId, listener) {
      const api = `DescribeLoadBalancer${listener.protocol.toUpperCase()}ListenerAttribute`;
      const parameters = { LoadBalancerId: loadBalancerId, ListenerPort: listener.port };
      const answer = client.call(api, 'read', parameters, SettingsSchema);
      return await nullWhen(MissingListenerError, answer.then(settingsOf));
    },
    async send(step) {
      const { api, parameters } = callOf(step);
      const schema = step.kind === 'create' ? CreatedSchema : DoneSchema;
      const { RequestId, ...rest } = await client.call(api, 'write', { ...parameters }, schema);
      return {
        requestId: RequestId,
        groupId: 'VServerGroupId' in rest ? String(rest.VServerGroupId) : null,
      };
    },
    callOf,
  };
}

function callOf(step: DeclarationStep): ReturnType<DeclarationGateway['callOf']> {
  const api = operationOf(step);
  switch (step.kind) {
    case 'create':
      return {
        api,
        parameters: {
          LoadBalancerId: step.loadBalancerId,
          VServerGroupName: step.name,
          Tag: writeTags(step.tags),
        },
      };
    case 'rename':
      return { api, parameters: { VServerGroupId: step.groupId, VServerGroupName: step.name } };
    case 'tag':
      return { api, parameters: { ...resource(step.groupId), Tag: writeTags(step.tags) } };
    case 'untag':
      return { api, parameters: { ...resource(step.groupId), TagKey: step.keys } };
    case 'point':
      return {
        api,
        parameters: {
          LoadBalancerId: step.loadBalancerId,
          ListenerPort: step.listener.port,
          VServerGroup: 'on',
          VServerGroupId: step.groupId,
          ...(step.leavesPair && { MasterSlaveServerGroup: 'off' }),
          ...step.settings,
        },
      };
    case 'point-rule':
      return { api, parameters: { RuleId: step.ruleId, VServerGroupId: step.groupId } };
    case 'create-rule':
      return {
        api,
        parameters: {
          LoadBalancerId: step.loadBalancerId,
          ListenerPort: step.listener.port,
          ListenerProtocol: step.listener.protocol,
          RuleList: JSON.stringify([
            {
              RuleName: step.name,
              ...(step.domain !== '' && { Domain: step.domain }),
              ...(step.url !== '' && { Url: step.url }),
              VServerGroupId: step.groupId,
            },
          ]),
        },
      };
    case 'delete':
      return { api, parameters: { VServerGroupId: step.groupId } };
  }
}

function resource(groupId: string) {
  return { ResourceType: 'vservergroup', ResourceId: [groupId] };
}

function readGroup(wire: z.infer<typeof GroupsSchema>['VServerGroups']['VServerGroup'][number]): ListedGroup {
  const users = wire.AssociatedObjects;
  return {
    groupId: wire.VServerGroupId,
    name: wire.VServerGroupName ?? '',
    serverCount: wire.ServerCount,
    tags: readTags(wire.Tags),
    listeners: (users?.Listeners?.Listener ?? []).flatMap(({ Port, Protocol }) => {
      const protocol = PROTOCOLS.get(Protocol.toLowerCase());
      return protocol === undefined ? [] : [{ protocol, port: Port }];
    }),
    rules: (users?.Rules?.Rule ?? []).map(({ RuleId, Domain, Url }) => ({
      ruleId: RuleId,
      domain: Domain ?? '',
      url: Url ?? '',
    })),
  };
}

const PROTOCOLS: ReadonlyMap<string, GroupListener['protocol']> = new Map(
  (['tcp', 'udp', 'http', 'https'] as const).map((protocol) => [protocol, protocol]),
);

/** Where a listener sends what no rule takes. */
function readListener(wire: WireListener): ListedListener {
  const { ListenerProtocol: protocol, ListenerPort: port, VServerGroupId: groupId } = wire;
  if (groupId) return { protocol, port, target: { kind: 'vserver-group', groupId } };
  const pairId = configOf(wire)?.MasterSlaveServerGroupId;
  return { protocol, port, target: pairId ? { kind: 'pair', groupId: pairId } : { kind: 'default' } };
}
