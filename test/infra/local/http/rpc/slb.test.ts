import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import { createSlbApp } from '../../../../../infra/local/http/rpc/slb.ts';
import { createEcs, type Ecs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation, type Foundation } from '../../../../../infra/local/world/foundation.ts';
import { createSlb, type Slb } from '../../../../../infra/local/world/slb/slb.ts';
import { rpcClient } from './rpc-client.ts';

const VERSION = '2014-05-15';
const LB = 'lb-bp1shop';
const VServerGroupId = 'rsp-bp1web';

let foundation: Foundation;
let ecs: Ecs;
let slb: Slb;
let server: Listening;
let call: ReturnType<typeof rpcClient>;

beforeEach(async () => {
  foundation = createFoundation({ switches: { slbGroupProcessingMs: 0 } });
  ecs = createEcs(foundation, { pendingMs: 0, startingMs: 0 });
  slb = createSlb(foundation, { ecs });
  slb.seedLoadBalancer({ loadBalancerId: LB, name: 'shop' });
  slb.seedVServerGroup({ vServerGroupId: VServerGroupId, loadBalancerId: LB, name: 'web' });
  server = await listen(createSlbApp(foundation, slb));
  call = rpcClient(server, VERSION, foundation.identities.administrator);
});
afterEach(() => server.close());

const running = async (amount: number) => {
  const ids = ecs.runInstances({ amount });
  await expect.poll(() => ids.every((id) => ecs.find(id)?.status === 'Running')).toBe(true);
  return ids;
};
const groupNow = async () => (await call('DescribeVServerGroupAttribute', { VServerGroupId })).body;

describe('the SLB endpoint', () => {
  it('walks a backend through its life', async () => {
    const [ServerId] = await running(1);
    const set = JSON.stringify([{ ServerId, Port: 80, Weight: 0, Description: 'autopilot' }]);

    const added = await call('AddVServerGroupBackendServers', {
      VServerGroupId,
      BackendServers: JSON.stringify([{ ServerId, Port: 80, Weight: 10, Description: 'autopilot' }]),
    });
    const drained = await call('SetVServerGroupAttribute', { VServerGroupId, BackendServers: set });
    const described = await groupNow();
    const removed = await call('RemoveVServerGroupBackendServers', { VServerGroupId, BackendServers: set });
    const deleted = await call('DeleteVServerGroup', { VServerGroupId });
    const missing = await call('DescribeVServerGroupAttribute', { VServerGroupId });

    const element = { ServerId, Port: 80, Weight: 10, Type: 'ecs', Description: 'autopilot' };
    expect(added.body).toEqual({
      RequestId: added.requestId,
      VServerGroupId,
      BackendServers: { BackendServer: [element] },
    });
    expect(drained.body).toMatchObject({
      VServerGroupName: 'web',
      BackendServers: { BackendServer: [{ ...element, Weight: 0 }] },
    });
    expect(described).toMatchObject({
      VServerGroupId,
      VServerGroupName: 'web',
      LoadBalancerId: LB,
      BackendServers: { BackendServer: [{ ...element, Weight: 0 }] },
      Tags: { Tag: [] },
    });
    expect(removed.body).toMatchObject({ BackendServers: { BackendServer: [] } });
    expect(deleted.body).toEqual({ RequestId: deleted.requestId });
    expect(missing).toMatchObject({ code: 'InvalidParameter', statusCode: 404 });
    expect(missing.message).toContain('The specified VServerGroupId does not exist.');
  });

  it.each([
    ['lower camel keys', (id: string) => `[{"serverId":"${id}","port":80,"weight":5}]`],
    ['numbers as text', (id: string) => `[{"ServerId":"${id}","Port":"80","Weight":"5"}]`],
    ['single quotes', (id: string) => `[{'ServerId':'${id}','Port':'80','Weight':'5','Type':'ecs'}]`],
    [
      'nulls for what is not set',
      (id: string) => `[{"SERVERID":"${id}","Port":80,"Weight":5,"ServerIp":null}]`,
    ],
  ])('reads BackendServers with %s', async (_, write) => {
    const [id = ''] = await running(1);

    await call('AddVServerGroupBackendServers', { VServerGroupId, BackendServers: write(id) });

    expect(slb.group(VServerGroupId)?.backends).toMatchObject([{ serverId: id, port: 80, weight: 5 }]);
  });

  it.each([
    ['not-json', 'BackendServersMalformed'],
    ['{"ServerId":"i-1"}', 'BackendServersMalformed'],
    ['[1]', 'BackendServersMalformed'],
    ['[{"ServerId":"i-1","Port":"eighty"}]', 'InvalidParameter'],
    ['[{"ServerId":"i-1","Port":80,"Weight":"heavy"}]', 'InvalidWeight.Malformed'],
    ['[{"ServerId":"i-1","Port":80,"__proto__":{"port":1}}]', 'InvalidServerId.NotFound'],
  ])('refuses BackendServers %s', async (BackendServers, code) => {
    expect(await call('AddVServerGroupBackendServers', { VServerGroupId, BackendServers })).toMatchObject({
      code,
    });
  });

  it('creates a load balancer with group and listener, and shows them all round', async () => {
    const { body: balancer } = await call('CreateLoadBalancer', {
      LoadBalancerName: 'new',
      AddressType: 'internet',
    });
    const LoadBalancerId = balancer?.LoadBalancerId;
    const [ServerId] = await running(1);
    const { body: group } = await call('CreateVServerGroup', {
      LoadBalancerId,
      VServerGroupName: 'api',
      BackendServers: JSON.stringify([{ ServerId, Port: 8080 }]),
    });
    const id = group?.VServerGroupId;
    await call('CreateLoadBalancerTCPListener', {
      LoadBalancerId,
      ListenerPort: 443,
      Bandwidth: -1,
      VServerGroupId: id,
      HealthCheckSwitch: 'on',
      PersistenceTimeout: 30,
    });
    await call('StartLoadBalancerListener', { LoadBalancerId, ListenerPort: 443 });

    const listeners = await call('DescribeLoadBalancerListeners', { LoadBalancerId: [LoadBalancerId] });
    const attribute = await call('DescribeLoadBalancerAttribute', { LoadBalancerId });
    const groups = await call('DescribeVServerGroups', { LoadBalancerId, IncludeListener: true });
    const health = await call('DescribeHealthStatus', {
      LoadBalancerId,
      ListenerPort: 443,
      ListenerProtocol: 'tcp',
    });
    const balancers = await call('DescribeLoadBalancers', { LoadBalancerId: `${LoadBalancerId},lb-none` });
    const tcp = await call('DescribeLoadBalancerTCPListenerAttribute', { LoadBalancerId, ListenerPort: 443 });

    expect(id).toMatch(/^rsp-/);
    expect(listeners.body).toMatchObject({
      TotalCount: 1,
      NextToken: null,
      Listeners: [
        {
          LoadBalancerId,
          ListenerPort: 443,
          ListenerProtocol: 'tcp',
          Status: 'running',
          Scheduler: 'wrr',
          VServerGroupId: id,
          TCPListenerConfig: { PersistenceTimeout: 30, HealthCheck: 'on', ProxyProtocolV2Enabled: 'false' },
        },
      ],
    });
    expect(attribute.body).toMatchObject({
      LoadBalancerStatus: 'active',
      ListenerPorts: { ListenerPort: [443] },
      ListenerPortsAndProtocal: { ListenerPortAndProtocal: [{ ListenerPort: 443, ListenerProtocal: 'tcp' }] },
      BackendServers: { BackendServer: [] },
    });
    expect(groups.body).toMatchObject({
      VServerGroups: {
        VServerGroup: [
          {
            VServerGroupId: id,
            ServerCount: 1,
            AssociatedObjects: { Listeners: { Listener: [{ Port: 443, Protocol: 'tcp' }] } },
          },
        ],
      },
    });
    expect(health.body).toMatchObject({
      BackendServers: {
        BackendServer: [
          { ListenerPort: 443, Protocol: 'tcp', Port: 8080, ServerId, ServerHealthStatus: 'unavailable' },
        ],
      },
    });
    expect(balancers.body).toMatchObject({ TotalCount: 1, PageNumber: 1, PageSize: 10 });
    expect(tcp.body).toMatchObject({ VServerGroupId: id, Status: 'running', ProxyProtocolV2Enabled: false });
  });

  it('speaks of HTTP listeners, their rules and what rules use', async () => {
    const at = { LoadBalancerId: LB, ListenerPort: 80 };
    slb.seedVServerGroup({ vServerGroupId: 'rsp-bp1api', loadBalancerId: LB, name: 'api' });
    await call('CreateLoadBalancerHTTPListener', {
      ...at,
      VServerGroupId,
      Bandwidth: -1,
      StickySession: 'off',
      HealthCheck: 'on',
    });
    const RuleList = JSON.stringify([
      { RuleName: 'api', Domain: 'api.example', Url: '/v1', VServerGroupId: 'rsp-bp1api' },
    ]);

    const changed = await call('SetLoadBalancerHTTPListenerAttribute', {
      ...at,
      Scheduler: 'rr',
      StickySession: 'on',
      StickySessionType: 'insert',
      CookieTimeout: 60,
    });
    const created = await call('CreateRules', { ...at, ListenerProtocol: 'http', RuleList });
    const malformed = await call('CreateRules', { ...at, RuleList: '{' });
    const described = await call('DescribeRules', at);
    const listeners = await call('DescribeLoadBalancerListeners', { LoadBalancerId: [LB] });
    const groups = await call('DescribeVServerGroups', { LoadBalancerId: LB, IncludeRule: true });
    const groupsAlone = await call('DescribeVServerGroups', { LoadBalancerId: LB });
    const [{ RuleId = '' } = {}] = (created.body as { Rules: { Rule: Array<{ RuleId?: string }> } }).Rules
      .Rule;
    const deleted = await call('DeleteRules', { RuleIds: JSON.stringify([RuleId]) });

    expect(changed.code).toBeNull();
    expect(RuleId).toMatch(/^rule-/);
    expect(malformed).toMatchObject({ code: 'InvalidParameter', statusCode: 400 });
    const place = { RuleId, RuleName: 'api', Domain: 'api.example', Url: '/v1' };
    expect(described.body).toMatchObject({ Rules: { Rule: [{ ...place, VServerGroupId: 'rsp-bp1api' }] } });
    expect(listeners.body).toMatchObject({
      Listeners: [
        {
          ListenerProtocol: 'http',
          Scheduler: 'rr',
          HTTPListenerConfig: { StickySession: 'on', HealthCheck: 'on', CookieTimeout: 60 },
        },
      ],
    });
    const rulesOf = (Rule: ReadonlyArray<object>) => ({ AssociatedObjects: { Rules: { Rule } } });
    expect(groups.body).toMatchObject({ VServerGroups: { VServerGroup: [rulesOf([]), rulesOf([place])] } });
    expect(groupsAlone.body).toMatchObject({ VServerGroups: { VServerGroup: [rulesOf([]), rulesOf([])] } });
    expect(deleted.code).toBeNull();
    expect((await call('DescribeRules', at)).body).toMatchObject({ Rules: { Rule: [] } });
  });

  it('leaves the list of listeners out when there is none, as documented', async () => {
    const { body } = await call('DescribeLoadBalancerListeners', { LoadBalancerId: [LB] });

    expect(body).toMatchObject({ TotalCount: 0 });
    expect(body).not.toHaveProperty('Listeners');
  });

  it('asks RAM for the servers too when Modify replaces them', async () => {
    const [old, fresh] = await running(2);
    const policy = (Resource: Array<string>) =>
      foundation.identities.putRole('swapper', [
        { Version: '1', Statement: [{ Effect: 'Allow', Action: ['slb:*'], Resource }] },
      ]);
    policy([`acs:slb:*:*:loadbalancer/${LB}`]);
    const session = rpcClient(server, VERSION, foundation.identities.assumeRole('swapper', 'test', 60_000));
    const swap = () =>
      session('ModifyVServerGroupBackendServers', {
        VServerGroupId,
        OldBackendServers: JSON.stringify([{ ServerId: old, Port: 80 }]),
        NewBackendServers: JSON.stringify([{ ServerId: fresh, Port: 80 }]),
      });

    const narrow = await swap();
    policy([`acs:slb:*:*:loadbalancer/${LB}`, 'acs:ecs:*:*:instance/*']);
    const wide = await swap();

    expect(narrow).toMatchObject({ code: 'Forbidden.RAM', statusCode: 403 });
    expect(wide.code).toBeNull();
    expect(foundation.gate.records.at(-1)).toMatchObject({
      product: 'slb',
      action: 'ModifyVServerGroupBackendServers',
      subject: LB,
      applied: true,
      errorCode: null,
    });
  });

  it('throttles the 91st write of a minute, and counts each operation for itself', async () => {
    const rename = () => call('SetVServerGroupAttribute', { VServerGroupId, VServerGroupName: 'web' });
    for (let count = 0; count < 90; count += 1) await rename();

    const throttled = await rename();
    const read = await groupNow();
    const other = await call('RemoveVServerGroupBackendServers', {
      VServerGroupId,
      BackendServers: JSON.stringify([{ ServerId: 'i-absent', Port: 80 }]),
    });

    expect(throttled).toMatchObject({ code: 'Throttling.User', statusCode: 400 });
    expect(read).toMatchObject({ VServerGroupName: 'web' });
    expect(other.code).toBeNull();
  });
});
