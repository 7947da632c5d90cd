import { describe, expect, it } from 'vitest';
import { planLane } from '../../../shared/server-groups/plan.ts';
import {
  aBackend,
  aBinding,
  aGroup,
  anInput,
  anInstance,
  aRow,
  GROUP,
  instancesSeen,
  NOW_MS,
} from '../../support/builders.ts';
import { callsOf, ids } from './plan-views.ts';
import type { PlayedLane } from './played-lane.ts';
import { aGroupOf, retired } from './played-lanes.ts';

/** How many could serve: weight above 0, Running, not abnormal. */
function capacityOf(lane: PlayedLane): number {
  return [...lane.list.values()].filter(
    ({ serverId, weight }) =>
      weight > 0 &&
      lane.instances.get(serverId)?.status === 'Running' &&
      lane.health.get(serverId)?.status !== 'abnormal',
  ).length;
}

const heldOf = (lane: PlayedLane) =>
  [...lane.rows.values()].filter(({ held }) => held?.by === 'min-in-service');

describe('minInService', () => {
  it('keeps so many able to serve when all are to leave at once', () => {
    const lane = aGroupOf(10, { guards: { minInService: 4 } });
    for (const id of ids(10)) lane.order(id, 'scale-in');
    lane.look();
    lane.advance(600_000);

    expect(capacityOf(lane)).toBe(4);
    expect(heldOf(lane)).toHaveLength(4);
    expect(heldOf(lane)[0]?.held?.reason).toBe('minInService: at least 4 must stay able to serve');
  });

  it('never lets a group be emptied, since less than one cannot be said', () => {
    const lane = aGroupOf(2);
    lane.order('i-web0001', 'change-request').order('i-web0002', 'change-request').look();
    lane.advance(600_000);

    expect(lane.sent).toEqual(['0s set-weight i-web0001=0', '30s remove i-web0001=0']);
    expect(lane.backend('i-web0002')?.weight).toBe(100);
  });

  it('is the largest of a group’s bindings', () => {
    const lane = aGroupOf(4, { guards: { minInService: 3 } });
    lane.bindings = [...lane.bindings, aBinding({ name: 'other', ports: [{ port: 9, weight: 1 }] })];
    for (const id of ids(4)) lane.order(id, 'change-request');
    lane.look();

    expect(capacityOf(lane)).toBe(3);
  });

  it('says once why it holds a backend, counts it at every look, and looks again within a minute', () => {
    const lane = aGroupOf(1);
    lane.order('i-web0001', 'scale-in').look();
    expect(lane.nextLookMs).toBe(NOW_MS + 60_000);
    lane.advance(600_000);

    expect(lane.decisions.filter(({ action }) => action === 'held')).toHaveLength(1);
    expect(lane.decisions.find(({ action }) => action === 'held')?.inputs).toEqual({
      cause: 'scale-in',
      capacity: 1,
      floor: 1,
      running: 1,
      wereOut: 0,
      mayBeOut: 1,
    });
    expect(lane.counts).toEqual([{ metric: 'backends-held', vServerGroupId: GROUP, value: 1 }]);
  });

  it('lets a held backend go as soon as another has come into service', () => {
    const lane = aGroupOf(1);
    lane.order('i-web0001', 'scale-in').look();
    lane.withInstances(anInstance('i-2')).becomes('i-2', 'Running').look();
    lane.advance(61_000);

    expect(lane.sent).toEqual(['2s add i-2=100', '2s set-weight i-web0001=0', '32s remove i-web0001=0']);
    expect(lane.row('i-web0001')).toMatchObject({ phase: 'removed', held: null });
  });

  it('takes its reason off the record once it does not hold the backend any more', () => {
    const held = {
      by: 'min-in-service',
      reason: 'minInService: at least 1 must stay able to serve',
    } as const;
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 0 })]),
        instances: instancesSeen([retired('i-1')]),
        rows: [aRow('i-1', { phase: 'draining', cause: 'unselected', held })],
      }),
    );

    expect(plan.changes[0]?.row.held).toBeNull();
  });

  it('does not count who cannot serve: at weight 0, stopped, abnormal', () => {
    const lane = aGroupOf(5, { guards: { minInService: 2 } });
    lane
      .meddle('i-web0003', { weight: 0 })
      .withRows(
        aRow('i-web0003', { phase: 'joining', listedAtMs: NOW_MS, decidedAtMs: NOW_MS, dueSinceMs: NOW_MS }),
      );
    lane.bindings = [
      aBinding({ guards: { minInService: 2 }, readiness: 'load-balancer', join: { weight: 0 } }),
    ];
    lane.withInstances(anInstance('i-web0004', { status: 'Stopped' })).withHealth('abnormal', 'i-web0005');
    lane.order('i-web0001', 'change-request').look();
    lane.advance(600_000);

    expect(lane.backend('i-web0001')?.weight).toBe(100);
    expect(lane.row('i-web0001')?.held?.by).toBe('min-in-service');
  });

  it('lets an unhealthy one go though those that serve are no more than the floor', () => {
    const lane = aGroupOf(3, { guards: { minInService: 2 } }).withHealth('abnormal', 'i-web0003');
    lane.order('i-web0003', 'change-request').look();

    expect(lane.sent).toEqual(['0s set-weight i-web0003=0']);
  });

  it('ignores the health checks when every one is unhealthy: they cannot tell then whom to spare', () => {
    const servers = ids(4);
    const lane = aGroupOf(4, { guards: { minInService: 2 } }).withHealth('abnormal', ...servers);
    for (const id of servers) lane.order(id, 'health-alarm');
    lane.look();
    lane.advance(600_000);

    expect([...lane.list.values()].filter(({ weight }) => weight > 0)).toHaveLength(2);
  });

  it('takes out first who will be gone soonest', () => {
    const lane = aGroupOf(3, { guards: { minInService: 2 } });
    lane
      .order('i-web0001', 'change-request')
      .order('i-web0002', 'spot-reclaim', { deadlineAtMs: NOW_MS + 300_000 })
      .order('i-web0003', 'spot-reclaim', { deadlineAtMs: NOW_MS + 120_000 });
    lane.look();

    expect(lane.sent).toEqual(['0s set-weight i-web0003=0']);
  });

  it('holds a configured weight of 0 as well, which would empty the group like a drain', () => {
    const lane = aGroupOf(2);
    lane.bindings = [aBinding({ ports: [{ port: 8080, weight: 0 }] })];
    lane.look();
    lane.advance(600_000);

    expect(capacityOf(lane)).toBe(1);
  });
});

describe('an instance that does not run', () => {
  it('may always go, however little capacity is left', () => {
    const plan = planLane(
      anInput({
        bindings: [aBinding({ guards: { minInService: 5 } })],
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [aRow('i-1'), aRow('i-2')],
        instances: instancesSeen([anInstance('i-1', { status: 'Stopped' }), anInstance('i-2')]),
      }),
    );

    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
  });

  it.each(['Stopping', 'Stopped', 'Starting', 'Pending'] as const)(
    'may go though it is the last of its group (%s)',
    (status) => {
      const lane = aGroupOf(1, { guards: { minInService: 1, maxDisruptionPercent: 1 } });
      lane.becomes('i-web0001', status).look();

      expect(lane.sent).toEqual(['0s set-weight i-web0001=0']);
    },
  );

  it('may go together with all others of its kind, in one call, before anything else', () => {
    const lane = aGroupOf(20, { guards: { minInService: 10, maxDisruptionPercent: 10 } });
    for (const id of ids(15)) lane.becomes(id, 'Stopping');
    lane.order('i-web0016', 'change-request').look();

    expect(lane.sent).toEqual([`0s set-weight ${ids(15).map((id) => `${id}=0`)}`]);
  });

  it('frees no place for a Running one to leave as well', () => {
    const lane = aGroupOf(3, { guards: { minInService: 2 } });
    lane.becomes('i-web0001', 'Stopped').order('i-web0002', 'scale-in').look();
    lane.advance(600_000);

    expect(lane.backend('i-web0002')?.weight).toBe(100);
  });
});

describe('a group found below its floor', () => {
  it('is counted for an alarm while drains of ours are under way in it', () => {
    const lane = aGroupOf(3, { guards: { minInService: 2 } });
    lane.order('i-web0001', 'scale-in').look();
    expect(lane.counts).toEqual([]);
    lane.becomes('i-web0002', 'Stopped').look();

    expect(lane.counts).toContainEqual({ metric: 'capacity-below-floor', vServerGroupId: GROUP, value: 1 });
  });

  it('still gets weight and members', () => {
    const lane = aGroupOf(2, { guards: { minInService: 5 } }).withInstances(anInstance('i-9'));
    lane.meddle('i-web0001', { weight: 3 }).becomes('i-9', 'Running').look();
    lane.advance(10_000);

    expect(lane.weights).toEqual(['i-9=100', 'i-web0001=100', 'i-web0002=100']);
  });
});

describe('maxDisruption', () => {
  it('lets only that share be out at once, and the next wave go when the first is over', () => {
    const lane = aGroupOf(10, { guards: { maxDisruptionPercent: 30 } });
    for (const id of ids(6)) lane.order(id, 'scale-in');
    lane.look();
    const outAtOnce: Array<number> = [];
    for (let second = 0; second < 180; second++) {
      lane.advance(1_000);
      outAtOnce.push([...lane.list.values()].filter(({ weight }) => weight === 0).length);
    }

    expect(Math.max(...outAtOnce)).toBe(3);
    expect(lane.weights).toEqual(ids(4, 7).map((id) => `${id}=100`));
  });

  it('always lets one go', () => {
    const lane = aGroupOf(3, { guards: { maxDisruptionPercent: 1 } });
    lane.order('i-web0001', 'scale-in').order('i-web0002', 'scale-in').look();

    expect(lane.sent).toEqual(['0s set-weight i-web0001=0']);
    expect(lane.row('i-web0002')?.held?.reason).toBe('maxDisruption: at most 1 of 3 may be out at once');
  });

  it('is the smallest of a group’s bindings', () => {
    const lane = aGroupOf(10, { guards: { maxDisruptionPercent: 100 } });
    const guards = { maxDisruptionPercent: 20 };
    lane.bindings = [...lane.bindings, aBinding({ name: 'other', ports: [{ port: 9, weight: 1 }], guards })];
    for (const id of ids(10)) lane.order(id, 'scale-in');
    lane.look();

    expect(capacityOf(lane)).toBe(8);
  });

  it('counts nobody as out by our doing who is at weight 0 by somebody else’s', () => {
    const lane = aGroupOf(4, { guards: { maxDisruptionPercent: 25 } });
    lane
      .withInstances(anInstance('i-9', { tags: {} }))
      .withBackends(aBackend('i-9', { description: 'by hand', weight: 0 }))
      .order('i-web0001', 'scale-in')
      .look();

    expect(lane.sent).toEqual(['0s set-weight i-web0001=0']);
  });
});
