import { describe, expect, it } from 'vitest';
import type { InboxEntry } from '../../../shared/acceptance/model.ts';
import type { PairOrder } from '../../../shared/pairs/record.ts';
import { type DeliverDeps, deliver } from '../../../shared/requests/deliver.ts';
import { aBinding, LB, NOW_MS } from '../../support/builders.ts';
import { aPair, aPairRow, PRIMARY } from '../../support/pairs.ts';
import { aBegunRow, aRequest } from '../../support/requests.ts';

const POLICY = {
  requests: { areSignaturesRequired: false, requesters: [] },
  bindings: [aBinding()],
  pairs: [aPair()],
};
const DRAIN = aBegunRow();
const FAIL_BACK = aBegunRow(
  { kind: 'fail-back', pair: 'orders-db' },
  { request: aRequest({ requestId: 'home', change: { kind: 'fail-back', pair: 'orders-db' } }) },
);

function anEngine(homeId: string | null = PRIMARY) {
  const done: Array<string> = [];
  const entries: Array<InboxEntry> = [];
  const orders: Array<PairOrder> = [];
  const deps: DeliverDeps = {
    inbox: {
      put: async (put) => {
        done.push('inbox');
        entries.push(...put);
      },
    },
    lanes: {
      signal: async (ids) => {
        done.push(`signal ${ids.join(', ')}`);
      },
    },
    wakeUps: {
      send: async (id) => {
        done.push(`wake ${id}`);
      },
    },
    pairOrders: {
      put: async (_, order) => {
        done.push('order');
        orders.push(order);
      },
    },
    pairRows: { read: async () => ({ row: aPairRow({ homeId }), orders: [] }) },
    clock: { nowMs: () => NOW_MS + 60_000 },
  };
  return { deps, done, entries, orders };
}

describe('delivering', () => {
  it('puts everything where it is found before it wakes anybody', async () => {
    const { deps, done } = anEngine();

    const faults = await deliver(deps, POLICY, [DRAIN, FAIL_BACK]);

    expect(done).toEqual([
      'inbox',
      'order',
      `signal ${LB}, pair-orders-db`,
      `wake ${LB}`,
      'wake pair-orders-db',
    ]);
    expect([...faults.values()]).toEqual([null, null]);
  });

  it('says the same at every repeat, however late', async () => {
    const first = anEngine();
    const second = anEngine();
    await deliver(first.deps, POLICY, [DRAIN, FAIL_BACK]);
    await deliver({ ...second.deps, clock: { nowMs: () => NOW_MS + 600_000 } }, POLICY, [DRAIN, FAIL_BACK]);

    expect([second.entries, second.orders]).toEqual([first.entries, first.orders]);
  });

  it('says of each what cannot be delivered, and delivers the others', async () => {
    const { deps, entries, orders } = anEngine(null);
    const gone = aBegunRow(
      { kind: 'remove', binding: 'gone', instances: ['i-1'] },
      { payloadHash: 'b'.repeat(64) },
    );

    const faults = await deliver(deps, POLICY, [gone, FAIL_BACK, DRAIN]);

    expect([...faults.values()].map((fault) => fault !== null)).toEqual([true, false, true]);
    expect([entries.length, orders.length]).toEqual([1, 0]);
  });
});
