import { describe, expect, it } from 'vitest';
import { orderOf, progressOfOrder } from '../../../../shared/requests/effects/pairs.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { aPairRow, aSaga, PRIMARY } from '../../../support/pairs.ts';
import { aRequest } from '../../../support/requests.ts';

const REQUEST = aRequest();
const COMMON = { orderId: 'deploy-4711', by: 'ci', reason: 'kernel update', orderedAtMs: NOW_MS };
const answered = (outcome: 'begun' | 'refused' | 'noted', number: number | null = null) => ({
  orderId: 'deploy-4711',
  outcome,
  reason: 'so it is',
  number,
  atMs: NOW_MS,
});

describe('the order of a request about a pair', () => {
  it('has the id and the time of the request, so that a repeat is the same order', () => {
    const promote = { kind: 'promote', pair: 'orders-db', to: 'i-x', ignoreCoolDown: true } as const;
    expect(orderOf(REQUEST, promote, null, NOW_MS)).toEqual({
      kind: 'promote',
      ...COMMON,
      to: 'i-x',
      overridesCoolDown: true,
    });
    const pause = { kind: 'pause', pair: 'orders-db', for: '1h' } as const;
    expect(orderOf(REQUEST, pause, null, NOW_MS)).toEqual({
      kind: 'pause',
      ...COMMON,
      untilMs: NOW_MS + 3_600_000,
    });
    expect(orderOf(REQUEST, { kind: 'resume', pair: 'orders-db' }, null, NOW_MS)).toMatchObject({
      untilMs: null,
    });
  });

  it('to fail back leads home, where that is known', () => {
    const failBack = { kind: 'fail-back', pair: 'orders-db' } as const;

    expect(orderOf(REQUEST, failBack, aPairRow({ homeId: PRIMARY }), NOW_MS)).toMatchObject({ to: PRIMARY });
    expect(orderOf(REQUEST, failBack, null, NOW_MS)).toMatch(/no home that is known/);
  });
});

describe('how far an order has come', () => {
  const saga = (overrides: Parameters<typeof aSaga>[0]) => aPairRow({ saga: aSaga(overrides) });
  const { number } = aSaga();

  it.each([
    ['that nobody has answered', aPairRow(), 'waiting'],
    ['about a pair that nobody has looked at', null, 'waiting'],
    ['that was refused', aPairRow({ answers: [answered('refused')] }), 'declined'],
    ['that was noted', aPairRow({ answers: [answered('noted')] }), 'in-force'],
    [
      'whose change moves listeners',
      { ...saga({ phase: 'repoint' }), answers: [answered('begun', number)] },
      'waiting',
    ],
    [
      'whose change only tidies up',
      { ...saga({ phase: 'tidy' }), answers: [answered('begun', number)] },
      'in-force',
    ],
    [
      'whose change is done',
      { ...saga({ phase: 'ended', outcome: 'done' }), answers: [answered('begun', number)] },
      'in-force',
    ],
    [
      'whose change was undone',
      { ...saga({ phase: 'ended', outcome: 'undone' }), answers: [answered('begun', number)] },
      'declined',
    ],
    [
      'whose change another has followed',
      { ...saga({}), answers: [answered('begun', number - 1)] },
      'in-force',
    ],
  ] as const)('one %s', (_, row, kind) => {
    expect(progressOfOrder('deploy-4711', row).kind).toBe(kind);
  });
});
