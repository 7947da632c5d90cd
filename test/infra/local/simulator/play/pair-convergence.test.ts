import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryClouds, type MemoryClouds } from '../../../../../infra/local/memory/clouds.ts';
import { readMemoryDeployment } from '../../../../../infra/local/memory/read-deployment.ts';
import { isUneasy, pairDifferences } from '../../../../../infra/local/simulator/play/pair-convergence.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import type { StoredRow } from '../../../../../infra/local/world/tablestore/rows.ts';
import type { Config } from '../../../../../shared/config/load.ts';
import type { Pair } from '../../../../../shared/config/pair.ts';
import type { PairRow } from '../../../../../shared/pairs/record.ts';
import { LB, NOW_MS } from '../../../../support/builders.ts';
import { aPair, aPairRow, aSaga, OLD_GROUP } from '../../../../support/pairs.ts';

const deployment = await readMemoryDeployment();
const MINUTE_MS = 60_000;

let clock: VirtualClock;
let clouds: MemoryClouds;
let [primaryId, secondaryId, standbyId] = ['', '', ''];
beforeEach(() => {
  clock = new VirtualClock(NOW_MS);
  clouds = createMemoryClouds({ clock, deployment });
  const { ecs, slb } = clouds;
  slb.seedLoadBalancer({ loadBalancerId: LB });
  [primaryId = '', secondaryId = ''] = ecs.runInstances({ amount: 2 });
  [standbyId = ''] = ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'standby' }] });
  clock.advanceBy(MINUTE_MS);
  slb.seedMasterSlaveServerGroup({
    masterSlaveServerGroupId: OLD_GROUP,
    loadBalancerId: LB,
    name: 'orders',
    backends: [
      { serverId: primaryId, port: 3306, serverType: 'Master' },
      { serverId: secondaryId, port: 3306, serverType: 'Slave' },
    ],
  });
  slb.seedListener({
    loadBalancerId: LB,
    listenerProtocol: 'tcp',
    listenerPort: 3306,
    masterSlaveServerGroupId: OLD_GROUP,
  });
  records();
  clock.advanceBy(MINUTE_MS);
});
afterEach(() => clouds.close());

/** The pair's row as the product would have it. */
function records(changes: Partial<PairRow> = {}): void {
  const ids = { memberIds: [primaryId, secondaryId].sort(), homeId: primaryId };
  const row = JSON.stringify({ ...aPairRow(ids), ...changes });
  const key = ['orders-db', 'pair'];
  const stored = [key.map((part) => `s${part}`), [['row', [[0, `s${row}`]]]]] as unknown as StoredRow;
  clouds.foundation.store.collection<StoredRow>('ots-rows/promotions').set(key.join('\u0000'), stored);
}

const config = (overrides: Partial<Pair> = {}) => ({ pairs: [aPair(overrides)] }) as unknown as Config;
const texts = (overrides: Partial<Pair> = {}) =>
  pairDifferences(clouds, config(overrides)).map(({ text }) => text);
const stop = (instanceId: string) => {
  clouds.ecs.stopInstance({ instanceId, forceStop: true });
  clock.advanceBy(MINUTE_MS);
};

describe('a pair that is well', () => {
  it('differs in nothing, and no tick could find anything', () => {
    expect(texts()).toEqual([]);
    expect(isUneasy(clouds, config())).toBe(false);
  });
});

describe('a primary that is bad by two observers', () => {
  const still = () => [
    `orders-db: ${primaryId} is its primary still, though it is bad (ecs, health) and ${secondaryId} is not`,
  ];

  it('is a difference while a fit secondary and a fit standby could relieve it', () => {
    stop(primaryId);
    expect(texts()).toEqual(still());
    expect(isUneasy(clouds, config())).toBe(true);
  });

  it('is excused by what the row says of it', () => {
    stop(primaryId);
    records({ held: 'paused by ops' });
    expect(pairDifferences(clouds, config()).map(({ excuse }) => excuse)).toEqual(['paused by ops']);
  });

  it('is none without a standby, without a fit secondary, or where nobody asked for it', () => {
    stop(primaryId);
    expect(texts({ standby: null })).toEqual([]);
    expect(texts({ promoteOn: new Set(['unhealthy']) })).toEqual([]);
    stop(standbyId);
    expect(texts()).toEqual([]);
    clouds.ecs.startInstance({ instanceId: standbyId });
    clock.advanceBy(MINUTE_MS);
    expect(texts()).toEqual(still());
    stop(secondaryId);
    expect(texts()).toEqual([]);
  });
});

describe('an application that fails', () => {
  const never = { kind: 'never' } as const;

  it('is a difference where our own probe says so, too, and is none where nobody else can', () => {
    clouds.ecs.applications.set({ instanceId: primaryId }, never);
    clock.advanceBy(MINUTE_MS);
    expect(texts()).toHaveLength(1);
    expect(texts({ candidate: 'running-for' })).toEqual([]);
  });
});

describe('what else is not as it should be', () => {
  it('is a secondary that is gone while a standby is there', () => {
    stop(secondaryId);
    expect(texts()).toEqual([`orders-db: its secondary ${secondaryId} is gone, and a standby is there`]);
    expect(texts({ standby: null })).toEqual([]);
  });

  it('is a change that is under way, whatever the row says', () => {
    records({ number: 1, saga: aSaga(), held: 'for some reason' });
    expect(pairDifferences(clouds, config())).toEqual([
      { text: 'orders-db: promotion 1 is under way (create)', excuse: null },
    ]);
  });

  it('is not the group before a change that was turned back: whoever has left it is to say what becomes of it', () => {
    const groupId = 'rsp-bp1theirs';
    clouds.slb.seedMasterSlaveServerGroup({
      masterSlaveServerGroupId: groupId,
      loadBalancerId: LB,
      name: 'by-hand',
      backends: [
        { serverId: primaryId, port: 3306, serverType: 'Master' },
        { serverId: secondaryId, port: 3306, serverType: 'Slave' },
      ],
    });
    const address = { loadBalancerId: LB, listenerProtocol: 'tcp', listenerPort: 3306 } as const;
    clouds.slb.listeners.set({ ...address, masterSlaveServerGroupId: groupId });
    records({ number: 1, groupId, saga: aSaga({ phase: 'ended', outcome: 'given-up' }) });
    clock.advanceBy(MINUTE_MS);

    expect(texts()).toEqual([]);
  });

  it('is the group before a change that nobody uses, unless somebody had pointed a listener back at it', () => {
    const groupId = 'rsp-bp1new';
    clouds.slb.seedMasterSlaveServerGroup({
      masterSlaveServerGroupId: groupId,
      loadBalancerId: LB,
      name: 'slb-autopilot/orders-db/1',
      backends: [
        { serverId: primaryId, port: 3306, serverType: 'Master' },
        { serverId: secondaryId, port: 3306, serverType: 'Slave' },
      ],
    });
    const address = { loadBalancerId: LB, listenerProtocol: 'tcp', listenerPort: 3306 } as const;
    clouds.slb.listeners.set({ ...address, masterSlaveServerGroupId: groupId });
    records({ number: 1, groupId, saga: aSaga({ phase: 'ended', outcome: 'done', groupId }) });
    clock.advanceBy(MINUTE_MS);

    expect(texts()).toEqual([`orders-db: ${OLD_GROUP} (orders) is left over`]);
    expect(pairDifferences(clouds, config(), new Set([OLD_GROUP]))).toEqual([]);
  });

  it('is a group of ours that nobody uses while listeners disagree, unless the row says that they do', () => {
    records({ number: 1 });
    for (const [groupId, name] of [
      ['rsp-bp1left', 'slb-autopilot/orders-db/1'],
      ['rsp-bp1byhand', 'by-hand'],
    ] as const) {
      clouds.slb.seedMasterSlaveServerGroup({
        masterSlaveServerGroupId: groupId,
        loadBalancerId: LB,
        name,
        backends: [
          { serverId: secondaryId, port: 3306, serverType: 'Master' },
          { serverId: standbyId, port: 3306, serverType: 'Slave' },
        ],
      });
    }
    clouds.slb.seedListener({
      loadBalancerId: LB,
      listenerProtocol: 'tcp',
      listenerPort: 3307,
      masterSlaveServerGroupId: 'rsp-bp1byhand',
    });
    const listeners = [
      { protocol: 'tcp', port: 3306 },
      { protocol: 'tcp', port: 3307 },
    ] as const;
    const excuses = () => pairDifferences(clouds, config({ listeners })).map(({ excuse }) => excuse);

    expect(excuses()).toEqual([null, null]);
    records({ number: 1, held: 'they use different groups' });
    expect(excuses()).toEqual(['they use different groups', 'they use different groups']);
  });

  it('is a group of ours that nobody uses; neither somebody else’s nor one of a number to come', () => {
    records({ number: 1 });
    for (const name of ['slb-autopilot/orders-db/1', 'slb-autopilot/orders-db/2', 'by-hand']) {
      clouds.slb.seedMasterSlaveServerGroup({
        masterSlaveServerGroupId: `rsp-${name.replaceAll('/', '-')}`,
        loadBalancerId: LB,
        name,
        backends: [
          { serverId: secondaryId, port: 3306, serverType: 'Master' },
          { serverId: standbyId, port: 3306, serverType: 'Slave' },
        ],
      });
    }
    expect(texts()).toEqual([
      'orders-db: rsp-slb-autopilot-orders-db-1 (slb-autopilot/orders-db/1) is left over',
    ]);
  });
});
