import { describe, expect, it } from 'vitest';
import type { News, Signal } from '../../../shared/acceptance/model.ts';
import type { ReturnOrder } from '../../../shared/server-groups/backend/record.ts';
import { fateOf } from '../../../shared/server-groups/signals.ts';
import { anInstance, aSignal, instancesSeen, NOW_MS } from '../../support/builders.ts';

const seen = instancesSeen([anInstance('i-1')]);
const SAID_AT_MS = NOW_MS - 60_000;
const FROM_MS = NOW_MS + 600_000;

function order(
  more: Partial<Extract<News, { kind: 'leave' }>> = {},
  overrides: Partial<Signal> = {},
): Signal {
  const times = { fromMs: FROM_MS, deadlineAtMs: null, untilMs: null };
  const news: News = { kind: 'leave', cause: 'maintenance', ref: 'e-1', ...times, ...more };
  return aSignal('i-1', 'Running', { news, eventAtMs: SAID_AT_MS, ...overrides });
}
const over = (more: Partial<ReturnOrder> = {}): ReturnOrder => ({
  cause: 'maintenance',
  ref: 'e-1',
  atMs: SAID_AT_MS + 1_000,
  ...more,
});

describe('an order whose time has not come', () => {
  it('waits for it', () => {
    expect(fateOf(order(), seen, [], NOW_MS)).toEqual({ kind: 'early', untilMs: FROM_MS });
    expect(fateOf(order(), seen, [], FROM_MS - 1)).toEqual({ kind: 'early', untilMs: FROM_MS });
  });

  it.each([
    ['its time has come', order(), FROM_MS],
    ['it counts at once', order({ fromMs: null }), NOW_MS],
  ])('has done its work when %s', (_what, signal, nowMs) => {
    expect(fateOf(signal, seen, [], nowMs)).toEqual({ kind: 'settled' });
  });

  it.each([
    ['what it names is over', over()],
    ['all of its cause is over', over({ ref: null })],
    ['it is over at the very instant of the notice', over({ atMs: SAID_AT_MS })],
  ])('is void when %s', (_what, said) => {
    expect(fateOf(order(), seen, [said], NOW_MS)).toEqual({ kind: 'settled' });
  });

  it.each([
    ['something else is over', over({ ref: 'e-2' })],
    ['another cause is over', over({ cause: 'scale-in' })],
    ['an earlier one of its kind was over', over({ atMs: SAID_AT_MS - 1 })],
  ])('goes on waiting when %s', (_what, said) => {
    expect(fateOf(order(), seen, [said], NOW_MS)).toEqual({ kind: 'early', untilMs: FROM_MS });
  });

  it('of nobody knows when was given when we took notice', () => {
    const signal = order({}, { eventAtMs: null, acceptedAtMs: NOW_MS });

    expect(fateOf(signal, seen, [over({ atMs: NOW_MS - 1 })], NOW_MS)).toMatchObject({ kind: 'early' });
    expect(fateOf(signal, seen, [over({ atMs: NOW_MS })], NOW_MS)).toEqual({ kind: 'settled' });
  });
});
