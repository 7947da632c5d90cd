import { describe, expect, it } from 'vitest';
import { codeOf, GROUP, LB, refusalOf, slbWorld } from './slb-world.ts';

const tcp80 = { loadBalancerId: LB, listenerPort: 80, listenerProtocol: 'tcp' } as const;
const aListener = { ...tcp80, vServerGroupId: GROUP };

describe('listeners', () => {
  it('are created stopped, with the defaults of their protocol, and started once', () => {
    const { slb } = slbWorld();

    slb.listeners.create({ ...aListener, settings: { PersistenceTimeout: '60' } });
    const created = slb.listeners.get(tcp80);
    slb.listeners.start(tcp80);

    expect(created).toMatchObject({ status: 'stopped', scheduler: 'wrr', vServerGroupId: GROUP });
    expect(created.settings).toMatchObject({
      PersistenceTimeout: 60,
      EstablishedTimeout: 900,
      HealthCheck: 'on',
    });
    expect(slb.listeners.get(tcp80).status).toBe('running');
  });

  it('share a port between UDP and one other protocol only', () => {
    const { slb } = slbWorld();
    slb.listeners.create(aListener);

    slb.listeners.create({ ...aListener, listenerProtocol: 'udp' });

    expect(codeOf(() => slb.listeners.create({ ...aListener, listenerProtocol: 'http' }))).toBe(
      'ListenerAlreadyExists',
    );
    expect(slb.listeners.of(LB)).toHaveLength(2);
  });

  it('are 50 at most', () => {
    const { slb } = slbWorld();
    for (let port = 1; port <= 50; port += 1) slb.listeners.create({ ...aListener, listenerPort: port });

    expect(codeOf(() => slb.listeners.create({ ...aListener, listenerPort: 51 }))).toBe(
      'ListenerNumberOverLimit',
    );
  });

  it('use groups of their own load balancer only', () => {
    const { slb } = slbWorld();
    slb.seedLoadBalancer({ loadBalancerId: 'lb-other' });
    const foreign = { ...aListener, loadBalancerId: 'lb-other' };

    expect(refusalOf(() => slb.listeners.create(foreign))).toMatchObject({
      code: 'InvalidParameter',
      status: 404,
    });
    expect(codeOf(() => slb.listeners.create({ ...aListener, loadBalancerId: 'lb-none' }))).toBe(
      'InvalidLoadBalancerId.NotFound',
    );
  });

  it('keep what a change leaves out, and refuse what cannot be', () => {
    const { slb } = slbWorld();
    slb.listeners.create({ ...aListener, settings: { HealthCheckURI: '/alive' } });

    slb.listeners.set({ ...tcp80, scheduler: 'rr', settings: { UnhealthyThreshold: '5' } });

    expect(slb.listeners.get(tcp80)).toMatchObject({
      scheduler: 'rr',
      vServerGroupId: GROUP,
      settings: { HealthCheckURI: '/alive', UnhealthyThreshold: 5 },
    });
    expect(codeOf(() => slb.listeners.set({ ...tcp80, scheduler: 'sch' }))).toBe('InvalidParameter');
    expect(codeOf(() => slb.listeners.set({ ...tcp80, settings: { PersistenceTimeout: '3601' } }))).toBe(
      'InvalidParameter',
    );
    expect(codeOf(() => slb.listeners.set({ ...tcp80, settings: { ConnectionDrain: 'on' } }))).toBe(
      'InvalidParameter',
    );
    expect(
      codeOf(() =>
        slb.listeners.set({ ...tcp80, vServerGroupId: GROUP, masterSlaveServerGroupId: 'rsp-ms' }),
      ),
    ).toBe('Abs.VServerGroupIdAndMasterSlaveServerGroupId.MissMatch');
    expect(codeOf(() => slb.listeners.start({ ...tcp80, listenerPort: 81 }))).toBe('ListenerNotFound');
  });

  it.each([
    [{}, { HealthCheckDomain: '', PersistenceTimeout: 60 }],
    [
      { slbSetWithoutHealthCheckDomain: 'kept', slbSetWithoutPersistenceTimeout: 'reset-to-0' },
      { HealthCheckDomain: 'shop.example', PersistenceTimeout: 0 },
    ],
  ] as const)('lose or keep what a change leaves out by the switches: %o', (switches, expected) => {
    const { slb } = slbWorld(switches);
    const settings = { HealthCheckDomain: 'shop.example', PersistenceTimeout: '60' };
    slb.listeners.create({ ...aListener, settings });

    slb.listeners.set({ ...tcp80, scheduler: 'rr' });
    const afterwards = slb.listeners.get(tcp80).settings;
    slb.listeners.set({ ...tcp80, settings });

    expect(afterwards).toMatchObject(expected);
    expect(slb.listeners.get(tcp80).settings).toMatchObject({
      HealthCheckDomain: 'shop.example',
      PersistenceTimeout: 60,
    });
  });

  it('refuse a change for a time after a write, and only a change', () => {
    const { clock, slb } = slbWorld({ slbListenerProcessingMs: 2_000 });
    const set = () => refusalOf(() => slb.listeners.set({ ...tcp80, scheduler: 'rr' }));
    slb.listeners.create(aListener);
    slb.listeners.start(tcp80);
    clock.advanceBy(1_999);
    const soon = set();
    clock.advanceBy(1);
    const later = set();

    expect(soon).toMatchObject({ code: 'ListenerProcessing', status: 400 });
    expect(later).toBeNull();
    expect(set()?.code).toBe('ListenerProcessing');
    slb.seedListener({ ...aListener, listenerPort: 81 });
    expect(codeOf(() => slb.listeners.set({ ...tcp80, listenerPort: 81, scheduler: 'rr' }))).toBeNull();
  });

  it('are paged through by token', () => {
    const { slb } = slbWorld();
    for (const listenerPort of [1, 2, 3]) slb.listeners.create({ ...aListener, listenerPort });

    const first = slb.listeners.describe({ loadBalancerIds: [LB], maxResults: 2 });
    const second = slb.listeners.describe({ maxResults: 2, nextToken: first.nextToken ?? '' });

    expect([...first.listeners, ...second.listeners].map((each) => each.listenerPort)).toEqual([1, 2, 3]);
    expect([first.totalCount, second.nextToken]).toEqual([3, null]);
    expect(codeOf(() => slb.listeners.describe({ nextToken: 'nonsense' }))).toBe('InvalidParameter');
  });
});

describe('load balancers', () => {
  it('are selected by name, tags and pages, and seen by server only as the switch says', () => {
    const blind = slbWorld();
    const seeing = slbWorld({ slbServerIdFilterSeesVServerGroups: true });
    const found = ({ run, add, slb }: typeof blind) => {
      const [serverId = ''] = run(1);
      add({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 80 }] });
      return slb.loadBalancers.describe({ serverId }).totalCount;
    };
    blind.slb.loadBalancers.create({ loadBalancerName: 'tagged', tags: [{ key: 'team', value: 'a' }] });

    expect([found(blind), found(seeing)]).toEqual([0, 1]);
    expect(blind.slb.loadBalancers.describe({ tags: [{ key: 'team' }] }).loadBalancers).toMatchObject([
      { loadBalancerName: 'tagged', loadBalancerStatus: 'active' },
    ]);
    expect(blind.slb.loadBalancers.describe({ pageNumber: 2, pageSize: 1 })).toMatchObject({ totalCount: 2 });
    expect(codeOf(() => blind.slb.loadBalancers.describe({ pageSize: 101 }))).toBe('InvalidParameter');
  });

  it('that are missing have the status of the switch', () => {
    const { slb } = slbWorld({ slbMissingLoadBalancerStatus: 400 });

    expect(refusalOf(() => slb.loadBalancers.get('lb-none'))).toMatchObject({
      code: 'InvalidLoadBalancerId.NotFound',
      status: 400,
    });
  });
});

describe('health', () => {
  const health = (world: ReturnType<typeof slbWorld>) =>
    world.slb.health.describe({ loadBalancerId: LB }).map((line) => line.serverHealthStatus);

  it('follows the instance until a scene says otherwise', () => {
    const world = slbWorld();
    const [serverId = ''] = world.run(1);
    world.slb.seedListener(aListener);
    world.add({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 8080 }] });
    world.clock.advanceBy(6_000);
    const running = world.slb.health.describe({
      loadBalancerId: LB,
      listenerPort: 80,
      listenerProtocol: 'tcp',
    });
    world.slb.setHealth({ serverId }, 'abnormal');
    world.slb.setHealth({ serverId, port: 8080 }, 'unavailable');
    const precise = health(world);
    world.slb.setHealth({ serverId, port: 8080 }, null);
    const general = health(world);
    world.slb.setHealth({ serverId }, null);
    world.ecs.stopInstance({ instanceId: serverId });
    world.clock.advanceBy(19_000);

    expect(running).toEqual([
      {
        listenerPort: 80,
        protocol: 'tcp',
        serverId,
        serverIp: world.ecs.find(serverId)?.privateIpAddress,
        port: 8080,
        serverHealthStatus: 'normal',
      },
    ]);
    expect([precise, general, health(world)]).toEqual([['unavailable'], ['abnormal'], ['abnormal']]);
  });

  it.each([
    ['as-checked', ['normal', 'normal']],
    ['normal', ['normal', 'normal']],
    ['abnormal', ['abnormal', 'normal']],
    ['not-listed', []],
  ] as const)('of weight 0 is shown %s, by layer', (slbHealthAtWeightZero, expected) => {
    const world = slbWorld({ slbHealthAtWeightZero });
    const [serverId = ''] = world.run(1);
    world.slb.seedListener(aListener);
    world.slb.seedListener({ ...aListener, listenerPort: 81, listenerProtocol: 'http' });
    world.add({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 80, weight: 0 }] });
    world.clock.advanceBy(6_000);

    expect(health(world)).toEqual(expected);
  });

  it('is unavailable before the listener runs, and refused where nothing is checked', () => {
    const world = slbWorld({ slbHealthOfUncheckedListener: 'not-listed' });
    const [serverId = ''] = world.run(1);
    world.add({ vServerGroupId: GROUP, backendServers: [{ serverId, port: 80 }] });
    world.slb.listeners.create(aListener);
    world.slb.listeners.create({ ...aListener, listenerPort: 81, settings: { HealthCheck: 'off' } });
    const ask = (listenerPort: number) => () =>
      world.slb.health.describe({ loadBalancerId: LB, listenerPort });

    expect(health(world)).toEqual(['unavailable']);
    expect(refusalOf(ask(81))).toMatchObject({ code: 'CheckedListenerNotFound', status: 404 });
    expect(refusalOf(ask(82))).toMatchObject({ code: 'ListenerNotFound', status: 404 });
  });
});
