import { describe, expect, it } from 'vitest';
import { planLane } from '../../../../shared/server-groups/plan.ts';
import {
  aBackend,
  aBinding,
  aGroup,
  anInput,
  anInstance,
  aRow,
  aSignal,
  GROUP,
  instancesSeen,
  NOW_MS,
} from '../../../support/builders.ts';
import { callsOf, rowsOf } from '../plan-views.ts';
import { aDrain } from '../played-lanes.ts';

describe('a drain', () => {
  it('takes the weight of a stopping instance at once, though it is the last in the group', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1')]),
        rows: [aRow('i-1')],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopping' })]),
        signals: [aSignal('i-1', 'Stopping')],
      }),
    );

    expect(rowsOf(plan)).toEqual(['put i-1 draining']);
    expect(plan.changes[0]?.row).toMatchObject({ cause: 'stopped', generation: 2, weightZeroAtMs: null });
    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
  });

  it('counts its time from the first observation of weight 0 and removes at its end, not before', () => {
    const stopped = instancesSeen([anInstance('i-1', { status: 'Stopped' }), anInstance('i-2')]);
    const group = aGroup([aBackend('i-1', { weight: 0 }), aBackend('i-2')]);
    const draining = aRow('i-1', { phase: 'draining', cause: 'stopped', generation: 2 });
    const others = { group, instances: stopped };

    const first = planLane(anInput({ ...others, rows: [draining, aRow('i-2')] }));
    expect(first.changes[0]?.row.weightZeroAtMs).toBe(NOW_MS);
    expect(first).toMatchObject({ steps: [], nextLookMs: NOW_MS + 30_000 });

    const zeroed = { ...draining, weightZeroAtMs: NOW_MS - 29_999 };
    expect(planLane(anInput({ ...others, rows: [zeroed, aRow('i-2')] })).steps).toEqual([]);
    const due = { ...draining, weightZeroAtMs: NOW_MS - 30_000 };
    expect(callsOf(planLane(anInput({ ...others, rows: [due, aRow('i-2')] })))).toEqual(['remove i-1=0']);
  });

  it('keeps the mark in every Set', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { description: 'slb-autopilot/old' })]),
        rows: [aRow('i-1', { binding: 'old' })],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopped' })]),
      }),
    );

    expect(plan.steps[0]?.backends[0]).toMatchObject({ weight: 0, description: 'slb-autopilot/web' });
  });

  it('lasts as long as its own binding says', () => {
    const lane = aDrain({ drain: { timeMs: 95_000 } });
    lane.bindings = [
      ...lane.bindings,
      aBinding({ name: 'other', ports: [{ port: 9090, weight: 100 }], drain: { timeMs: 5_000 } }),
    ];
    const second = { port: 9090, description: 'slb-autopilot/other' };
    lane.withBackends(aBackend('i-1', second)).withRows(aRow('i-1', { ...second, binding: 'other' }));
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(120_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0,i-1=0', '5s remove i-1=0', '95s remove i-1=0']);
  });

  it('gives the weight back when the instance is Running again', () => {
    const lane = aDrain();
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(10_000).becomes('i-1', 'Running').look();
    lane.advance(60_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '12s set-weight i-1=100']);
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', generation: 3, cause: null });
  });

  it('forgets a backend once the group does not list it', () => {
    const plan = planLane(
      anInput({
        rows: [aRow('i-1', { phase: 'draining', cause: 'stopped', weightZeroAtMs: NOW_MS - 60_000 })],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopped' })]),
      }),
    );

    expect(rowsOf(plan)).toEqual(['delete i-1 draining']);
    expect(plan.departed).toEqual(['i-1']);
  });

  it('keeps an instance in the index while another group of the lane has a record of it', () => {
    const admin = 'rsp-bp1admin00001';
    const plan = planLane(
      anInput({
        bindings: [aBinding(), aBinding({ name: 'admin', vServerGroupId: admin })],
        groups: new Map([
          [GROUP, aGroup([])],
          [admin, aGroup([aBackend('i-1', { vServerGroupId: admin, weight: 0 })], { vServerGroupId: admin })],
        ]),
        rows: [
          aRow('i-1', { phase: 'draining', cause: 'stopped', weightZeroAtMs: NOW_MS }),
          aRow('i-1', { vServerGroupId: admin, phase: 'draining', cause: 'stopped', weightZeroAtMs: NOW_MS }),
        ],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopped' })]),
      }),
    );

    expect(plan.departed).toEqual([]);
  });

  it('of a backend whose binding is no more is over as soon as it is at weight 0', () => {
    const lane = aDrain({
      name: 'other',
      ports: [{ port: 9090, weight: 100 }],
      guards: { maxDisruptionPercent: 34 },
    });
    lane.look();

    expect(lane.sent.slice(0, 2)).toEqual(['0s set-weight i-0=0', '0s remove i-0=0']);
  });
});

describe('the end of a drain', () => {
  it.each([
    ['is shortened by a deadline, with a margin for a refused call', 35_000, 30_000, '20s'],
    ['is not put off by a deadline that is further away', 3_600_000, 30_000, '30s'],
    ['comes at once when the deadline has passed', -1_000, 30_000, '0s'],
    ['comes at weight 0 when the deadline is nearer than the margin', 5_000, 30_000, '0s'],
    ['needs no time where there is none', 3_600_000, 0, '0s'],
  ])('%s', (_what, deadlineInMs, timeMs, at) => {
    const lane = aDrain({ drain: { timeMs } });
    lane.order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + deadlineInMs }).look();
    lane.advance(120_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', `${at} remove i-1=0`]);
  });

  it('comes with an earlier deadline that is heard of later, and not with a later one', () => {
    const lane = aDrain({ drain: { timeMs: 300_000 } });
    lane.order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + 200_000 }).look();
    lane
      .advance(1_000)
      .order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + 100_000 })
      .look();
    lane
      .advance(1_000)
      .order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + 290_000 })
      .look();
    lane.advance(1_000).order('i-1', 'spot-reclaim').look();
    lane.advance(300_000);

    expect(lane.sent[1]).toBe('85s remove i-1=0');
  });

  it('comes early when the instance is released, since nobody is served by it any more', () => {
    const lane = aDrain({ drain: { timeMs: 600_000 } });
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(10_000);
    lane.instances.delete('i-1');
    lane.hear('i-1', { kind: 'state', state: 'Deleted' }).look();

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '10s remove i-1=0']);
    expect(lane.row('i-1')).toBeUndefined();
  });

  it('does not come early because one answer does not list the instance', () => {
    const lane = aDrain({ drain: { timeMs: 600_000 } });
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(10_000);
    lane.instances.delete('i-1');
    lane.look();
    lane.advance(59_000);
    expect(lane.sent).toHaveLength(1);

    lane.advance(1_000);
    expect(lane.sent[1]).toBe('70s remove i-1=0');
  });
});
