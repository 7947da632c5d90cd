import { describe, expect, it } from 'vitest';
import { aListener, aLoadBalancer, NOW_MS } from '../../../support/builders.ts';
import { aDrain, aPair } from '../played-lanes.ts';

describe('two system events of one instance', () => {
  it('are two orders of one drain, and the instance comes back when both are over', () => {
    const lane = aPair();
    lane.order('i-1', 'maintenance', { ref: 'e-1' }).look();
    lane.advance(1_000).order('i-1', 'maintenance', { ref: 'e-2' }).look();
    lane.advance(60_000).takeBack('i-1', 'maintenance', lane.nowMs, 'e-1').look();
    lane.advance(60_000);
    expect(lane.sent).toEqual(['0s set-weight i-1=0', '30s remove i-1=0']);
    expect(lane.row('i-1')?.orders.map(({ ref }) => ref)).toEqual(['e-2']);

    lane.takeBack('i-1', 'maintenance', lane.nowMs, 'e-2').look();
    lane.advance(10_000);
    expect(lane.weights).toContain('i-1=100');
  });

  it('are both over when all of their cause is', () => {
    const lane = aPair();
    lane.order('i-1', 'maintenance', { ref: 'e-1' }).order('i-1', 'maintenance', { ref: 'e-2' }).look();
    lane.advance(60_000).takeBack('i-1', 'maintenance').look();
    lane.advance(10_000);

    expect(lane.weights).toContain('i-1=100');
  });

  it('leave an order that names none alone', () => {
    const lane = aPair();
    lane.order('i-1', 'maintenance').look();
    lane.advance(60_000).takeBack('i-1', 'maintenance', lane.nowMs, 'e-1').look();

    expect(lane.row('i-1')?.orders.map(({ ref }) => ref)).toEqual([null]);
  });
});

describe('a system event of which several notices come', () => {
  it('is one order, given when the last of them was', () => {
    const lane = aPair();
    lane.order('i-1', 'maintenance', { ref: 'e-1', eventAtMs: NOW_MS - 86_400_000 }).look();
    lane.advance(1_000).order('i-1', 'maintenance', { ref: 'e-1' }).look();

    expect(lane.row('i-1')?.orders).toMatchObject([{ ref: 'e-1', sinceMs: NOW_MS + 1_000 }]);
    expect(lane.sent).toEqual(['0s set-weight i-1=0']);
  });
});

describe('several causes at once', () => {
  it('have one drain, with the earliest deadline of all', () => {
    const lane = aPair({ drain: { timeMs: 600_000 } });
    lane
      .order('i-1', 'maintenance', { ref: 'e-1', deadlineAtMs: NOW_MS + 115_000 })
      .order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + 300_000 })
      .look();
    lane.advance(3_600_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '100s remove i-1=0']);
    expect(lane.row('i-1')).toMatchObject({ cause: 'spot-reclaim', generation: 2 });
  });

  it('are all named where the audit says why', () => {
    const lane = aPair();
    lane
      .order('i-1', 'maintenance', { ref: 'e-1' })
      .order('i-1', 'maintenance', { ref: 'e-2' })
      .order('i-1', 'spot-reclaim')
      .order('i-1', 'scale-in')
      .look();
    const reason = lane.decisions.find(({ action }) => action === 'drain-decided')?.reason;

    for (const cause of ['spot instance is being reclaimed', 'scaling group scales in', 'e-1', 'e-2']) {
      expect(reason).toContain(cause);
    }
  });

  it('drain whoever has to go anyway, though nobody may go by choice', () => {
    const lane = aDrain({ drain: { whenNotGuaranteed: 'refuse' } });
    lane.loadBalancer = aLoadBalancer({ listeners: [aListener({ hasPersistence: true })] });
    lane.order('i-1', 'scale-in').look();
    expect(lane.row('i-1')?.held?.by).toBe('setting');

    lane.order('i-1', 'maintenance', { ref: 'e-1' }).look();
    expect(lane.sent).toEqual(['0s set-weight i-1=0']);
  });
});

describe('what was taken back', () => {
  it('is remembered for each event, so that an order that comes late changes nothing', () => {
    const lane = aPair();
    for (const ref of ['e-1', 'e-2', 'e-3']) lane.takeBack('i-1', 'maintenance', NOW_MS - 1_000, ref);
    lane.look();
    for (const ref of ['e-1', 'e-2', 'e-3']) {
      lane.order('i-1', 'maintenance', { ref, eventAtMs: NOW_MS - 2_000 });
    }
    lane.look();

    expect(lane.sent).toEqual([]);
    expect(lane.row('i-1')?.returns.map(({ ref }) => ref)).toEqual(['e-1', 'e-2', 'e-3']);
  });

  it('is remembered of the latest twenty, even when more are said at once', () => {
    const lane = aPair();
    for (let n = 1; n <= 25; n++) lane.takeBack('i-1', 'maintenance', NOW_MS - 100_000 + n, `e-${n}`);
    lane.look();

    const refs = lane.row('i-1')?.returns.map(({ ref }) => ref) ?? [];
    expect(new Set(refs)).toEqual(new Set(Array.from({ length: 20 }, (_, n) => `e-${n + 6}`)));
  });

  it('is remembered once where all of a cause was taken back later', () => {
    const lane = aPair();
    lane.takeBack('i-1', 'maintenance', NOW_MS - 2_000, 'e-1').look();
    lane.takeBack('i-1', 'maintenance', NOW_MS - 1_000).look();

    expect(lane.row('i-1')?.returns).toEqual([{ cause: 'maintenance', ref: null, atMs: NOW_MS - 1_000 }]);
  });
});
