import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../shared/acceptance/model.ts';
import { planPair } from '../../../shared/pairs/plan.ts';
import type { PairOrder } from '../../../shared/pairs/record.ts';
import type { Testimony } from '../../../shared/pairs/testimony/model.ts';
import { anInstance, NOW_MS } from '../../support/builders.ts';
import {
  aPair,
  aPairInput,
  aPairRow,
  members,
  type PairInputOverrides,
  PRIMARY,
  SECONDARY,
  STANDBY,
} from '../../support/pairs.ts';

const MINUTE_MS = 60_000;
const plan = (overrides: PairInputOverrides) => planPair(aPairInput(overrides));

type Observer = 'health' | 'ecs' | 'probe';

/** What has been said of the primary since then, last heard five seconds ago. */
function said(bad: ReadonlyArray<Observer>, sinceMs: number): Record<string, Testimony> {
  const of = (observer: Observer) => ({
    finding: bad.includes(observer) ? ('bad' as const) : ('unknown' as const),
    text: 'as before',
    sinceMs,
  });
  return {
    [PRIMARY]: { health: of('health'), ecs: of('ecs'), probe: of('probe'), heardAtMs: NOW_MS - 5_000 },
  };
}

const instances = (...list: ReadonlyArray<ReturnType<typeof anInstance>>) =>
  new Map([...aPairInput().instances.values(), ...list].map((instance) => [instance.instanceId, instance]));
const abnormal = {
  listenerPort: 3306,
  protocol: 'tcp',
  serverId: PRIMARY,
  port: 3306,
  status: 'abnormal',
} as const;
const stoppedPrimary: PairInputOverrides = {
  row: aPairRow({ testimonies: said(['health', 'ecs'], NOW_MS - MINUTE_MS) }),
  instances: instances(anInstance(PRIMARY, { status: 'Stopped' })),
  health: [abnormal],
};
const anOrder = (orderId: string, overrides: Partial<Extract<PairOrder, { kind: 'promote' }>> = {}) =>
  ({
    kind: 'promote',
    orderId,
    to: null,
    by: 'ops',
    reason: 'update',
    orderedAtMs: NOW_MS,
    overridesCoolDown: false,
    ...overrides,
  }) as const;

describe('an order that is refused', () => {
  const order = anOrder('a', { to: PRIMARY });

  it('does not keep a bad primary from being seen to: what else there is comes at once', () => {
    const first = plan({ ...stoppedPrimary, orders: [order] });
    expect(first.row.answers).toMatchObject([{ orderId: 'a', outcome: 'refused' }]);
    expect(first.goesOn).toBe(true);

    const second = plan({ ...stoppedPrimary, row: first.row, orders: [order] });
    expect(second.row.saga).toMatchObject({ kind: 'promotion', orderId: null });
  });

  it('does not keep the next order waiting', () => {
    const orders = [order, anOrder('b')];
    const first = plan({ orders });
    expect(first.goesOn).toBe(true);

    expect(plan({ row: first.row, orders }).row.saga).toMatchObject({ orderId: 'b' });
  });
});

describe('more orders than answers are kept of', () => {
  const orders = Array.from({ length: 30 }, (_, index) =>
    anOrder(`o-${String(index).padStart(2, '0')}`, { orderedAtMs: NOW_MS + index, overridesCoolDown: true }),
  );

  it('are ruled on a few at a time, so that none of them is carried out again for want of its answer', () => {
    const begun = plan({ orders });
    expect(begun.row.saga?.orderId).toBe('o-00');

    const next = plan({ orders, row: begun.row });

    expect(next.row.answers.map(({ orderId, outcome }) => `${orderId} ${outcome}`).slice(0, 2)).toEqual([
      'o-00 begun',
      'o-01 refused',
    ]);
    expect(next.row.answers).toHaveLength(10);
    expect([next.nextLookMs, next.waitingFor]).toEqual([NOW_MS, 'the orders that came after these']);
  });
});

describe('a change that begins', () => {
  it('enters the coming members in the index before the first call, so that no other pair takes them', () => {
    expect(plan(stoppedPrimary).row.memberIds).toEqual([PRIMARY, SECONDARY, STANDBY].sort());
  });
});

describe('a standby that has not run for long enough', () => {
  it('is told of in words that stay the same from look to look', () => {
    const pair = aPair({ candidate: 'running-for', runningForMs: 120_000 });
    const young = anInstance(STANDBY, { runningSinceMs: NOW_MS - 30_000 });
    const proven = anInstance(SECONDARY, { runningSinceMs: NOW_MS - 600_000 });
    const all = instances(anInstance(PRIMARY, { status: 'Stopped' }), young, proven);
    const held = (nowMs: number) => plan({ ...stoppedPrimary, pair, instances: all, nowMs }).row.held;

    expect(held(NOW_MS)).toMatch(/i-bp1standby has to run until 2026-04-09T04:19:56Z/);
    expect(held(NOW_MS + 5_000)).toBe(held(NOW_MS));
  });
});

describe('a standby with which SLB would not make a group', () => {
  it('gives way to the one after it', () => {
    const other = 'i-bp1standby2';
    const ids = [STANDBY, other];
    const unsuitable = [{ serverId: STANDBY, reason: 'zone', untilMs: NOW_MS + 60 * MINUTE_MS }];
    const { row } = plan({
      ...stoppedPrimary,
      row: aPairRow({ unsuitable, testimonies: said(['health', 'ecs'], NOW_MS - MINUTE_MS) }),
      instances: instances(anInstance(PRIMARY, { status: 'Stopped' }), anInstance(other)),
      systemEvents: new Map([PRIMARY, SECONDARY, ...ids].map((id) => [id, []])),
      answers: new Map([...aPairInput().answers, [`${other}:3306`, { isReady: true, reason: null }]]),
      standbyIds: ids,
    });

    expect(row.saga?.to).toEqual(members(SECONDARY, other));
  });
});

describe('a primary that was released', () => {
  const absent = (sinceMs: number): PairInputOverrides => ({
    row: aPairRow({ testimonies: said(['ecs'], sinceMs) }),
    instances: new Map([...aPairInput().instances].filter(([id]) => id !== PRIMARY)),
    answers: new Map([...aPairInput().answers].filter(([key]) => !key.startsWith(PRIMARY))),
    health: [],
  });

  it('is followed although nobody but ECS is left to say so, once it has been gone for a minute', () => {
    expect(plan(absent(NOW_MS - MINUTE_MS)).row.saga).toMatchObject({ kind: 'promotion' });
    expect(plan(absent(NOW_MS - MINUTE_MS + 1)).row.saga).toBeNull();
  });

  it('is not gone while a health check finds it well', () => {
    const seen = { ...absent(NOW_MS - MINUTE_MS), health: [{ ...abnormal, status: 'normal' as const }] };

    expect(plan(seen).row.saga).toBeNull();
  });
});

describe('a notice', () => {
  const signal = (fromMs: number): Signal => ({
    key: 'planned',
    instanceId: PRIMARY,
    news: { kind: 'leave', cause: 'maintenance', ref: 'e-1', fromMs, deadlineAtMs: null, untilMs: null },
    eventAtMs: NOW_MS,
    acceptedAtMs: NOW_MS,
  });

  it('of what is planned is come back to when it is due', () => {
    const { nextLookMs, waitingFor } = plan({ signals: [signal(NOW_MS + 5 * MINUTE_MS)] });

    expect([nextLookMs, waitingFor]).toEqual([
      NOW_MS + 5 * MINUTE_MS,
      'what was noticed of the primary to be due',
    ]);
  });

  it('is not called unconfirmed before ECS was asked', () => {
    const { needsSystemEvents, row } = plan({ signals: [signal(NOW_MS)], systemEvents: null });

    expect(needsSystemEvents).toBe(true);
    expect(row.held).toBeNull();
  });
});

describe('what one observer alone says', () => {
  it.each([
    [10_000, 5_000],
    [2 * MINUTE_MS, 10_000],
    [24 * 60 * MINUTE_MS, 60_000],
  ])('for %i ms is looked at again after %i ms', (forMs, afterMs) => {
    const row = aPairRow({ testimonies: said(['health'], NOW_MS - forMs) });

    expect(plan({ row, health: [abnormal] }).nextLookMs).toBe(NOW_MS + afterMs);
  });
});
