import { describe, expect, it } from 'vitest';
import { newsOfEvent } from '../../../shared/acceptance/news.ts';
import type { InstanceInterrupted, SystemEvent } from '../../../shared/events/model.ts';
import { MAINTENANCE, NOW_MS } from '../../support/builders.ts';

const MINUTE_MS = 60_000;

const interrupted = (atMs: number | null): InstanceInterrupted => ({
  kind: 'instance-interrupted',
  key: 'event/1',
  instanceId: 'i-1',
  atMs,
  regionId: null,
  payloadHash: 'hash',
});
const notice = (overrides: Partial<SystemEvent>): SystemEvent => ({
  kind: 'system-event',
  key: 'system-event/e-1/Scheduled',
  instanceId: 'i-1',
  eventId: 'e-1',
  eventType: 'SystemMaintenance.Reboot',
  phase: 'planned',
  status: 'Scheduled',
  notBeforeMs: NOW_MS + 60 * MINUTE_MS,
  atMs: NOW_MS,
  regionId: null,
  payloadHash: 'hash',
  ...overrides,
});
const order = { kind: 'leave', cause: 'maintenance', ref: 'e-1', deadlineAtMs: null, untilMs: null };

describe('the news of an interruption', () => {
  it.each([
    ['its notice', NOW_MS - MINUTE_MS, NOW_MS + 4 * MINUTE_MS],
    ['its acceptance, where it does not say when it was given', null, NOW_MS + 5 * MINUTE_MS],
  ])('is an order to be out five minutes after %s', (_what, atMs, deadlineAtMs) => {
    expect(newsOfEvent(interrupted(atMs), MAINTENANCE, NOW_MS)).toEqual({
      kind: 'leave',
      cause: 'spot-reclaim',
      ref: null,
      fromMs: null,
      deadlineAtMs,
      untilMs: null,
    });
  });
});

describe('the news of a system event', () => {
  it.each([
    ['a quarter of an hour', 15 * MINUTE_MS, NOW_MS + 45 * MINUTE_MS],
    ['an hour and more, which has begun', 61 * MINUTE_MS, NOW_MS - MINUTE_MS],
  ])('that is planned is an order from %s ahead of it', (_what, drainAheadMs, fromMs) => {
    expect(newsOfEvent(notice({}), { drainAheadMs }, NOW_MS)).toEqual({ ...order, fromMs });
  });

  it('that is planned for nobody knows when is an order at once', () => {
    expect(newsOfEvent(notice({ notBeforeMs: null }), MAINTENANCE, NOW_MS)).toEqual({
      ...order,
      fromMs: null,
    });
  });

  it('that is carried out is an order at once, whatever was planned', () => {
    const executing = notice({ phase: 'executing', status: 'Executing' });

    expect(newsOfEvent(executing, MAINTENANCE, NOW_MS)).toEqual({ ...order, fromMs: null });
  });

  it('that is over takes its own order back', () => {
    const over = notice({ phase: 'over', status: 'Avoided' });

    expect(newsOfEvent(over, MAINTENANCE, NOW_MS)).toEqual({
      kind: 'return',
      cause: 'maintenance',
      ref: 'e-1',
    });
  });

  it('without an id is about maintenance as such', () => {
    expect(newsOfEvent(notice({ eventId: null, phase: 'over' }), MAINTENANCE, NOW_MS)).toMatchObject({
      ref: null,
    });
  });
});
