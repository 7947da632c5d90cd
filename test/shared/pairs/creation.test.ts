import { afterEach, describe, expect, it } from 'vitest';
import {
  MEMBER_IDS,
  type PairStage,
  type PairStageOptions,
  setPairStage,
} from '../../bench/virtual/pair-stage.ts';
import { LB, NOW_MS } from '../../support/builders.ts';

const MINUTE_MS = 60_000;
const [PRIMARY_ID, SECONDARY_ID] = MEMBER_IDS;
const SETTINGS = { HealthCheckType: 'http', HealthCheckDomain: 'db.example', PersistenceTimeout: '300' };

let stage: PairStage | null = null;
const set = async (
  {
    manage = 'group',
    ...group
  }: { manage?: 'group' | 'members'; adopt?: boolean; [key: string]: unknown } = {},
  options: PairStageOptions = {},
) => {
  const declared = {
    primary: { server: PRIMARY_ID, port: 3306 },
    secondary: { server: SECONDARY_ID, port: 3306, weight: 50 },
    tags: { team: 'db' },
    ...group,
  };
  stage = await setPairStage({ hasNoGroup: true, ...options, pair: { group: declared, manage } });
  return stage;
};
afterEach(async () => {
  await stage?.close();
  stage = null;
});

const theGroup = ({ clouds }: PairStage) => clouds.slb.masterSlaveGroupsOf(LB)[0];
const anOrder = {
  kind: 'apply',
  orderId: 'order-1',
  by: 'mei',
  reason: 'autopilot apply',
  orderedAtMs: NOW_MS,
} as const;

describe('a pair whose group is declared', () => {
  it('is left as it is until somebody asks, when only apply may create it', async () => {
    const { order, pass, pairs, writes, row } = await set({ manage: 'members' });
    expect(writes()).toBe(0);
    expect(row()?.held).toMatch(/autopilot apply has it created$/);

    await order(anOrder);
    await pass(MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${PRIMARY_ID} > ${SECONDARY_ID}`]);
    expect(row()).toMatchObject({
      held: null,
      homeId: PRIMARY_ID,
      saga: { kind: 'creation', outcome: 'done', orderId: 'order-1' },
    });
  });

  it('gets its group and has its listeners on it, which are as before otherwise', async () => {
    const switches = {
      slbSetWithoutHealthCheckDomain: 'cleared',
      slbSetWithoutPersistenceTimeout: 'reset-to-0',
    } as const;
    const options = { listeners: ['tcp:3306', 'tcp:3307'], listenerSettings: SETTINGS, switches };
    const stage_ = await set({}, options);
    const { clouds, pairs, row, audit, pass, writes } = stage_;

    expect(pairs()).toEqual(
      ['tcp:3306', 'tcp:3307'].map((name) => `${name} ${PRIMARY_ID} > ${SECONDARY_ID}`),
    );
    expect(theGroup(stage_)).toMatchObject({
      masterSlaveServerGroupName: 'slb-autopilot/orders-db/1',
      backends: [
        { serverId: PRIMARY_ID, serverType: 'Master', weight: 100 },
        { serverId: SECONDARY_ID, serverType: 'Slave', weight: 50 },
      ],
      tags: [
        { key: 'team', value: 'db' },
        { key: 'slb-autopilot:pair', value: 'orders-db' },
        { key: 'slb-autopilot:change', value: '1' },
      ],
    });
    for (const { settings } of clouds.slb.listenersOf(LB)) {
      expect(settings).toMatchObject({ HealthCheckDomain: 'db.example', PersistenceTimeout: 300 });
    }
    expect(row()?.saga).toMatchObject({ kind: 'creation', outcome: 'done', from: null });
    expect(audit()).toContain('pair-change-ended');
    const before = writes();
    await pass(30 * MINUTE_MS);
    expect(writes()).toBe(before);
  });

  it('lives on as any pair: it is promoted without a cool-down, keeps its tags, and is not pulled back', async () => {
    const stage_ = await set();
    const { clouds, standbyIds, pass, pairs, groupIds } = stage_;

    clouds.ecs.stopInstance({ instanceId: PRIMARY_ID });
    await pass(2 * MINUTE_MS);
    const promoted = pairs();
    clouds.ecs.startInstance({ instanceId: PRIMARY_ID });
    await pass(40 * MINUTE_MS);

    expect(promoted).toEqual([`tcp:3306 ${SECONDARY_ID} > ${standbyIds[0]}`]);
    expect(pairs()).toEqual(promoted);
    expect(groupIds()).toHaveLength(1);
    expect(theGroup(stage_)?.tags).toEqual([
      { key: 'team', value: 'db' },
      { key: 'slb-autopilot:pair', value: 'orders-db' },
      { key: 'slb-autopilot:change', value: '2' },
    ]);
  });

  it('has its tags mended and leaves those of others', async () => {
    const stage_ = await set();
    const groupId = theGroup(stage_)?.masterSlaveServerGroupId ?? '';
    const tag = (key: string, value: string) =>
      stage_.clouds.slb.tags.tag({
        resourceType: 'masterslaveservergroup',
        resourceIds: [groupId],
        tags: [{ key, value }],
      });
    tag('team', 'web');
    tag('cost', '42');

    await stage_.pass(2 * MINUTE_MS);

    expect(theGroup(stage_)?.tags).toEqual(
      expect.arrayContaining([
        { key: 'team', value: 'db' },
        { key: 'cost', value: '42' },
      ]),
    );
  });

  it('has everything taken back when a listener refuses for good, and is told so', async () => {
    const stage_ = await set({ manage: 'members' }, { listeners: ['tcp:3306', 'udp:3306'] });
    const { clouds, order, pass, pairs, groupIds, row } = stage_;
    clouds.foundation.faults.inject({
      name: 'refusing',
      match: {
        product: 'slb',
        action: 'SetLoadBalancerUDPListenerAttribute',
        callers: 'role-sessions',
      },
      skip: 0,
      times: null,
      effect: { kind: 'error', status: 400, code: 'OperationDenied.Locked', message: 'It is locked.' },
    });

    await order(anOrder);
    await pass(15 * MINUTE_MS);

    expect(pairs()).toEqual(['tcp:3306  > ', 'udp:3306  > ']);
    expect(groupIds()).toEqual([]);
    expect(row()).toMatchObject({
      groupId: null,
      held: expect.stringMatching(/autopilot apply has it created$/),
      saga: { outcome: 'undone', failure: { code: 'OperationDenied.Locked' } },
    });
  });

  it('takes a listener away from a vServer group where it may adopt, and gives it back when it turns back', async () => {
    const stage_ = await set({ manage: 'members', adopt: true }, { listeners: ['tcp:3306', 'udp:3306'] });
    const { clouds, order, pass, pairs } = stage_;
    const { slb } = clouds;
    slb.seedVServerGroup({ vServerGroupId: 'rsp-web', loadBalancerId: LB, name: 'web' });
    slb.listeners.set({
      loadBalancerId: LB,
      listenerProtocol: 'tcp',
      listenerPort: 3306,
      vServerGroupId: 'rsp-web',
    });
    const fault = {
      name: 'refusing',
      match: {
        product: 'slb',
        action: 'SetLoadBalancerUDPListenerAttribute',
        callers: 'role-sessions',
      },
      skip: 0,
      times: 1,
      effect: { kind: 'error', status: 400, code: 'LbStatusNotSupport', message: 'It is locked.' },
    } as const;
    clouds.foundation.faults.inject(fault);

    await order(anOrder);
    await pass(15 * MINUTE_MS);
    const back = slb.listenersOf(LB).map(({ vServerGroupId }) => vServerGroupId);
    await order({ ...anOrder, orderId: 'order-2', orderedAtMs: clouds.foundation.clock.nowMs() });
    await pass(2 * MINUTE_MS);

    expect(back).toEqual(['rsp-web', null]);
    expect(pairs()).toEqual(
      ['tcp:3306', 'udp:3306'].map((name) => `${name} ${PRIMARY_ID} > ${SECONDARY_ID}`),
    );
    expect(slb.listenersOf(LB).map(({ vServerGroupId }) => vServerGroupId)).toEqual([null, null]);
  });
});
