import { describe, expect, it } from 'vitest';
import type { OrderCause } from '../../../../shared/acceptance/model.ts';
import { aBackend, aBinding, anInstance, aRow, NOW_MS } from '../../../support/builders.ts';
import { anExile, aPair } from '../played-lanes.ts';

const CAUSES: ReadonlyArray<OrderCause> = [
  'scale-in',
  'spot-reclaim',
  'maintenance',
  'change-request',
  'health-alarm',
];

describe('an order to leave', () => {
  it.each(CAUSES)('takes a Running instance to weight 0 at once: %s', (cause) => {
    const lane = aPair();
    lane.order('i-1', cause).look();

    expect(lane.sent).toEqual(['0s set-weight i-1=0']);
    expect(lane.row('i-1')).toMatchObject({ phase: 'draining', cause, generation: 2 });
  });

  it.each(CAUSES.filter((cause) => cause !== 'health-alarm'))(
    'keeps it out, though it stays Running and selected, and its Running events come again: %s',
    (cause) => {
      const lane = anExile(cause);
      lane.becomes('i-1', 'Running').look();
      lane.advance(86_400_000);

      expect(lane.sent).toEqual(['0s set-weight i-1=0', '30s remove i-1=0']);
      expect(lane.row('i-1')).toMatchObject({ phase: 'removed', cause });
    },
  );

  it.each(['scale-in', 'spot-reclaim', 'maintenance', 'change-request'] as const)(
    'is remembered for an instance that is not in the group: %s',
    (cause) => {
      const lane = aPair().withInstances(anInstance('i-2'));
      lane.order('i-2', cause).look();
      lane.advance(5_000).becomes('i-2', 'Running').look();
      lane.advance(600_000);

      expect(lane.sent).toEqual([]);
      expect(lane.row('i-2')).toMatchObject({ phase: 'removed', cause });
      expect(lane.decisions.map(({ action }) => action)).toEqual(['kept-out']);
    },
  );

  it('is remembered for an instance that ECS does not list yet', () => {
    const lane = aPair();
    lane.order('i-2', 'scale-in').look();
    lane.advance(5_000).withInstances(anInstance('i-2')).becomes('i-2', 'Running').look();
    lane.advance(600_000);

    expect(lane.sent).toEqual([]);
    expect(lane.row('i-2')).toMatchObject({ phase: 'removed', orders: [{ cause: 'scale-in' }] });
  });

  it('is not remembered longer than the instance exists', () => {
    const lane = aPair().withInstances(anInstance('i-2'));
    lane.order('i-2', 'spot-reclaim').look();
    lane.advance(5_000);
    lane.instances.delete('i-2');
    lane.hear('i-2', { kind: 'state', state: 'Deleted' }).look();

    expect(lane.row('i-2')).toBeUndefined();
  });

  it('for an instance that is released already is nothing to remember, and nothing to go round in circles about', () => {
    const lane = aPair();
    lane.hear('i-2', { kind: 'state', state: 'Deleted' }).order('i-2', 'spot-reclaim').look();

    expect([lane.row('i-2'), lane.decisions, lane.signals]).toEqual([undefined, [], []]);
  });

  it('cancels a join that has not been sent', () => {
    const lane = aPair().withInstances(anInstance('i-2'));
    lane.becomes('i-2', 'Running').look();
    lane.advance(1_000).order('i-2', 'scale-in').look();
    lane.advance(600_000);

    expect(lane.sent).toEqual([]);
    expect(lane.row('i-2')).toMatchObject({ phase: 'removed', cause: 'scale-in', generation: 2 });
  });

  it('is remembered while the group cannot be worked on, for whoever is in it too', () => {
    const lane = aPair();
    lane.loadBalancer = { ...lane.loadBalancer, status: 'locked' };
    lane.order('i-1', 'spot-reclaim').look();
    expect(lane.sent).toEqual([]);
    expect(lane.signals).toEqual([]);

    lane.loadBalancer = { ...lane.loadBalancer, status: 'active' };
    lane.advance(60_000);
    expect(lane.sent).toEqual(['60s set-weight i-1=0']);
  });

  it('applies to every group of the instance', () => {
    const other = 'rsp-bp1other00001';
    const lane = aPair();
    lane.bindings = [...lane.bindings, aBinding({ name: 'other', vServerGroupId: other })];
    lane
      .withBackends(
        aBackend('i-0', { vServerGroupId: other, description: 'slb-autopilot/other' }),
        aBackend('i-1', { vServerGroupId: other, description: 'slb-autopilot/other' }),
      )
      .withRows(
        aRow('i-0', { vServerGroupId: other, binding: 'other' }),
        aRow('i-1', { vServerGroupId: other, binding: 'other' }),
      );
    lane.order('i-1', 'change-request').look();

    expect([lane.backend('i-1')?.weight, lane.backend('i-1', other)?.weight]).toEqual([0, 0]);
  });
});

describe('an order with an end', () => {
  it('ends by itself, at a look that the lane asked for itself', () => {
    const lane = aPair();
    lane.order('i-1', 'change-request', { untilMs: NOW_MS + 600_000 }).look();
    lane.advance(599_000);
    expect(lane.backend('i-1')).toBeUndefined();

    lane.advance(10_000);
    expect(lane.weights).toContain('i-1=100');
  });

  it('that has passed already takes nothing out', () => {
    const lane = aPair();
    lane.order('i-1', 'change-request', { untilMs: NOW_MS - 1, eventAtMs: NOW_MS - 10_000 }).look();

    expect(lane.sent).toEqual([]);
  });

  it('is renewed by a later order of its kind', () => {
    const lane = aPair();
    lane.order('i-1', 'change-request', { untilMs: NOW_MS + 100_000 }).look();
    lane
      .advance(50_000)
      .order('i-1', 'change-request', { untilMs: NOW_MS + 900_000 })
      .look();
    lane.advance(800_000);

    expect(lane.backend('i-1')).toBeUndefined();
  });
});

describe('two orders for one instance', () => {
  it.each([
    ['said one after the other', false],
    ['in one batch, the weaker one later', true],
  ])('a weaker one never hides a stronger one: %s', (_what, isOneBatch) => {
    const lane = aPair();
    lane.order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + 25_000, eventAtMs: NOW_MS - 2 });
    if (!isOneBatch) lane.look();
    lane.order('i-1', 'health-alarm', { eventAtMs: NOW_MS - 1 }).look();
    lane.advance(3_600_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '10s remove i-1=0']);
    expect(lane.row('i-1')?.orders[0]?.cause).toBe('spot-reclaim');
  });

  it('a stronger one takes over from a weaker one, with its deadline', () => {
    const lane = aPair({ drain: { timeMs: 300_000 } });
    lane.order('i-1', 'change-request').look();
    lane
      .advance(10_000)
      .order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + 115_000 })
      .look();
    lane.advance(300_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '100s remove i-1=0']);
    expect(lane.row('i-1')).toMatchObject({ cause: 'spot-reclaim', generation: 2 });
  });
});

describe('an order behind a stronger one', () => {
  it('is still there when the stronger one is taken back: a rollback undoes no person’s request', () => {
    const lane = aPair();
    lane.order('i-1', 'change-request').look();
    lane.advance(1_000).order('i-1', 'scale-in').look();
    lane.advance(60_000).takeBack('i-1', 'scale-in').look();
    lane.advance(60_000);

    expect(lane.backend('i-1')).toBeUndefined();
    expect(lane.row('i-1')?.orders.map(({ cause }) => cause)).toEqual(['change-request']);

    lane.takeBack('i-1', 'change-request').look();
    lane.advance(10_000);
    expect(lane.backend('i-1')?.weight).toBe(100);
  });
});

describe('messages that arrive in another order than things happened', () => {
  it('leave the later of two orders of one kind in force', () => {
    const lane = aPair();
    lane
      .order('i-1', 'change-request', { untilMs: NOW_MS + 900_000, eventAtMs: NOW_MS - 1_000 })
      .order('i-1', 'change-request', { untilMs: NOW_MS + 100_000, eventAtMs: NOW_MS - 9_000 })
      .look();

    expect(lane.row('i-1')?.orders[0]?.untilMs).toBe(NOW_MS + 900_000);
  });

  it('do not put a join off for a stop that happened before the start', () => {
    const lane = aPair().withInstances(anInstance('i-2'));
    lane
      .hear('i-2', { kind: 'state', state: 'Running' }, { eventAtMs: NOW_MS - 4_000 })
      .hear('i-2', { kind: 'state', state: 'Stopped' }, { eventAtMs: NOW_MS - 9_000 })
      .look();
    lane.advance(2_000);

    expect(lane.sent).toEqual(['2s add i-2=100']);
  });

  it('put it off for a stop that happened after the start', () => {
    const lane = aPair().withInstances(anInstance('i-2'));
    lane
      .hear('i-2', { kind: 'state', state: 'Stopped' }, { eventAtMs: NOW_MS - 4_000 })
      .hear('i-2', { kind: 'state', state: 'Running' }, { eventAtMs: NOW_MS - 9_000 })
      .look();
    lane.advance(2_000);

    expect(lane.sent).toEqual([]);
  });
});
