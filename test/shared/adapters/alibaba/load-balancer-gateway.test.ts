import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalClouds, startLocalClouds } from '../../../../infra/local/clouds.ts';
import type { AccessKey } from '../../../../shared/access-key.ts';
import { createLoadBalancerGateway } from '../../../../shared/adapters/alibaba/load-balancer-gateway.ts';
import { createRpcClient } from '../../../../shared/adapters/alibaba/rpc-client.ts';
import { SLB_API } from '../../../../shared/adapters/alibaba/slb-gateway.ts';
import { NOW_MS } from '../../../support/builders.ts';
import {
  answers,
  failureOf,
  type MisbehavingServer,
  startMisbehavingServer,
} from '../../../support/misbehaving-server.ts';

const LB = 'lb-bp1shop';

let nowMs = NOW_MS;

const gatewayAt = (endpoint: string, accessKey: AccessKey) =>
  createLoadBalancerGateway(
    createRpcClient({
      endpoint,
      ...SLB_API,
      regionId: 'cn-hangzhou',
      accessKey: () => accessKey,
      timeoutMs: 3_000,
    }),
    { nowMs: () => nowMs },
  );

describe('against SLB', () => {
  let clouds: LocalClouds;
  beforeEach(async () => {
    clouds = await startLocalClouds({ switches: { slbAddNotRunning: 'accept' } });
    clouds.slb.seedLoadBalancer({ loadBalancerId: LB });
  });
  afterEach(() => clouds.close());

  const gateway = (accessKey: AccessKey = clouds.foundation.identities.administrator) =>
    gatewayAt(clouds.endpoints.slb, accessKey);
  const seedGroup = (vServerGroupId: string, ports: ReadonlyArray<number> = [], loadBalancerId = LB) => {
    const backends = ports.map((port) => ({ serverId: 'i-1', port }));
    clouds.slb.seedVServerGroup({ vServerGroupId, loadBalancerId, name: vServerGroupId, backends });
  };
  const listen = (
    listenerPort: number,
    listenerProtocol: 'tcp' | 'udp' | 'http' | 'https',
    more: Partial<Parameters<typeof clouds.slb.seedListener>[0]> = {},
  ) => {
    const address = { loadBalancerId: LB, listenerPort, listenerProtocol };
    clouds.slb.seedListener({ ...address, vServerGroupId: 'rsp-web', ...more });
  };

  it('reads listeners of every protocol with all that a drain depends on', async () => {
    seedGroup('rsp-web');
    listen(80, 'tcp');
    listen(81, 'tcp', { scheduler: 'sch', settings: { PersistenceTimeout: '60' } });
    listen(53, 'udp', { scheduler: 'qch', settings: { HealthCheck: 'off' } });
    listen(8080, 'http', {
      scheduler: 'rr',
      settings: { StickySession: 'on', StickySessionType: 'insert', CookieTimeout: '60' },
    });
    listen(443, 'https', { scheduler: 'wlc' });
    clouds.slb.listeners.create({
      loadBalancerId: LB,
      listenerPort: 90,
      listenerProtocol: 'tcp',
      backendServerPort: 9,
    });

    const { listeners, status } = await gateway().describe(LB);

    const usual = { vServerGroupId: 'rsp-web', hasPersistence: false, isHealthChecked: true };
    expect(status).toBe('active');
    expect(listeners).toEqual([
      { ...usual, port: 80, protocol: 'tcp', scheduler: 'wrr' },
      { ...usual, port: 81, protocol: 'tcp', scheduler: 'sch', hasPersistence: true },
      { ...usual, port: 53, protocol: 'udp', scheduler: 'qch', isHealthChecked: false },
      { ...usual, port: 8080, protocol: 'http', scheduler: 'rr', hasPersistence: true },
      { ...usual, port: 443, protocol: 'https', scheduler: 'wlc' },
      // Stopped, and on the default group.
      { ...usual, port: 90, protocol: 'tcp', scheduler: 'wrr', vServerGroupId: null, isHealthChecked: false },
    ]);
  });

  it('counts what the quota counts: every group of the load balancer, the default one too', async () => {
    clouds.slb.seedLoadBalancer({
      loadBalancerId: 'lb-full',
      status: 'locked',
      defaultServers: [
        { serverId: 'i-1', weight: 100 },
        { serverId: 'i-2', weight: 0 },
      ],
    });
    seedGroup('rsp-a', [80, 81, 82], 'lb-full');
    seedGroup('rsp-b', [90], 'lb-full');
    seedGroup('rsp-other', [80]);

    expect(await gateway().describe('lb-full')).toEqual({
      loadBalancerId: 'lb-full',
      status: 'locked',
      spec: 'guaranteed',
      vpcId: null,
      inDefaultGroup: 2,
      listeners: [],
      groupsOfRules: new Set(),
      backendCount: 6,
    });
  });

  it('names the groups that forwarding rules use', async () => {
    for (const id of ['rsp-web', 'rsp-api', 'rsp-idle']) seedGroup(id);
    listen(80, 'http');
    const address = { loadBalancerId: LB, listenerPort: 80 };
    clouds.slb.seedRule({ ...address, domain: 'api.example', vServerGroupId: 'rsp-api' });
    clouds.slb.seedRule({ ...address, url: '/v2', vServerGroupId: 'rsp-api' });

    expect((await gateway().describe(LB)).groupsOfRules).toEqual(new Set(['rsp-api']));
  });

  it('reads in parallel, and needs exactly its four actions on the load balancer', async () => {
    const { identities, gate } = clouds.foundation;
    seedGroup('rsp-web');
    listen(80, 'tcp');
    const reads = [
      'DescribeLoadBalancerAttribute',
      'DescribeLoadBalancerListeners',
      'DescribeVServerGroups',
      'DescribeHealthStatus',
    ];
    const actions = reads.map((read) => `slb:${read}`);
    const Resource = [`acs:slb:cn-hangzhou:${identities.accountId}:loadbalancer/${LB}`];
    identities.putRole('reader', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: actions, Resource }] },
    ]);
    const reader = gateway(identities.assumeRole('reader', 'test', 60_000));
    gate.setLatency('slb', 300);

    const startedAtMs = performance.now();
    await reader.describe(LB);
    const tookMs = performance.now() - startedAtMs;
    await reader.health(LB);

    expect(tookMs).toBeLessThan(800);
    expect(gate.records.map(({ action }) => action).sort()).toEqual([...reads].sort());
    expect(gate.records.every(({ errorCode }) => errorCode === null)).toBe(true);
  });

  it('asks for listeners and state again after 30 s only, and for what the quota counts each time', async () => {
    seedGroup('rsp-web', [8080]);
    listen(80, 'tcp', { scheduler: 'wrr' });
    const { gate } = clouds.foundation;
    const own = gateway();
    const first = await own.describe(LB);
    listen(81, 'tcp', { scheduler: 'rr' });
    seedGroup('rsp-new', [1, 2]);

    nowMs += 29_000;
    const young = await own.describe(LB);
    const calls = gate.records.map(({ action }) => action);
    nowMs += 2_000;
    const old = await own.describe(LB);

    expect([first, young, old].map(({ listeners }) => listeners.length)).toEqual([1, 1, 2]);
    expect([first, young, old].map(({ backendCount }) => backendCount)).toEqual([1, 3, 3]);
    expect(calls.slice(3)).toEqual(['DescribeVServerGroups']);
  });

  it('remembers nothing of a reading that failed', async () => {
    const own = gateway();
    const { faults } = clouds.foundation;
    faults.inject({
      name: 'throttle',
      match: { product: 'slb', action: 'DescribeLoadBalancerListeners' },
      skip: 0,
      times: null,
      effect: { kind: 'error', status: 400, code: 'Throttling.User', message: 'slow down' },
    });
    await failureOf(own.describe(LB));
    faults.clear();
    seedGroup('rsp-web');
    listen(80, 'tcp');

    expect((await own.describe(LB)).listeners).toHaveLength(1);
  });

  it('rejects a load balancer that does not exist, for good', async () => {
    const described = await failureOf(gateway().describe('lb-none'));
    const checked = await failureOf(gateway().health('lb-none'));

    for (const { error } of [described, checked]) {
      expect(error).toMatchObject({
        name: 'RejectedError',
        origin: { code: 'InvalidLoadBalancerId.NotFound' },
      });
    }
  });

  it.each(['DescribeLoadBalancerAttribute', 'DescribeLoadBalancerListeners', 'DescribeVServerGroups'])(
    'describes nothing when %s is throttled',
    async (action) => {
      clouds.foundation.faults.inject({
        name: 'throttle',
        match: { product: 'slb', action },
        skip: 0,
        times: null,
        effect: { kind: 'error', status: 400, code: 'Throttling.User', message: 'slow down' },
      });

      const { error } = await failureOf(gateway().describe(LB));

      expect(error).toMatchObject({ name: 'TransientError', reason: 'throttled' });
    },
  );

  it('says what the checks find, per listener', async () => {
    seedGroup('rsp-web', [8080]);
    listen(80, 'tcp');
    listen(443, 'https');
    clouds.slb.setHealth({ serverId: 'i-1' }, 'abnormal');

    const line = { serverId: 'i-1', port: 8080, status: 'abnormal' };
    expect(await gateway().health(LB)).toEqual([
      { ...line, listenerPort: 80, protocol: 'tcp' },
      { ...line, listenerPort: 443, protocol: 'https' },
    ]);
  });

  it.each(['refused', 'empty'] as const)(
    'finds no health where nothing is checked, when that is %s',
    async (slbHealthWithoutChecks) => {
      await clouds.close();
      clouds = await startLocalClouds({
        switches: { slbHealthWithoutChecks, slbHealthOfUncheckedListener: 'not-listed' },
      });
      clouds.slb.seedLoadBalancer({ loadBalancerId: LB });
      seedGroup('rsp-web', [8080]);

      const withoutListener = await gateway().health(LB);
      listen(80, 'tcp', { settings: { HealthCheck: 'off' } });

      expect([withoutListener, await gateway().health(LB)]).toEqual([[], []]);
    },
  );
});

describe('answers that the local clouds do not give', () => {
  let server: MisbehavingServer;
  let replies: Record<string, (page: string | null) => object>;
  beforeEach(async () => {
    server = await startMisbehavingServer();
    replies = {
      DescribeLoadBalancerAttribute: () => ({ LoadBalancerId: LB, LoadBalancerStatus: 'active' }),
      DescribeLoadBalancerListeners: () => ({ Listeners: [] }),
      DescribeVServerGroups: () => ({ VServerGroups: { VServerGroup: [] } }),
    };
    server.behave((response, request, body) => {
      const page = new URL(request.url ?? '', 'http://x').searchParams.get('NextToken');
      const reply = replies[String(request.headers['x-acs-action'])]?.(page) ?? {};
      return answers(200, JSON.stringify({ RequestId: 'R', ...reply }), {
        'content-type': 'application/json',
      })(response, request, body);
    });
  });
  afterEach(() => server.close());

  const key = { accessKeyId: 'LTAI5tFictional', accessKeySecret: 'fictional', securityToken: null };
  const gateway = () => gatewayAt(server.endpoint, key);
  const listener = (ListenerPort: number, more: object = {}) => ({
    LoadBalancerId: LB,
    ListenerPort,
    ListenerProtocol: 'tcp',
    Scheduler: 'wrr',
    VServerGroupId: 'rsp-web',
    ...more,
  });

  it('reads all pages of listeners, and no listener of another load balancer', async () => {
    replies.DescribeLoadBalancerListeners = (page) =>
      page === null
        ? { Listeners: [listener(1), listener(2, { LoadBalancerId: 'lb-other' })], NextToken: 'second' }
        : { Listeners: [listener(3)], NextToken: '' };

    const { listeners } = await gateway().describe(LB);

    expect(listeners.map(({ port }) => port)).toEqual([1, 3]);
  });

  it('gives up on pages that never end', async () => {
    replies.DescribeLoadBalancerListeners = () => ({ Listeners: [], NextToken: 'again' });

    const { error } = await failureOf(gateway().describe(LB));

    expect(error).toMatchObject({ name: 'TransientError', reason: 'unavailable' });
  });

  it('believes the least of what it does not know', async () => {
    replies.DescribeLoadBalancerAttribute = () => ({
      LoadBalancerId: LB,
      LoadBalancerStatus: 'hibernating',
      BackendServers: { BackendServer: [{ ServerId: 'i-1', Weight: '100' }] },
    });
    replies.DescribeLoadBalancerListeners = () => ({
      Listeners: [
        listener(1, { Scheduler: 'p2c', VServerGroupId: '', ListenerProtocol: 'TCP' }),
        listener(2, { Scheduler: null, TCPListenerConfig: { HealthCheck: 'on', PersistenceTimeout: '30' } }),
      ],
    });
    replies.DescribeHealthStatus = () => ({
      BackendServers: {
        BackendServer: [
          { ListenerPort: 1, Protocol: 'tcp', ServerId: 'i-1', Port: '80', ServerHealthStatus: 'sleepy' },
        ],
      },
    });

    const described = await gateway().describe(LB);

    expect(described).toMatchObject({ status: 'inactive', backendCount: 1 });
    expect(described.listeners).toMatchObject([
      { scheduler: 'rr', vServerGroupId: null, hasPersistence: false, isHealthChecked: false },
      { scheduler: 'rr', vServerGroupId: 'rsp-web', hasPersistence: true, isHealthChecked: true },
    ]);
    expect(await gateway().health(LB)).toMatchObject([{ port: 80, status: 'unavailable' }]);
  });

  it('rejects an answer that leaves out what the quota is counted by', async () => {
    replies.DescribeVServerGroups = () => ({
      VServerGroups: { VServerGroup: [{ VServerGroupId: 'rsp-web' }] },
    });

    const { error } = await failureOf(gateway().describe(LB));

    expect(error).toMatchObject({ name: 'RejectedError', origin: { api: 'DescribeVServerGroups' } });
  });
});
