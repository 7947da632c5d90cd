import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPairGateway } from '../../../../shared/adapters/alibaba/pair-gateway.ts';
import {
  GroupInUseError,
  MissingListenerError,
  MissingPairGroupError,
} from '../../../../shared/pairs/errors.ts';
import { DROPPED_ID, type PairMembers, type PairStep } from '../../../../shared/pairs/model.ts';
import { LB } from '../../../support/builders.ts';
import { failureOf } from '../../../support/misbehaving-server.ts';
import { type Stage, setStage, until } from '../../../support/stage.ts';

const LISTENER = { protocol: 'tcp', port: 3306 } as const;
const TAGS = [{ key: 'team', value: 'orders' }];

let stage: Stage;
let members: PairMembers;
beforeEach(async () => {
  stage = await setStage();
  const [a = '', b = ''] = await stage.running(2);
  members = {
    primary: { serverId: a, port: 3306, weight: 100 },
    secondary: { serverId: b, port: 3307, weight: 90 },
  };
});
afterEach(() => stage.close());

const create = (name = 'orders/1'): PairStep => ({
  kind: 'create',
  loadBalancerId: LB,
  name,
  members,
  tags: TAGS,
});
const point = (groupId: string, settings: Record<string, string> = {}): PairStep => ({
  kind: 'point',
  loadBalancerId: LB,
  listener: LISTENER,
  groupId,
  settings,
});
const created = async (name?: string) => (await stage.worker().pairGroups.send(create(name))).groupId ?? '';
const listen = (groupId: string, settings: Record<string, string> = {}) =>
  stage.clouds.slb.seedListener({
    loadBalancerId: LB,
    listenerProtocol: 'tcp',
    listenerPort: LISTENER.port,
    masterSlaveServerGroupId: groupId,
    settings,
  });

describe('primary/secondary groups', () => {
  it('are made and read back with roles, ports, weights, name and tags', async () => {
    const { pairGroups } = stage.worker();

    const groupId = await created();

    expect(await pairGroups.describe(groupId)).toEqual({
      groupId,
      name: 'orders/1',
      loadBalancerId: LB,
      members,
      tags: TAGS,
    });
  });

  it('are listed with the listeners that use them, by name as often as it was given', async () => {
    const { pairGroups } = stage.worker();
    const first = await created('twice');
    const second = await created('twice');
    listen(second);

    const { groups, users } = await pairGroups.groups(LB);

    expect(groups).toEqual([first, second].map((groupId) => ({ groupId, name: 'twice', tags: TAGS })));
    expect([users.get(first), users.get(second)]).toEqual([[], [LISTENER]]);
  });

  it('say that a member is missing that was released and dropped, and are gone when both are', async () => {
    const own = await setStage({ clouds: { switches: { slbReleasedInstanceDroppedAfterMs: 1 } } });
    try {
      const { clouds } = own;
      const [a = '', b = ''] = await own.running(2);
      const masterSlaveServerGroupId = 'rsp-bp1pair';
      clouds.slb.seedMasterSlaveServerGroup({
        masterSlaveServerGroupId,
        loadBalancerId: LB,
        name: 'orders',
        backends: [
          { serverId: a, port: 3306, weight: 100, serverType: 'Master' },
          { serverId: b, port: 3307, weight: 90, serverType: 'Slave' },
        ],
      });
      const { pairGroups } = own.worker();
      const left = () => clouds.slb.masterSlaveGroup(masterSlaveServerGroupId)?.backends.length;

      clouds.ecs.deleteInstance({ instanceId: a, force: true });
      await until(() => left() === 1);
      expect((await pairGroups.describe(masterSlaveServerGroupId)).members).toEqual({
        primary: { serverId: DROPPED_ID, port: 3307, weight: 90 },
        secondary: { serverId: b, port: 3307, weight: 90 },
      });

      clouds.ecs.deleteInstance({ instanceId: b, force: true });
      await until(() => left() === 0);
      const { error } = await failureOf(pairGroups.describe(masterSlaveServerGroupId));
      expect(error).toBeInstanceOf(MissingPairGroupError);
    } finally {
      await own.close();
    }
  });

  it('that are used are told from those that are gone', async () => {
    const { pairGroups } = stage.worker();
    const groupId = await created();
    listen(groupId);

    const used = (await failureOf(pairGroups.send({ kind: 'delete', groupId }))).error;
    expect(used).toBeInstanceOf(GroupInUseError);
    expect(used).toMatchObject({ origin: { code: 'RspoolVipExist', requestId: expect.any(String) } });
    const gone = (await failureOf(pairGroups.send({ kind: 'delete', groupId: 'rsp-nowhere' }))).error;
    expect(gone).toBeInstanceOf(MissingPairGroupError);
    expect((await failureOf(pairGroups.describe('rsp-nowhere'))).error).toBeInstanceOf(MissingPairGroupError);
  });

  it('get tags and lose them, others staying as they are', async () => {
    const { pairGroups } = stage.worker();
    const groupId = await created();

    await pairGroups.send({ kind: 'tag', groupId, tags: [{ key: 'env', value: '' }] });
    await pairGroups.send({ kind: 'tag', groupId, tags: [{ key: 'env', value: 'test' }] });
    expect((await pairGroups.describe(groupId)).tags).toEqual([...TAGS, { key: 'env', value: 'test' }]);
    await pairGroups.send({ kind: 'untag', groupId, keys: ['team', 'nobody-has-it'] });

    expect((await pairGroups.describe(groupId)).tags).toEqual([{ key: 'env', value: 'test' }]);
  });

  it('of a server that does not run are refused for now', async () => {
    stage.clouds.ecs.stopInstance({ instanceId: members.primary.serverId, forceStop: true });

    const { error } = await failureOf(stage.worker().pairGroups.send(create()));

    expect(error).toMatchObject({ name: 'TransientError', reason: 'not-yet' });
  });
});

describe('listeners', () => {
  it('are read with every setting, and pointed at another group with no more than what is sent', async () => {
    const { pairGroups } = stage.worker();
    const [old, next] = [await created('old'), await created('next')];
    listen(old, { HealthCheckDomain: 'db.example', PersistenceTimeout: '300' });
    const before = await pairGroups.listener(LB, LISTENER);
    expect(before).toMatchObject({
      ...LISTENER,
      groupId: old,
      isRunning: true,
      isHealthChecked: true,
      settings: { HealthCheckDomain: 'db.example', PersistenceTimeout: '300', Scheduler: 'wrr' },
    });

    await pairGroups.send(point(next, { HealthCheckDomain: 'db.example' }));

    expect(await pairGroups.listener(LB, LISTENER)).toEqual({ ...before, groupId: next });
  });

  it('that do not exist are said not to', async () => {
    const { pairGroups } = stage.worker();
    const groupId = await created();

    for (const asked of [pairGroups.listener(LB, LISTENER), pairGroups.send(point(groupId))]) {
      expect((await failureOf(asked)).error).toBeInstanceOf(MissingListenerError);
    }
  });

  it('are taken away from a vServer group, and given back to it or to the default group', async () => {
    const { pairGroups } = stage.worker();
    const { slb } = stage.clouds;
    slb.seedVServerGroup({ vServerGroupId: 'rsp-web', loadBalancerId: LB, name: 'web' });
    const groupId = await created();
    slb.seedListener({
      loadBalancerId: LB,
      listenerProtocol: 'tcp',
      listenerPort: LISTENER.port,
      vServerGroupId: 'rsp-web',
    });
    const back = (vServerGroupId: string | null): PairStep => ({
      kind: 'release',
      loadBalancerId: LB,
      listener: LISTENER,
      vServerGroupId,
      settings: {},
    });
    const seen = async () => {
      const listener = await pairGroups.listener(LB, LISTENER);
      return [listener.groupId, listener.vServerGroupId];
    };

    expect(await seen()).toEqual([null, 'rsp-web']);
    await pairGroups.send(point(groupId, { VServerGroup: 'off' }));
    expect(await seen()).toEqual([groupId, null]);
    await pairGroups.send(back('rsp-web'));
    expect(await seen()).toEqual([null, 'rsp-web']);
    await pairGroups.send(point(groupId, { VServerGroup: 'off' }));
    await pairGroups.send(back(null));
    expect(await seen()).toEqual([null, null]);
  });

  it('cannot be pointed at what is gone', async () => {
    const { pairGroups } = stage.worker();
    listen(await created());

    const { error } = await failureOf(pairGroups.send(point('rsp-nowhere')));

    expect(error).toBeInstanceOf(MissingPairGroupError);
  });
});

describe('the call of a step', () => {
  it('is what goes out, in the vendor’s words', async () => {
    const { callOf } = stage.worker().pairGroups;
    const { primary, secondary } = members;

    expect(callOf(create('slb-autopilot/orders-db/1'))).toEqual({
      api: 'CreateMasterSlaveServerGroup',
      parameters: {
        LoadBalancerId: LB,
        MasterSlaveServerGroupName: 'slb-autopilot/orders-db/1',
        MasterSlaveBackendServers: `[{"ServerId":"${primary.serverId}","Port":3306,"Weight":100,"Type":"ecs","ServerType":"Master"},{"ServerId":"${secondary.serverId}","Port":3307,"Weight":90,"Type":"ecs","ServerType":"Slave"}]`,
        Tag: [{ Key: 'team', Value: 'orders' }],
      },
    });
    expect(callOf(point('rsp-2', { HealthCheckDomain: 'a.example' }))).toEqual({
      api: 'SetLoadBalancerTCPListenerAttribute',
      parameters: {
        LoadBalancerId: LB,
        ListenerPort: 3306,
        MasterSlaveServerGroup: 'on',
        MasterSlaveServerGroupId: 'rsp-2',
        HealthCheckDomain: 'a.example',
      },
    });
    expect(callOf({ kind: 'delete', groupId: 'rsp-2' })).toEqual({
      api: 'DeleteMasterSlaveServerGroup',
      parameters: { MasterSlaveServerGroupId: 'rsp-2' },
    });
  });
});

describe('an answer about a listener that says nothing', () => {
  it('is an error and no listener without a group', async () => {
    const gateway = createPairGateway({
      call: async (_api, _kind, _parameters, schema) => schema.parse({ RequestId: 'R' }),
    });

    await expect(gateway.listener(LB, LISTENER)).rejects.toThrow(/ListenerPort/);
  });
});
