import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pairLaneId } from '../../../../shared/pairs/model.ts';
import type { PairOrder, PairRow } from '../../../../shared/pairs/record.ts';
import { NO_TAGGING, newPairRow } from '../../../../shared/pairs/record.ts';
import { beginSaga } from '../../../../shared/pairs/saga/begin.ts';
import { LB, NOW_MS } from '../../../support/builders.ts';
import { type Stage, setStage } from '../../../support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

/** The table with a pair of the test's own. */
function aPair(name: string) {
  const { pairRows, pairOrders, members } = stage.worker();
  const laneId = pairLaneId({ name });
  const commit = (
    row: PairRow,
    expectedRevision: number | null,
    joined: ReadonlyArray<string> = [],
    departed: ReadonlyArray<string> = [],
  ) => pairRows.commit({ laneId, row, expectedRevision, joined, departed, audit: [] });
  return { pairRows, pairOrders, members, laneId, commit, row: newPairRow({ name, loadBalancerId: LB }) };
}

const member = (serverId: string) => ({ serverId, port: 3306, weight: 100 });
const statement = { finding: 'bad', text: 'Stopped', sinceMs: NOW_MS } as const;

describe('the row of a pair', () => {
  it('comes back as it was written, journal and all', async () => {
    const { pairRows, commit, row } = aPair('whole');
    const members = { primary: member('i-a'), secondary: member('i-b') };
    const from = { groupId: 'rsp-1', name: 'orders', loadBalancerId: LB, members, tags: [] };
    const to = { primary: member('i-b'), secondary: member('i-c') };
    const change = { kind: 'promotion', to, reason: 'it is bad', orderId: null } as const;
    const listener = {
      protocol: 'tcp',
      port: 3306,
      groupId: 'rsp-1',
      vServerGroupId: null,
      isRunning: true,
      isHealthChecked: true,
      settings: { Scheduler: 'wrr' },
    } as const;
    const saga = beginSaga(
      { name: 'whole', number: 0, tagging: NO_TAGGING },
      from,
      [listener],
      change,
      NOW_MS,
    );
    const written: PairRow = {
      ...row,
      number: 1,
      groupId: 'rsp-1',
      memberIds: ['i-a', 'i-b'],
      homeId: 'i-a',
      homeGoodSinceMs: NOW_MS,
      testimonies: {
        'i-a': {
          health: statement,
          ecs: statement,
          probe: { ...statement, finding: 'unknown' },
          heardAtMs: NOW_MS,
        },
      },
      notices: [{ serverId: 'i-a', cause: 'maintenance', ref: 'e-1', fromMs: NOW_MS, noticedAtMs: NOW_MS }],
      saga: { ...saga, inFlight: { kind: 'create', target: saga.groupName, sentAtMs: NOW_MS } },
      leftovers: ['rsp-0'],
      pause: { untilMs: NOW_MS, by: 'ops', reason: 'r' },
      held: 'why',
      answers: [{ orderId: 'o', outcome: 'begun', reason: 'r', number: 1 }],
      revision: 1,
      fence: 3,
    };

    expect(await commit(written, null)).toBe(true);

    expect(await pairRows.read('whole')).toEqual({ row: written, orders: [] });
  });

  it('is not written over what somebody else has written, nor under a lower fence', async () => {
    const { commit, row, pairRows } = aPair('fenced');
    expect(await commit({ ...row, revision: 1, fence: 5 }, null)).toBe(true);

    expect(await commit({ ...row, revision: 1, fence: 9 }, null)).toBe(false);
    expect(await commit({ ...row, revision: 8, fence: 9 }, 7)).toBe(false);
    expect(await commit({ ...row, revision: 2, fence: 4 }, 1)).toBe(false);
    expect(await commit({ ...row, revision: 2, fence: 5, held: 'x' }, 1)).toBe(true);
    expect((await pairRows.read('fenced')).row).toMatchObject({ revision: 2, held: 'x' });
  });

  it('puts its members into the index, and takes out those that have left', async () => {
    const { commit, row, members, laneId } = aPair('index');
    await commit({ ...row, revision: 1, fence: 1 }, null, ['i-x', 'i-y']);
    await commit({ ...row, revision: 2, fence: 1 }, 1, [], ['i-y']);

    const lanes = await members.lanesOf(['i-x', 'i-y']);

    expect([...(lanes.get('i-x') ?? [])]).toEqual([laneId]);
    expect([...(lanes.get('i-y') ?? [])]).toEqual([]);
  });
});

describe('orders', () => {
  const order: PairOrder = {
    kind: 'promote',
    orderId: 'o-1',
    to: null,
    by: 'ops',
    reason: 'r',
    orderedAtMs: NOW_MS,
    overridesCoolDown: false,
  };
  const pause: PairOrder = {
    kind: 'pause',
    orderId: 'o-2',
    untilMs: NOW_MS,
    by: 'ops',
    reason: 'r',
    orderedAtMs: NOW_MS,
  };

  it('wait beside the row, each once, until they are taken out', async () => {
    const { pairRows, pairOrders } = aPair('orders');
    await pairOrders.put('orders', order);
    await pairOrders.put('orders', { ...order, reason: 'a repeat changes nothing' });
    await pairOrders.put('orders', pause);
    expect(await pairRows.read('orders')).toEqual({ row: null, orders: [order, pause] });

    await pairRows.removeOrders('orders', ['o-1']);

    expect((await pairRows.read('orders')).orders).toEqual([pause]);
  });
});
