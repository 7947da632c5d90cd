import { describe, expect, it } from 'vitest';
import { anInstance, NOW_MS } from '../../../support/builders.ts';
import { aPair } from '../played-lanes.ts';

const MINUTE_MS = 60_000;
const FROM_MS = NOW_MS + 60 * MINUTE_MS;
const planned = { ref: 'e-1', fromMs: FROM_MS, eventAtMs: NOW_MS - 1_000 };

describe('an order from later on', () => {
  it('does nothing until then, and begins its drain at the very instant', () => {
    const lane = aPair();
    lane.order('i-1', 'maintenance', planned).look();
    expect([lane.sent, lane.row('i-1')?.orders, lane.nextLookMs]).toEqual([[], [], FROM_MS]);

    lane.advance(60 * MINUTE_MS - 1);
    expect(lane.sent).toEqual([]);

    lane.advance(31_000);
    expect(lane.sent).toEqual(['3600s set-weight i-1=0', '3630s remove i-1=0']);
    expect(lane.signals).toEqual([]);
    expect(lane.row('i-1')?.orders).toMatchObject([{ cause: 'maintenance', ref: 'e-1' }]);
  });

  it('keeps nobody from joining until then', () => {
    const lane = aPair().withInstances(anInstance('i-2'));
    lane.order('i-2', 'maintenance', planned).becomes('i-2', 'Running').look();
    lane.advance(MINUTE_MS);
    expect(lane.weights).toContain('i-2=100');

    lane.advance(60 * MINUTE_MS);
    expect(lane.backend('i-2')).toBeUndefined();
  });

  it('counts at once when its time passed on the way', () => {
    const lane = aPair();
    lane.order('i-1', 'maintenance', { ...planned, fromMs: NOW_MS - 1 }).look();

    expect(lane.sent).toEqual(['0s set-weight i-1=0']);
  });

  it('is carried out sooner when its event is, and is nothing new later', () => {
    const lane = aPair();
    lane.order('i-1', 'maintenance', planned).look();
    lane
      .advance(10 * MINUTE_MS)
      .order('i-1', 'maintenance', { ref: 'e-1' })
      .look();
    lane.advance(120 * MINUTE_MS);

    expect(lane.sent).toEqual(['600s set-weight i-1=0', '630s remove i-1=0']);
    expect([lane.signals, lane.row('i-1')?.orders.length]).toEqual([[], 1]);
  });
});

describe('what takes an order back before its time', () => {
  it.each([
    ['later', ['order', 'look', 'return', 'look']],
    ['earlier, out of order', ['return', 'look', 'order', 'look']],
    ['in one batch, after it', ['order', 'return', 'look']],
    ['in one batch, before it', ['return', 'order', 'look']],
  ])('makes it void, whether it comes %s', (_when, course) => {
    const lane = aPair();
    for (const what of course) {
      if (what === 'order') lane.order('i-1', 'maintenance', planned);
      else if (what === 'return') lane.takeBack('i-1', 'maintenance', NOW_MS, 'e-1');
      else lane.look();
    }
    expect(lane.signals).toEqual([]);
    lane.advance(120 * MINUTE_MS);

    expect(lane.sent).toEqual([]);
  });

  it('makes no other one void', () => {
    const lane = aPair();
    lane.order('i-1', 'maintenance', planned).takeBack('i-1', 'maintenance', NOW_MS, 'e-2').look();
    lane.advance(120 * MINUTE_MS);

    expect(lane.sent).toEqual(['3600s set-weight i-1=0', '3630s remove i-1=0']);
  });

  it('is not undone by a worker that could remove only the return from the inbox', () => {
    const lane = aPair();
    lane.order('i-1', 'maintenance', planned).takeBack('i-1', 'maintenance', NOW_MS, 'e-1');
    const [order] = lane.signals;
    lane.look();
    lane.signals = order === undefined ? [] : [order];
    lane.look();

    expect(lane.signals).toEqual([]);
    expect(lane.advance(120 * MINUTE_MS).sent).toEqual([]);
  });
});
