import * as z from 'zod';
import { allOrFailure, mapBounded } from '../../concurrency.ts';
import type { LoadBalancerGateway } from '../../load-balancers/ports.ts';
import type {
  ForwardingRule,
  LoadBalancerView,
  LoadBalancerViewer,
  ViewedGroup,
  ViewedListener,
} from '../../load-balancers/view.ts';
import { configOf, describeListeners, type WireListener } from './listeners.ts';
import type { RpcClient } from './rpc-client.ts';
import { describeRules } from './rules.ts';
import {
  PairGroupSchema,
  PairGroupsSchema,
  readPairGroup,
  readVServerGroup,
  VServerGroupSchema,
  VServerGroupsSchema,
} from './viewed-groups.ts';

const LoadBalancerSchema = z.object({
  RequestId: z.string(),
  LoadBalancerId: z.string(),
  LoadBalancerName: z.string().nullish(),
  LoadBalancerStatus: z.string(),
  BackendServers: z
    .object({
      BackendServer: z.array(
        z.object({ ServerId: z.string(), Weight: z.coerce.number(), Type: z.string().nullish() }),
      ),
    })
    .nullish(),
});

/** Reads of one load balancer at once; the account has 3,000 of each in a minute. */
const AT_ONCE = 4;

/**
 * Load balancers for people who want to see where requests go, over the CLB API. Only reads.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-describerules
 */
export function createLoadBalancerViewer(
  client: RpcClient,
  { health }: Pick<LoadBalancerGateway, 'health'>,
): LoadBalancerViewer {
  return {
    async view(loadBalancerId): Promise<LoadBalancerView> {
      const of = { LoadBalancerId: loadBalancerId };
      // First of all whether there is such a load balancer: the other reads may answer for any id.
      const balancer = await client.call('DescribeLoadBalancerAttribute', 'read', of, LoadBalancerSchema);
      const [wireListeners, vServerGroups, pairGroups, checks] = await allOrFailure([
        describeListeners(client, loadBalancerId),
        describeVServerGroups(client, loadBalancerId),
        describePairGroups(client, loadBalancerId),
        health(loadBalancerId),
      ]);
      const listeners = await mapBounded(wireListeners, AT_ONCE, (wire) => readListener(client, wire));
      const status = balancer.LoadBalancerStatus;
      return {
        loadBalancerId,
        name: balancer.LoadBalancerName ?? '',
        status: status === 'active' || status === 'locked' ? status : 'inactive',
        listeners,
        groups: [...vServerGroups, ...pairGroups, ...defaultGroupOf(balancer)],
        health: checks,
      };
    },
  };
}

async function describeVServerGroups(
  client: RpcClient,
  loadBalancerId: string,
): Promise<ReadonlyArray<ViewedGroup>> {
  const { VServerGroups } = await client.call(
    'DescribeVServerGroups',
    'read',
    { LoadBalancerId: loadBalancerId },
    VServerGroupsSchema,
  );
  return await mapBounded(VServerGroups.VServerGroup, AT_ONCE, async (listed) => {
    const parameters = { VServerGroupId: listed.VServerGroupId };
    const api = 'DescribeVServerGroupAttribute';
    return readVServerGroup(listed, await client.call(api, 'read', parameters, VServerGroupSchema));
  });
}

async function describePairGroups(
  client: RpcClient,
  loadBalancerId: string,
): Promise<ReadonlyArray<ViewedGroup>> {
  const { MasterSlaveServerGroups } = await client.call(
    'DescribeMasterSlaveServerGroups',
    'read',
    { LoadBalancerId: loadBalancerId },
    PairGroupsSchema,
  );
  return await mapBounded(MasterSlaveServerGroups.MasterSlaveServerGroup, AT_ONCE, async (listed) => {
    const parameters = { MasterSlaveServerGroupId: listed.MasterSlaveServerGroupId };
    const api = 'DescribeMasterSlaveServerGroupAttribute';
    return readPairGroup(listed, await client.call(api, 'read', parameters, PairGroupSchema));
  });
}

function defaultGroupOf({ BackendServers }: z.infer<typeof LoadBalancerSchema>): ReadonlyArray<ViewedGroup> {
  const servers = BackendServers?.BackendServer ?? [];
  if (servers.length === 0) return [];
  return [
    {
      kind: 'default-group',
      groupId: null,
      name: '',
      servers: servers.map(({ ServerId, Weight, Type }) => ({
        serverId: ServerId,
        port: null,
        serverIp: null,
        weight: Weight,
        type: Type || 'ecs',
        role: null,
        description: '',
      })),
      tags: [],
    },
  ];
}

async function readListener(client: RpcClient, wire: WireListener): Promise<ViewedListener> {
  const config = configOf(wire);
  const groupId = wire.VServerGroupId || config?.MasterSlaveServerGroupId || null;
  const isRunning = wire.Status !== 'stopped';
  return {
    protocol: wire.ListenerProtocol,
    port: wire.ListenerPort,
    isRunning,
    scheduler: wire.Scheduler ?? '',
    isHealthChecked: config?.HealthCheck === 'on' && isRunning,
    groupId,
    defaultPort: groupId === null ? (wire.BackendServerPort ?? null) : null,
    rules: await rulesOf(client, wire),
  };
}

/** Only HTTP and HTTPS listeners have rules. */
async function rulesOf(
  client: RpcClient,
  { LoadBalancerId, ListenerPort: port, ListenerProtocol: protocol }: WireListener,
): Promise<ReadonlyArray<ForwardingRule>> {
  if (protocol === 'tcp' || protocol === 'udp') return [];
  const rules = await describeRules(client, LoadBalancerId, { protocol, port });
  return rules.map((rule) => ({ ...rule, groupId: rule.groupId ?? '' }));
}
