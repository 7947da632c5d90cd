import { afterEach, describe, expect, it } from 'vitest';
import type { PairOrder } from '../../../shared/pairs/record.ts';
import {
  PAIR,
  PAIR_GROUP,
  PAIR_PORT,
  type PairStage,
  type PairStageOptions,
  setPairStage,
} from '../../bench/virtual/pair-stage.ts';
import { LB, NOW_MS } from '../../support/builders.ts';

const MINUTE_MS = 60_000;

let stage: PairStage | null = null;
const set = async (options: PairStageOptions = {}) => {
  stage = await setPairStage(options);
  return stage;
};
afterEach(async () => {
  await stage?.close();
  stage = null;
});

const anOrder = (overrides: Partial<Extract<PairOrder, { kind: 'promote' }>> = {}): PairOrder => ({
  kind: 'promote',
  orderId: 'order-1',
  to: null,
  by: 'ops',
  reason: 'kernel update',
  orderedAtMs: NOW_MS,
  overridesCoolDown: false,
  ...overrides,
});

describe('a pair that is well', () => {
  it('is known after the first tick, and nothing is written about it from then on', async () => {
    const { row, pass, primaryId, secondaryId, writes } = await set();
    expect(row()).toMatchObject({
      groupId: PAIR_GROUP,
      homeId: primaryId,
      memberIds: [primaryId, secondaryId].sort(),
      held: null,
    });
    const { revision } = row() ?? {};

    await pass(30 * MINUTE_MS);

    expect(row()?.revision).toBe(revision);
    expect(writes()).toBe(0);
  });
});

describe('a primary that is stopped', () => {
  it('gives its place to the secondary, with a standby of the pool beside it, and the old group goes', async () => {
    const { primaryId, secondaryId, standbyIds, clouds, pass, pairs, groupIds, row } = await set();
    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);

    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(2 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${secondaryId} > ${standbyIds[0]}`]);
    expect(groupIds()).toHaveLength(1);
    expect(groupIds()).not.toContain(PAIR_GROUP);
    expect(row()?.saga).toMatchObject({ number: 1, kind: 'promotion', outcome: 'done' });
  });

  it('does not take its place back when it returns', async () => {
    const { primaryId, secondaryId, standbyIds, clouds, pass, pairs, row } = await set();
    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(5 * MINUTE_MS);

    clouds.ecs.startInstance({ instanceId: primaryId });
    await pass(40 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${secondaryId} > ${standbyIds[0]}`]);
    expect(row()?.number).toBe(1);
  });

  it('is waited for without a standby, and the promotion is finished as soon as one is there', async () => {
    const { primaryId, secondaryId, clouds, pass, pairs, row } = await set({ standbys: 0 });
    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(10 * MINUTE_MS);
    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);
    expect(row()?.held).toMatch(
      /^degraded, CLB's own failover is in charge: .* is bad: .*waiting for a standby/,
    );

    const [standbyId] = clouds.ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'standby' }] });
    await pass(MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${secondaryId} > ${standbyId}`]);
    expect(row()?.held).toBeNull();
  });

  it('is left to CLB when the secondary is no better', async () => {
    const { primaryId, secondaryId, clouds, pass, pairs, row } = await set();
    clouds.ecs.stopInstance({ instanceId: secondaryId });
    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(4 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);
    expect(row()?.held).toMatch(/the secondary cannot take over/);
  });

  it('is followed by a new secondary once the pool has one, when it was not bad itself', async () => {
    const { primaryId, secondaryId, standbyIds, clouds, pass, pairs, row } = await set();
    clouds.ecs.deleteInstance({ instanceId: secondaryId, force: true });
    await pass(4 * MINUTE_MS);
    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);

    await pass(3 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${standbyIds[0]}`]);
    expect(row()?.saga).toMatchObject({ kind: 'new-standby', outcome: 'done' });
  });
});

describe('a released member that SLB drops from the group', () => {
  const switches = { slbReleasedInstanceDroppedAfterMs: 1_000 };

  it('is replaced where it was the primary', async () => {
    const { primaryId, secondaryId, standbyIds, clouds, pass, pairs } = await set({ switches });
    clouds.ecs.deleteInstance({ instanceId: primaryId, force: true });

    await pass(3 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${secondaryId} > ${standbyIds[0]}`]);
  });

  it('is replaced where it was the secondary', async () => {
    const { primaryId, secondaryId, standbyIds, clouds, pass, pairs } = await set({ switches });
    clouds.ecs.deleteInstance({ instanceId: secondaryId, force: true });

    await pass(8 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${standbyIds[0]}`]);
  });
});

describe('a primary that leaves', () => {
  it('is followed before it is gone, when a notice and ECS agree', async () => {
    const { primaryId, secondaryId, standbyIds, clouds, pass, pairs } = await set();
    clouds.ecs.scheduleSystemEvent({
      instanceId: primaryId,
      eventType: 'SystemMaintenance.Reboot',
      notBeforeMs: clouds.foundation.clock.nowMs() + 5 * MINUTE_MS,
    });

    await pass(2 * MINUTE_MS);

    expect(clouds.ecs.find(primaryId)?.status).toBe('Running');
    expect(pairs()).toEqual([`tcp:3306 ${secondaryId} > ${standbyIds[0]}`]);
  });
});

describe('an application that fails on a primary that runs', () => {
  it('is called bad by the health check and our own probe, and the primary becomes the secondary', async () => {
    const { primaryId, secondaryId, clouds, pass, pairs } = await set({ standbys: 0 });
    clouds.ecs.applications.set({ instanceId: primaryId, port: PAIR_PORT }, { kind: 'never' });

    await pass(3 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${secondaryId} > ${primaryId}`]);
  });

  it('waits for a standby instead where that is the policy', async () => {
    const { primaryId, secondaryId, clouds, pass, pairs, row } = await set({
      standbys: 0,
      pair: { degraded: 'wait' },
    });
    clouds.ecs.applications.set({ instanceId: primaryId, port: PAIR_PORT }, { kind: 'never' });

    await pass(3 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);
    expect(row()?.held).toMatch(/waiting for a standby/);
  });

  it('is one-sided where nobody but the health check can say so', async () => {
    const { primaryId, secondaryId, clouds, pass, pairs, row, writes } = await set({
      pair: { candidate: 'running-for' },
    });
    clouds.ecs.applications.set({ instanceId: primaryId, port: PAIR_PORT }, { kind: 'never' });

    await pass(5 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);
    expect(row()?.held).toMatch(/health: abnormal on tcp:3306; nobody else says so, so nothing is done/);
    expect(writes()).toBe(0);
  });

  it('that flaps leads to one promotion in a cool-down', async () => {
    const { primaryId, secondaryId, clouds, pass, row } = await set({
      standbys: 0,
      pair: { coolDown: '10m' },
    });
    const flaps = { kind: 'flaps', afterMs: 0 } as const;
    clouds.ecs.applications.set(
      { instanceId: primaryId, port: PAIR_PORT },
      { ...flaps, upMs: 50_000, downMs: 50_000 },
    );
    clouds.ecs.applications.set(
      { instanceId: secondaryId, port: PAIR_PORT },
      { ...flaps, upMs: 70_000, downMs: 60_000 },
    );

    await pass(60 * MINUTE_MS);

    expect(row()?.number).toBeGreaterThan(1);
    expect(row()?.number).toBeLessThanOrEqual(6);
  });
});

describe('an order of a person', () => {
  it('makes the secondary the primary and keeps the former one beside it', async () => {
    const { primaryId, secondaryId, order, pass, pairs, row } = await set();
    await order(anOrder());

    await pass(MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${secondaryId} > ${primaryId}`]);
    expect(row()?.answers).toEqual([
      { orderId: 'order-1', outcome: 'begun', reason: 'ops asked for it: kernel update', number: 1 },
    ]);
    expect(row()?.homeId).toBe(secondaryId);
  });

  it('is refused in words that say why', async () => {
    const { order, pass, row, primaryId } = await set();
    await order(anOrder({ to: primaryId, orderId: 'a' }));
    await pass(20_000);
    await order(anOrder({ to: 'i-bp1stranger', orderId: 'b' }));
    await pass(20_000);

    expect(row()?.answers.map(({ orderId, outcome, reason }) => [orderId, outcome, reason])).toEqual([
      ['a', 'refused', `${primaryId} is the primary already`],
      [
        'b',
        'refused',
        expect.stringMatching(
          /^i-bp1stranger is neither the secondary \(i-\S+\) nor the former primary nor in the standby pool$/,
        ),
      ],
    ]);
    expect(row()?.number).toBe(0);
  });

  it('may pause the pair, which keeps even a bad primary in place until then', async () => {
    const { order, pass, clouds, primaryId, pairs, secondaryId, row } = await set();
    const untilMs = clouds.foundation.clock.nowMs() + 10 * MINUTE_MS;
    const pause = {
      kind: 'pause',
      orderId: 'p',
      untilMs,
      by: 'ops',
      reason: 'migration',
      orderedAtMs: NOW_MS,
    } as const;
    await order(pause);
    await pass(10_000);
    clouds.ecs.stopInstance({ instanceId: primaryId });

    await pass(5 * MINUTE_MS);
    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);
    expect(row()?.held).toMatch(/^paused by ops \(migration\) until .*due: promotion/);

    await pass(7 * MINUTE_MS);
    expect(pairs()[0]).toMatch(new RegExp(`^tcp:3306 ${secondaryId} > `));
  });
});

describe('failing back', () => {
  it('happens once the former primary has been good for the time of the policy', async () => {
    const { primaryId, secondaryId, clouds, pass, pairs, row } = await set({
      pair: { failBack: { after: '30m' }, coolDown: '5m' },
    });
    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(3 * MINUTE_MS);
    clouds.ecs.startInstance({ instanceId: primaryId });
    await pass(29 * MINUTE_MS);
    expect(pairs()[0]).toMatch(new RegExp(`^tcp:3306 ${secondaryId} > `));

    await pass(5 * MINUTE_MS);

    expect(pairs()).toEqual([`tcp:3306 ${primaryId} > ${secondaryId}`]);
    expect(row()?.saga).toMatchObject({ number: 2, kind: 'fail-back', outcome: 'done' });
  });
});

describe('listeners', () => {
  it('keep every parameter, also those that the change of their group has cost them', async () => {
    const settings = { HealthCheckType: 'http', HealthCheckDomain: 'db.example', PersistenceTimeout: '300' };
    const { primaryId, clouds, pass, groupIds } = await set({
      listeners: ['tcp:3306', 'udp:3306'],
      listenerSettings: {},
      switches: { slbSetWithoutPersistenceTimeout: 'reset-to-0' },
    });
    const address = { loadBalancerId: LB, listenerProtocol: 'tcp', listenerPort: 3306 } as const;
    clouds.slb.listeners.set({ ...address, settings });
    const before = clouds.slb.listenersOf(LB).map((listener) => listener.settings);

    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(2 * MINUTE_MS);

    expect(groupIds()).not.toContain(PAIR_GROUP);
    expect(clouds.slb.listenersOf(LB).map((listener) => listener.settings)).toEqual(before);
  });

  it('that somebody has pointed elsewhere are left alone and told of', async () => {
    const { primaryId, secondaryId, standbyIds, clouds, pass, pairs, row } = await set({
      listeners: ['tcp:3306', 'tcp:3307'],
    });
    const other = clouds.slb.masterSlaveGroups.create({
      loadBalancerId: LB,
      masterSlaveServerGroupName: 'by-hand',
      backendServers: [
        { serverId: primaryId, port: 3307, serverType: 'Master' },
        { serverId: secondaryId, port: 3307, serverType: 'Slave' },
      ],
    });
    clouds.slb.listeners.set({
      loadBalancerId: LB,
      listenerProtocol: 'tcp',
      listenerPort: 3307,
      masterSlaveServerGroupId: other.masterSlaveServerGroupId,
    });

    clouds.ecs.stopInstance({ instanceId: primaryId });
    await pass(3 * MINUTE_MS);

    expect(pairs()).toEqual([
      `tcp:3306 ${secondaryId} > ${standbyIds[0]}`,
      `tcp:3307 ${primaryId} > ${secondaryId}`,
    ]);
    expect(row()?.held).toMatch(/^tcp:3307 uses rsp-\S+: left alone$/);
  });
});

describe('what is left over', () => {
  it('goes, when it is ours and nobody uses it; what is not ours stays', async () => {
    const { primaryId, secondaryId, clouds, pass, groupIds, order } = await set();
    const members = [
      { serverId: primaryId, port: 3306, serverType: 'Master' },
      { serverId: secondaryId, port: 3306, serverType: 'Slave' },
    ];
    const create = (masterSlaveServerGroupName: string) =>
      clouds.slb.masterSlaveGroups.create({
        loadBalancerId: LB,
        masterSlaveServerGroupName,
        backendServers: members,
      }).masterSlaveServerGroupId;
    await order(anOrder());
    await pass(MINUTE_MS);
    const stray = create(`slb-autopilot/${PAIR}/1`);
    const byHand = create('by-hand');

    await pass(3 * MINUTE_MS);

    expect(groupIds()).not.toContain(stray);
    expect(groupIds()).toContain(byHand);
  });
});
