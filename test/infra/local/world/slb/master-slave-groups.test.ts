import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../../../../infra/local/world/store.ts';
import type { Switches } from '../../../../../infra/local/world/switches.ts';
import { codeOf, GROUP, LB, refusalOf, slbWorld } from './slb-world.ts';

const PAIR = 'rsp-bp1pair';
const tcp80 = { loadBalancerId: LB, listenerPort: 80, listenerProtocol: 'tcp' } as const;

/** A world with two running servers, and the members that make a pair of them. */
function pairWorld(switches: Partial<Switches> = {}, store = memoryStore()) {
  const world = slbWorld(switches, store);
  const [a = '', b = ''] = world.run(2);
  const backendServers = [
    { serverId: a, port: 80, serverType: 'Master' },
    { serverId: b, port: 80, serverType: 'Slave' },
  ];
  const pairs = world.slb.masterSlaveGroups;
  const createPair = (changes: object = {}) =>
    pairs.create({
      loadBalancerId: LB,
      masterSlaveServerGroupName: 'orders',
      backendServers,
      ...changes,
    });
  const deletePair = (masterSlaveServerGroupId: string) => pairs.delete({ masterSlaveServerGroupId });
  return { ...world, a, b, backendServers, pairs, createPair, deletePair };
}

describe('a primary/secondary group', () => {
  it('is a pair with one of each role, and names may repeat', () => {
    const { createPair, slb, a, b } = pairWorld();

    const { masterSlaveServerGroupId } = createPair({ tags: [{ key: 'team', value: 'x' }] });
    const twin = createPair();

    expect(masterSlaveServerGroupId).toMatch(/^rsp-bp1/);
    expect(twin.masterSlaveServerGroupId).not.toBe(masterSlaveServerGroupId);
    const member = { port: 80, weight: 100, type: 'ecs', serverIp: null, description: '' };
    expect(slb.masterSlaveGroup(masterSlaveServerGroupId)).toMatchObject({
      masterSlaveServerGroupName: 'orders',
      loadBalancerId: LB,
      backends: [
        { ...member, serverId: a, serverType: 'Master' },
        { ...member, serverId: b, serverType: 'Slave' },
      ],
      tags: [{ key: 'team', value: 'x' }],
    });
  });

  it('takes roles in any case, the primary as default, and one server with two ports', () => {
    const { createPair, a } = pairWorld();

    const { backends } = createPair({
      backendServers: [
        { serverId: a, port: 80 },
        { serverId: a, port: 81, serverType: 'SLAVE', weight: 0 },
      ],
    });

    expect(backends).toMatchObject([
      { port: 80, serverType: 'Master', weight: 100 },
      { port: 81, serverType: 'Slave', weight: 0 },
    ]);
  });

  it.each([
    [undefined, 'BACKEND_SERVERS_NUM_MUST_BE_TWO'],
    [[], 'BACKEND_SERVERS_NUM_MUST_BE_TWO'],
    [[{}], 'BACKEND_SERVERS_NUM_MUST_BE_TWO'],
    [[{}, {}, {}], 'BACKEND_SERVERS_NUM_MUST_BE_TWO'],
    [[{}, { serverId: undefined }], 'BACKEND_SERVER_ID_CAN_NOT_EMPTY'],
    [[{}, { serverId: '' }], 'BACKEND_SERVER_ID_CAN_NOT_EMPTY'],
    [[{}, { port: undefined }], 'BACKEND_SERVER_PORT_CAN_NOT_EMPTY'],
    [[{}, { port: 0 }], 'RealServerPortNotSupport'],
    [[{}, { port: 65_536 }], 'RealServerPortNotSupport'],
    [[{}, { port: Number.NaN }], 'RealServerPortNotSupport'],
    [[{}, { serverType: 'Deputy' }], 'INVALID_SERVER_TYPE'],
    [[{}, { weight: 101 }], 'InvalidWeight.Malformed'],
    [[{}, { type: 'pod' }], 'BackendServer.InvalidType'],
    [[{}, { port: 80, serverType: 'Slave' }], 'BACKEND_SERVERS_HAVE_SAME_PORT_AND_SERVERID'],
    [[{}, { serverType: 'Master' }], 'BACKEND_SERVERS_CAN_ONLY_CONTAIN_ONE_MASTER_AND_ONE_SLAVE'],
    [
      [{ serverType: 'Slave' }, { serverType: 'Slave' }],
      'BACKEND_SERVERS_CAN_ONLY_CONTAIN_ONE_MASTER_AND_ONE_SLAVE',
    ],
    [[{}, { serverId: 'i-unknown' }], 'InvalidServerId.NotFound'],
  ])('is refused for members like %j', (changes, code) => {
    const { createPair, slb, a } = pairWorld();
    const members = changes?.map((change, index) => ({
      serverId: a,
      port: 80 + index,
      serverType: index === 0 ? 'Master' : 'Slave',
      ...change,
    }));

    expect(refusalOf(() => createPair({ backendServers: members }))).toMatchObject({ code });
    expect(slb.masterSlaveGroupsOf(LB)).toEqual([]);
  });

  it('is refused with a server that does not run, a bad name and a load balancer that is locked or missing', () => {
    const { createPair, ecs, clock, b, slb } = pairWorld();
    slb.seedLoadBalancer({ loadBalancerId: 'lb-locked', status: 'locked' });

    expect(codeOf(() => createPair({ masterSlaveServerGroupName: 'no spaces' }))).toBe('InvalidParameter');
    expect(codeOf(() => createPair({ loadBalancerId: 'lb-locked' }))).toBe('LbStatusNotSupport');
    expect(codeOf(() => createPair({ loadBalancerId: 'lb-none' }))).toBe('InvalidLoadBalancerId.NotFound');
    ecs.stopInstance({ instanceId: b });
    clock.advanceBy(0);
    expect(codeOf(() => createPair())).toBe('ObtainIpFail');
  });

  it('keeps to the network of its load balancer and of the other groups', () => {
    const { createPair, run, add, slb, a } = pairWorld();
    const [there = ''] = run(1, 'vpc-other');
    slb.seedLoadBalancer({ loadBalancerId: 'lb-private', addressType: 'intranet' });
    const split = [
      { serverId: a, port: 80 },
      { serverId: there, port: 80, serverType: 'Slave' },
    ];

    expect(codeOf(() => createPair({ backendServers: split, loadBalancerId: 'lb-private' }))).toBe(
      'NetworkConflict',
    );
    expect(codeOf(() => createPair({ backendServers: split }))).toBe('InvalidBackendServers.Inconsistent');
    createPair();
    expect(
      codeOf(() => add({ vServerGroupId: GROUP, backendServers: [{ serverId: there, port: 80 }] })),
    ).toBe('InvalidBackendServers.Inconsistent');
  });

  it('counts in the quota of its load balancer, together with vServer groups', () => {
    const { createPair, add, remove, a } = pairWorld({ slbBackendQuota: 3 });
    const backendServers = [80, 81].map((port) => ({ serverId: a, port }));
    add({ vServerGroupId: GROUP, backendServers });

    expect(codeOf(() => createPair())).toBe('InstanceBackendServerNumberOverLimit');
    remove({ vServerGroupId: GROUP, backendServers });
    createPair();
    expect(codeOf(() => add({ vServerGroupId: GROUP, backendServers }))).toBe(
      'InstanceBackendServerNumberOverLimit',
    );
  });

  it('is found by name and tags', () => {
    const { createPair, pairs, slb } = pairWorld();
    const tagged = createPair({ tags: [{ key: 'team', value: 'x' }] }).masterSlaveServerGroupId;
    const other = createPair({ masterSlaveServerGroupName: 'other' }).masterSlaveServerGroupId;
    const ids = (query: object) =>
      pairs.describe({ loadBalancerId: LB, ...query }).map((group) => group.masterSlaveServerGroupId);

    expect(ids({})).toEqual([tagged, other]);
    expect(ids({ description: 'other' })).toEqual([other]);
    expect(ids({ tags: [{ key: 'team' }] })).toEqual([tagged]);
    expect(ids({ tags: [{ key: 'team', value: 'y' }] })).toEqual([]);
    expect(codeOf(() => pairs.describe({ loadBalancerId: 'lb-none' }))).toBe(
      'InvalidLoadBalancerId.NotFound',
    );
    expect(refusalOf(() => slb.describeMasterSlaveGroup(GROUP))).toEqual({
      code: 'InvalidParameter',
      status: 404,
      message: 'The specified MasterSlaveGroupId does not exist.',
    });
  });

  it('is not deleted while a listener uses it, nor for a time after', () => {
    const { clock, createPair, deletePair, slb } = pairWorld({ slbAssociationLingersMs: 3_000 });
    const old = createPair().masterSlaveServerGroupId;
    const next = createPair().masterSlaveServerGroupId;
    slb.seedListener({ ...tcp80, masterSlaveServerGroupId: old });
    const attempt = () => refusalOf(() => deletePair(old));

    const inUse = attempt();
    slb.listeners.set({ ...tcp80, masterSlaveServerGroupId: next });
    clock.advanceBy(2_999);
    const lingering = attempt();
    clock.advanceBy(1);

    expect([inUse, lingering]).toMatchObject([
      { code: 'RspoolVipExist', status: 400 },
      { code: 'RspoolVipExist' },
    ]);
    expect(attempt()).toBeNull();
    expect(slb.masterSlaveGroupsOf(LB).map((group) => group.masterSlaveServerGroupId)).toEqual([next]);
    expect(attempt()).toMatchObject({ code: 'InvalidParameter', status: 404 });
  });

  it('keeps a released server, or drops it after the time of the switch, also over a restart', () => {
    const kept = pairWorld();
    const store = memoryStore();
    const switches = { slbReleasedInstanceDroppedAfterMs: 5_000 };
    const dropping = pairWorld(switches, store);
    const release = ({ ecs, clock, b, createPair }: typeof kept) => {
      const { masterSlaveServerGroupId } = createPair();
      ecs.deleteInstance({ instanceId: b, force: true });
      clock.advanceBy(4_999);
      return masterSlaveServerGroupId;
    };

    const stays = release(kept);
    kept.clock.advanceBy(60_000);
    const goes = release(dropping);
    const after = slbWorld(switches, store);
    const before = after.slb.masterSlaveGroup(goes)?.backends.length;
    after.clock.advanceBy(5_000);

    expect(kept.slb.masterSlaveGroup(stays)?.backends).toHaveLength(2);
    expect(before).toBe(2);
    expect(after.slb.masterSlaveGroup(goes)?.backends).toMatchObject([{ serverType: 'Master' }]);
  });

  it('is seeded from anything, once', () => {
    const { slb } = pairWorld();
    const seed = {
      masterSlaveServerGroupId: PAIR,
      loadBalancerId: LB,
      name: 'pair',
      backends: [
        { serverId: 'i-gone', port: 80 },
        { serverId: 'i-never', port: 80, serverType: 'Slave' },
      ],
    };

    slb.seedMasterSlaveServerGroup(seed);
    slb.seedMasterSlaveServerGroup({ ...seed, name: 'again' });

    expect(slb.masterSlaveGroup(PAIR)).toMatchObject({ masterSlaveServerGroupName: 'pair' });
  });

  it('tells the timeline of its beginning and end, and of listeners that move', () => {
    const { foundation, createPair, deletePair, slb, a, b } = pairWorld({ slbAssociationLingersMs: 0 });
    const id = createPair().masterSlaveServerGroupId;
    slb.seedListener({ ...tcp80, vServerGroupId: GROUP });
    slb.listeners.set({ ...tcp80, vServerGroupId: null, masterSlaveServerGroupId: id });
    slb.listeners.set({ ...tcp80, masterSlaveServerGroupId: null });
    deletePair(id);

    const lines = foundation.timeline.entries.filter((entry) => entry.source === 'slb');
    expect(lines.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      `master-slave-group-created: orders (${id}): created with Master ${a}:80, Slave ${b}:80`,
      `listener-moved: tcp:80 of ${LB}: from ${GROUP} to ${id}`,
      `listener-moved: tcp:80 of ${LB}: from ${id} to the default group`,
      `master-slave-group-deleted: orders (${id}): deleted`,
    ]);
  });
});

describe('listeners of a primary/secondary group', () => {
  it('are of TCP and UDP, several for one group, and keep it when a change says nothing of it', () => {
    const { createPair, slb } = pairWorld();
    const id = createPair().masterSlaveServerGroupId;
    const create = (listenerProtocol: 'tcp' | 'udp' | 'http' | 'https', listenerPort: number) =>
      codeOf(() =>
        slb.listeners.create({
          loadBalancerId: LB,
          listenerPort,
          listenerProtocol,
          masterSlaveServerGroupId: id,
        }),
      );

    expect([create('tcp', 80), create('udp', 80)]).toEqual([null, null]);
    expect([create('http', 81), create('https', 82)]).toEqual(['VipNotMatchRspool', 'VipNotMatchRspool']);
    slb.listeners.set({ ...tcp80, scheduler: 'rr' });
    expect(slb.listenersOf(LB)).toMatchObject([
      { listenerProtocol: 'tcp', scheduler: 'rr', vServerGroupId: null, masterSlaveServerGroupId: id },
      { listenerProtocol: 'udp', masterSlaveServerGroupId: id, backendServerPort: null },
    ]);
    expect(slb.listeners.usersOf(id)).toHaveLength(2);
  });

  it('take no group of another load balancer or of the other kind', () => {
    const { createPair, slb, backendServers } = pairWorld();
    const id = createPair().masterSlaveServerGroupId;
    slb.seedLoadBalancer({ loadBalancerId: 'lb-other' });
    slb.seedMasterSlaveServerGroup({
      masterSlaveServerGroupId: 'rsp-foreign',
      loadBalancerId: 'lb-other',
      name: 'foreign',
      backends: backendServers,
    });
    slb.seedListener({ ...tcp80, masterSlaveServerGroupId: id });
    const set = (change: object) => refusalOf(() => slb.listeners.set({ ...tcp80, ...change }));

    expect(set({ masterSlaveServerGroupId: 'rsp-foreign' })).toEqual({
      code: 'InvalidParameter',
      status: 404,
      message: 'The specified MasterSlaveGroupId does not exist.',
    });
    expect(set({ masterSlaveServerGroupId: GROUP })).toMatchObject({
      code: 'VipNotMatchRspool',
      status: 400,
    });
    expect(set({ masterSlaveServerGroupId: null, vServerGroupId: id })).toMatchObject({
      code: 'VipNotMatchRspool',
    });
    expect(slb.listeners.get(tcp80)).toMatchObject({ masterSlaveServerGroupId: id, vServerGroupId: null });
  });

  it('have a group of one kind only, and change the kind when the other is let go in the same call', () => {
    const { createPair, slb } = pairWorld();
    const id = createPair().masterSlaveServerGroupId;
    slb.seedListener({ ...tcp80, vServerGroupId: GROUP });
    const set = (change: object) => codeOf(() => slb.listeners.set({ ...tcp80, ...change }));
    const target = () => {
      const { vServerGroupId, masterSlaveServerGroupId } = slb.listeners.get(tcp80);
      return [vServerGroupId, masterSlaveServerGroupId];
    };
    const both = 'Abs.VServerGroupIdAndMasterSlaveServerGroupId.MissMatch';

    expect(set({ vServerGroupId: GROUP, masterSlaveServerGroupId: id })).toBe(both);
    expect(set({ masterSlaveServerGroupId: id })).toBe(both);
    expect(target()).toEqual([GROUP, null]);
    expect(set({ vServerGroupId: null, masterSlaveServerGroupId: id })).toBeNull();
    expect(target()).toEqual([null, id]);
    expect(set({ vServerGroupId: GROUP })).toBe(both);
    expect(set({ masterSlaveServerGroupId: null })).toBeNull();
    expect(target()).toEqual([null, null]);
  });
});
