import { describe, expect, it } from 'vitest';
import type { OrderCause } from '../../../../shared/acceptance/model.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { anExile, aPair } from '../played-lanes.ts';

const CAUSES: ReadonlyArray<OrderCause> = [
  'scale-in',
  'spot-reclaim',
  'maintenance',
  'change-request',
  'health-alarm',
];

describe('what takes an order back', () => {
  it.each(CAUSES)('brings the instance back, once it is observed Running: %s', (cause) => {
    const lane = anExile(cause);
    lane.takeBack('i-1', cause).look();
    lane.advance(10_000);

    expect(lane.weights).toEqual(['i-0=100', 'i-1=100']);
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', orders: [] });
  });

  it('is not enough for an instance that does not run', () => {
    const lane = anExile('maintenance').becomes('i-1', 'Stopped');
    lane.takeBack('i-1', 'maintenance').look();
    lane.advance(600_000);
    expect(lane.backend('i-1')).toBeUndefined();

    lane.becomes('i-1', 'Running').look();
    lane.advance(10_000);
    expect(lane.weights).toContain('i-1=100');
  });

  it.each(
    CAUSES.flatMap((cause) => CAUSES.filter((other) => other !== cause).map((other) => [cause, other])),
  )('does not end %s when it is %s that is over', (cause, other) => {
    const lane = anExile(cause as OrderCause);
    lane.takeBack('i-1', other as OrderCause).look();
    lane.advance(60_000);

    expect(lane.row('i-1')?.orders[0]?.cause).toBe(cause);
    expect(lane.weights).not.toContain('i-1=100');
  });

  it('in mid-drain gives the weight back', () => {
    const lane = aPair();
    lane.order('i-1', 'scale-in').look();
    lane.advance(10_000).takeBack('i-1', 'scale-in').look();
    lane.advance(10_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '12s set-weight i-1=100']);
  });

  it('that came before an order of its kind, by its event, does not end it', () => {
    const lane = anExile('maintenance');
    lane.takeBack('i-1', 'maintenance', NOW_MS - 1).look();

    expect(lane.row('i-1')?.orders).toHaveLength(1);
  });

  it('makes an order stale that happened before and arrives later', () => {
    const lane = aPair();
    lane.takeBack('i-1', 'maintenance', NOW_MS - 10_000).look();
    lane.advance(60_000);
    lane.order('i-1', 'maintenance', { eventAtMs: NOW_MS - 20_000 }).look();

    expect(lane.sent).toEqual([]);
    expect(lane.row('i-1')?.orders).toEqual([]);
  });

  it('does not make an order stale that happened after it', () => {
    const lane = aPair();
    lane.takeBack('i-1', 'maintenance', NOW_MS - 10_000).look();
    lane.advance(60_000);
    lane.order('i-1', 'maintenance', { eventAtMs: NOW_MS - 5_000 }).look();

    expect(lane.row('i-1')?.phase).toBe('draining');
  });

  it.each([
    ['the order first', false],
    ['the order last', true],
  ])('in one batch with its order counts by what happened, not by what arrived: %s', (_what, isReversed) => {
    const lane = aPair()
      .order('i-1', 'maintenance', { eventAtMs: NOW_MS - 20_000 })
      .takeBack('i-1', 'maintenance', NOW_MS - 10_000);
    if (isReversed) lane.signals = [...lane.signals].reverse();
    lane.look();

    expect(lane.sent).toEqual([]);
  });

  it('of each kind counts, when several come in one batch', () => {
    const lane = anExile('maintenance')
      .takeBack('i-1', 'maintenance', NOW_MS + 10_000)
      .takeBack('i-1', 'health-alarm', NOW_MS + 20_000);
    lane.look();
    lane.advance(10_000);

    expect(lane.weights).toContain('i-1=100');
  });

  it('falls back on the time of acceptance for events that do not say when they happened', () => {
    const lane = anExile('scale-in');
    lane
      .hear(
        'i-1',
        { kind: 'return', cause: 'scale-in', ref: null },
        { eventAtMs: null, acceptedAtMs: lane.nowMs },
      )
      .look();
    lane.advance(10_000);

    expect(lane.weights).toContain('i-1=100');
  });
});
