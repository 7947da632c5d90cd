import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import { createSlbApp } from '../../../../../infra/local/http/rpc/slb.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation, type Foundation } from '../../../../../infra/local/world/foundation.ts';
import { createSlb, type Slb } from '../../../../../infra/local/world/slb/slb.ts';
import { rpcClient } from './rpc-client.ts';

const VERSION = '2014-05-15';
const LB = 'lb-bp1shop';
const at = { LoadBalancerId: LB, ListenerPort: 80 };

let foundation: Foundation;
let slb: Slb;
let server: Listening;
let call: ReturnType<typeof rpcClient>;
let a: string;
let b: string;

beforeEach(async () => {
  // The real client signs with the computer's time.
  const clock = new VirtualClock(Date.now());
  foundation = createFoundation({
    clock,
    switches: { slbGroupProcessingMs: 0, slbAssociationLingersMs: 0 },
  });
  const ecs = createEcs(foundation, { pendingMs: 0, startingMs: 0 });
  [a = '', b = ''] = ecs.runInstances({ amount: 2 });
  clock.advanceBy(0);
  slb = createSlb(foundation, { ecs });
  slb.seedLoadBalancer({ loadBalancerId: LB, name: 'shop' });
  slb.seedVServerGroup({ vServerGroupId: 'rsp-bp1web', loadBalancerId: LB, name: 'web' });
  server = await listen(createSlbApp(foundation, slb));
  call = rpcClient(server, VERSION, foundation.identities.administrator);
});
afterEach(() => server.close());

const pair = (master: string, slave: string) =>
  JSON.stringify([
    { ServerId: master, Port: 80, Weight: 100, Type: 'ecs', ServerType: 'Master', Description: 'one' },
    { ServerId: slave, Port: 80, Weight: 100, Type: 'ecs', ServerType: 'Slave' },
  ]);
const create = async (master = a, slave = b) =>
  await call('CreateMasterSlaveServerGroup', {
    LoadBalancerId: LB,
    MasterSlaveServerGroupName: 'orders',
    MasterSlaveBackendServers: pair(master, slave),
    Tag: [{ Key: 'owner', Value: 'autopilot' }],
  });
const createdId = async (...servers: [string, string] | []) =>
  String((await create(...servers)).body?.MasterSlaveServerGroupId);

describe('primary/secondary groups at the SLB endpoint', () => {
  it('are created, described and deleted under the names of the SDK', async () => {
    const created = await create();
    const MasterSlaveServerGroupId = created.body?.MasterSlaveServerGroupId;
    const attribute = await call('DescribeMasterSlaveServerGroupAttribute', { MasterSlaveServerGroupId });
    const list = await call('DescribeMasterSlaveServerGroups', { LoadBalancerId: LB });
    const deleted = await call('DeleteMasterSlaveServerGroup', { MasterSlaveServerGroupId });
    const missing = await call('DescribeMasterSlaveServerGroupAttribute', { MasterSlaveServerGroupId });
    const again = await call('DeleteMasterSlaveServerGroup', { MasterSlaveServerGroupId });

    const member = { Port: 80, Weight: 100, Type: 'ecs' };
    const MasterSlaveBackendServers = {
      MasterSlaveBackendServer: [
        { ...member, ServerId: a, ServerType: 'Master', Description: 'one' },
        { ...member, ServerId: b, ServerType: 'Slave', Description: '' },
      ],
    };
    const common = {
      MasterSlaveServerGroupId,
      MasterSlaveServerGroupName: 'orders',
      CreateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      Tags: { Tag: [{ TagKey: 'owner', TagValue: 'autopilot' }] },
    };
    expect(created.body).toEqual({
      RequestId: created.requestId,
      MasterSlaveServerGroupId: expect.stringMatching(/^rsp-/),
      MasterSlaveBackendServers,
    });
    expect(attribute.body).toEqual({
      RequestId: attribute.requestId,
      ...common,
      LoadBalancerId: LB,
      MasterSlaveBackendServers,
    });
    expect(list.body).toEqual({
      RequestId: list.requestId,
      MasterSlaveServerGroups: {
        MasterSlaveServerGroup: [{ ...common, AssociatedObjects: { Listeners: { Listener: [] } } }],
      },
    });
    expect(deleted.body).toEqual({ RequestId: deleted.requestId });
    for (const refused of [missing, again]) {
      expect(refused).toMatchObject({ code: 'InvalidParameter', statusCode: 404 });
      expect(refused.message).toContain('The specified MasterSlaveGroupId does not exist.');
    }
  });

  it.each([
    [
      'lower camel keys and text for numbers',
      (m: string, s: string) =>
        `[{"serverId":"${m}","port":"80","serverType":"master"},{"serverId":"${s}","port":"80","serverType":"slave"}]`,
    ],
    [
      'single quotes',
      (m: string, s: string) =>
        `[{'ServerId':'${m}','Port':80},{'ServerId':'${s}','Port':80,'ServerType':'Slave','ServerIp':''}]`,
    ],
  ])('read their servers with %s', async (_, write) => {
    const { body } = await call('CreateMasterSlaveServerGroup', {
      LoadBalancerId: LB,
      MasterSlaveBackendServers: write(a, b),
    });

    expect(slb.masterSlaveGroup(String(body?.MasterSlaveServerGroupId))?.backends).toMatchObject([
      { serverId: a, serverType: 'Master' },
      { serverId: b, serverType: 'Slave' },
    ]);
  });

  it.each([
    ['[', 'BackendServersMalformed'],
    ['[1,2]', 'BackendServersMalformed'],
    ['[{"ServerId":"i-1","Port":80}]', 'BACKEND_SERVERS_NUM_MUST_BE_TWO'],
    ['', 'BACKEND_SERVERS_NUM_MUST_BE_TWO'],
  ])('refuse MasterSlaveBackendServers %s', async (MasterSlaveBackendServers, code) => {
    const refused = await call('CreateMasterSlaveServerGroup', {
      LoadBalancerId: LB,
      MasterSlaveBackendServers,
    });

    expect(refused).toMatchObject({ code, statusCode: 400 });
  });

  it('are promoted by a group with the roles swapped, to which each listener is pointed', async () => {
    const old = await createdId();
    await call('CreateLoadBalancerTCPListener', {
      ...at,
      Bandwidth: -1,
      MasterSlaveServerGroupId: old,
      PersistenceTimeout: 60,
    });
    const next = await createdId(b, a);
    const inUse = await call('DeleteMasterSlaveServerGroup', { MasterSlaveServerGroupId: old });

    const set = await call('SetLoadBalancerTCPListenerAttribute', {
      ...at,
      MasterSlaveServerGroup: 'on',
      MasterSlaveServerGroupId: next,
    });
    const tcp = await call('DescribeLoadBalancerTCPListenerAttribute', at);
    const listeners = await call('DescribeLoadBalancerListeners', { LoadBalancerId: [LB] });
    const groups = await call('DescribeMasterSlaveServerGroups', {
      LoadBalancerId: LB,
      IncludeListener: true,
      Tag: [{ Key: 'owner' }],
    });
    const deleted = await call('DeleteMasterSlaveServerGroup', { MasterSlaveServerGroupId: old });

    expect(inUse).toMatchObject({ code: 'RspoolVipExist', statusCode: 400 });
    expect(set.body).toEqual({ RequestId: set.requestId });
    expect(tcp.body).toMatchObject({ MasterSlaveServerGroupId: next, PersistenceTimeout: 60 });
    expect(tcp.body).not.toHaveProperty('VServerGroupId');
    expect(tcp.body).not.toHaveProperty('BackendServerPort');
    const [listener] = (listeners.body as { Listeners: Array<Record<string, unknown>> }).Listeners;
    expect(listener).toMatchObject({ TCPListenerConfig: { MasterSlaveServerGroupId: next } });
    expect(listener).not.toHaveProperty('MasterSlaveServerGroupId');
    expect(listener).not.toHaveProperty('VServerGroupId');
    const users = (Listener: ReadonlyArray<object>) => ({ AssociatedObjects: { Listeners: { Listener } } });
    expect(groups.body).toMatchObject({
      MasterSlaveServerGroups: {
        MasterSlaveServerGroup: [users([]), users([{ Port: 80, Protocol: 'tcp' }])],
      },
    });
    expect(deleted.code).toBeNull();
  });

  it('serve UDP listeners too, and are let go by the switch alone', async () => {
    const id = await createdId();
    await call('CreateLoadBalancerUDPListener', { ...at, MasterSlaveServerGroupId: id });
    const udp = await call('DescribeLoadBalancerUDPListenerAttribute', at);
    const listeners = await call('DescribeLoadBalancerListeners', { LoadBalancerId: [LB] });
    await call('SetLoadBalancerUDPListenerAttribute', { ...at, MasterSlaveServerGroup: 'off' });

    expect(udp.body).toMatchObject({ MasterSlaveServerGroupId: id });
    expect(listeners.body).toMatchObject({
      Listeners: [{ UDPListenerConfig: { MasterSlaveServerGroupId: id } }],
    });
    expect(slb.listenersOf(LB)).toMatchObject([{ masterSlaveServerGroupId: null }]);
  });

  it('exclude vServer groups and HTTP listeners', async () => {
    const MasterSlaveServerGroupId = await createdId();
    const VServerGroupId = 'rsp-bp1web';
    await call('CreateLoadBalancerTCPListener', { ...at, VServerGroupId });
    const set = async (parameters: object) =>
      (await call('SetLoadBalancerTCPListenerAttribute', { ...at, ...parameters })).code;
    const http = await call('CreateLoadBalancerHTTPListener', {
      ...at,
      ListenerPort: 81,
      MasterSlaveServerGroupId,
    });

    const both = 'Abs.VServerGroupIdAndMasterSlaveServerGroupId.MissMatch';
    expect(await set({ VServerGroup: 'on', MasterSlaveServerGroup: 'on' })).toBe(both);
    expect(await set({ VServerGroupId, MasterSlaveServerGroupId })).toBe(both);
    expect(await set({ MasterSlaveServerGroup: 'on', MasterSlaveServerGroupId: VServerGroupId })).toBe(both);
    expect(
      await set({
        VServerGroup: 'off',
        MasterSlaveServerGroup: 'on',
        MasterSlaveServerGroupId: VServerGroupId,
      }),
    ).toBe('VipNotMatchRspool');
    expect(
      await set({ VServerGroup: 'off', MasterSlaveServerGroup: 'on', MasterSlaveServerGroupId }),
    ).toBeNull();
    expect(http.code).toBe('VipNotMatchRspool');
  });

  it('are judged by RAM on their load balancer', async () => {
    const MasterSlaveServerGroupId = await createdId();
    const policy = (Resource: Array<string>) =>
      foundation.identities.putRole('promoter', [
        { Version: '1', Statement: [{ Effect: 'Allow', Action: ['slb:*'], Resource }] },
      ]);
    policy(['acs:slb:*:*:loadbalancer/lb-bp1other']);
    const role = foundation.identities.assumeRole('promoter', 'test', 60_000);
    const session = rpcClient(server, VERSION, role);
    const calls: ReadonlyArray<[string, object]> = [
      ['CreateMasterSlaveServerGroup', { LoadBalancerId: LB, MasterSlaveBackendServers: pair(a, b) }],
      ['DescribeMasterSlaveServerGroups', { LoadBalancerId: LB }],
      ['DescribeMasterSlaveServerGroupAttribute', { MasterSlaveServerGroupId }],
      ['DeleteMasterSlaveServerGroup', { MasterSlaveServerGroupId }],
    ];
    const codes = async () => {
      const found: Array<string | null> = [];
      for (const [action, parameters] of calls) found.push((await session(action, { ...parameters })).code);
      return found;
    };

    const denied = await codes();
    policy([`acs:slb:*:*:loadbalancer/${LB}`]);
    const allowed = await codes();

    expect(denied).toEqual(calls.map(() => 'Forbidden.RAM'));
    expect(allowed).toEqual(calls.map(() => null));
    expect(foundation.gate.records.at(-1)).toMatchObject({
      action: 'DeleteMasterSlaveServerGroup',
      subject: LB,
      errorCode: null,
    });
  });

  it('may be deleted 400 times a minute, and created 90 times', async () => {
    const times = async (count: number, action: string, parameters: object) => {
      let last: string | null = null;
      for (let index = 0; index < count; index += 1) last = (await call(action, { ...parameters })).code;
      return last;
    };
    const none = { MasterSlaveServerGroupId: 'rsp-none' };

    expect(await times(91, 'CreateMasterSlaveServerGroup', { LoadBalancerId: LB })).toBe('Throttling.User');
    expect(await times(400, 'DeleteMasterSlaveServerGroup', none)).toBe('InvalidParameter');
    expect(await times(1, 'DeleteMasterSlaveServerGroup', none)).toBe('Throttling.User');
  });
});

describe('changing a listener', () => {
  it.each([
    ['when-named', { AclId: 'acl-1' }, 'Forbidden.RAM'],
    ['when-named', {}, null],
    ['always', {}, 'Forbidden.RAM'],
  ] as const)('asks RAM for the access list %s: %j', async (slbSetListenerNeedsAcl, parameters, code) => {
    const world = createFoundation({ switches: { slbSetListenerNeedsAcl } });
    const clouds = createSlb(world, { ecs: createEcs(world) });
    clouds.seedLoadBalancer({ loadBalancerId: LB });
    clouds.seedListener({
      loadBalancerId: LB,
      listenerPort: 80,
      listenerProtocol: 'tcp',
      backendServerPort: 80,
    });
    world.identities.putRole('setter', [
      {
        Version: '1',
        Statement: [{ Effect: 'Allow', Action: ['slb:*'], Resource: [`acs:slb:*:*:loadbalancer/${LB}`] }],
      },
    ]);
    const endpoint = await listen(createSlbApp(world, clouds));
    const session = rpcClient(endpoint, VERSION, world.identities.assumeRole('setter', 'test', 60_000));

    const result = await session('SetLoadBalancerTCPListenerAttribute', { ...at, ...parameters });
    await endpoint.close();

    expect(result.code).toBe(code);
  });
});
