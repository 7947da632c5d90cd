import { describe, expect, it } from 'vitest';
import { concludeOn } from '../../../infra/operator/pairs/conclusion.ts';
import { progressOf, standingOfOrder } from '../../../shared/pairs/progress.ts';
import { roughly } from '../../../shared/times.ts';
import { aChange, aPair, aRow, PLAIN } from '../../infra/operator/pairs/builders.ts';

describe('where an order stands', () => {
  const begun = { orderId: 'order-1', outcome: 'begun', reason: 'asked for', number: 3 } as const;

  it.each([
    ['nowhere without a row', null, { kind: 'unanswered' }],
    ['unanswered', aRow(), { kind: 'unanswered' }],
    [
      'refused',
      aRow({ answers: [{ ...begun, outcome: 'refused', number: null }] }),
      { kind: 'refused', reason: 'asked for' },
    ],
    ['under way', aRow({ answers: [begun], saga: aChange() }), { kind: 'change', saga: aChange() }],
    [
      'overtaken by another change',
      aRow({ answers: [begun], saga: aChange({ number: 4 }) }),
      { kind: 'overtaken', number: 3 },
    ],
  ])('%s', (_name, row, standing) => {
    expect(standingOfOrder(row, 'order-1')).toEqual(standing);
  });
});

describe('how far a change has come', () => {
  const listener = aChange().listeners[0];
  if (listener === undefined) throw new Error('there is no listener');
  const moved = { ...listener, state: 'moved' } as const;
  const failure = {
    message: 'Not this one.',
    api: 'SetLoadBalancerTCPListenerAttribute',
    code: 'OperationDenied',
    requestId: 'R-1',
  };

  it.each([
    [{ phase: 'create', groupId: null }, 0, 'creating slb-autopilot/orders-db/3'],
    [{ phase: 'repoint' }, 1, 'rsp-new is created, pointed 0 of 2'],
    [{ phase: 'repoint', listeners: [moved, listener] }, 2, 'rsp-new is created, pointed 1 of 2'],
    [{ phase: 'tidy', listeners: [moved, moved] }, 3, 'in force; deleting the old group rsp-old'],
    [
      { phase: 'undo', listeners: [moved, listener], failure },
      2,
      'turning back: Not this one. (SetLoadBalancerTCPListenerAttribute, OperationDenied, request R-1)',
    ],
    [{ phase: 'ended', outcome: 'done' }, 4, 'done'],
  ] as const)('%j', (change, done, text) => {
    expect(progressOf(aChange(change))).toEqual({ done, total: 4, text, refused: null });
  });

  it('says how often the next step was refused', () => {
    expect(progressOf(aChange({ refusals: 1 })).refused).toBe('refused once so far');
    expect(progressOf(aChange({ refusals: 3 })).refused).toBe('refused 3 times so far');
  });
});

describe('how a followed order ends', () => {
  const conclude = (followed: Parameters<typeof concludeOn>[0]) => concludeOn(followed, aPair(), PLAIN);

  it.each([
    [{ kind: 'noted', reason: 'paused by mei: a' }, 0, 'noted'],
    [{ kind: 'refused', reason: 'no' }, 1, 'refused'],
    [{ kind: 'ended', saga: aChange({ phase: 'ended', outcome: 'done' }) }, 0, 'done'],
    [{ kind: 'ended', saga: aChange({ phase: 'ended', outcome: 'undone' }) }, 1, 'undone'],
    [{ kind: 'ended', saga: aChange({ phase: 'ended', outcome: 'given-up' }) }, 1, 'given-up'],
    [{ kind: 'time-is-up', saga: null, why: null }, 3, 'unknown'],
    [{ kind: 'time-is-up', saga: aChange({ phase: 'repoint' }), why: null }, 3, 'unknown'],
    [{ kind: 'time-is-up', saga: aChange({ phase: 'tidy' }), why: null }, 0, 'done'],
    [{ kind: 'overtaken', number: 3, reason: 'promotion 3 done' }, 0, 'done'],
    [{ kind: 'overtaken', number: 3, reason: 'promotion 3 undone: Not this one.' }, 1, 'failed'],
    [{ kind: 'overtaken', number: 3, reason: null }, 3, 'unknown'],
  ] as const)('%j', (followed, status, outcome) => {
    expect(conclude(followed)).toMatchObject({ status, outcome });
  });

  it('tells what of a listener is not as it was', () => {
    const [first] = aChange().listeners;
    if (first === undefined) throw new Error('there is no listener');
    const listeners = [{ ...first, state: 'left', remark: 'it was pointed elsewhere' }] as const;

    expect(
      conclude({ kind: 'ended', saga: aChange({ phase: 'ended', outcome: 'done', listeners }) }).text,
    ).toBe(
      'promotion 3 of orders-db is in force: i-b > i-a, tcp:3306, tcp:3307 by rsp-new\ntcp:3306: it was pointed elsewhere',
    );
  });
});

it.each([
  [-5, '0 s'],
  [12_400, '12 s'],
  [60_000, '1 min'],
  [3 * 3_600_000 + 59 * 60_000, '3 h'],
  [86_400_000, '1 day'],
  [30 * 86_400_000, '30 days'],
])('%i ms are roughly %s', (ms, text) => {
  expect(roughly(ms)).toBe(text);
});
