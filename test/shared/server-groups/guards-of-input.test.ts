import { describe, expect, it } from 'vitest';
import { planLane } from '../../../shared/server-groups/plan.ts';
import {
  aBackend,
  aBinding,
  anInput,
  anInstance,
  aRow,
  GROUP,
  instancesSeen,
  LIMITS,
  NOW_MS,
} from '../../support/builders.ts';
import { ids } from './plan-views.ts';
import { PlayedLane } from './played-lane.ts';
import { aGroupOf, retired } from './played-lanes.ts';

const heldOf = (lane: PlayedLane) => [...lane.rows.values()].filter(({ held }) => held?.by === 'unsure');

describe('an observation that proves nothing', () => {
  it('takes nobody out: ECS lists none of them at first', () => {
    const lane = aGroupOf(5);
    lane.instances.clear();
    lane.look();
    lane.advance(59_999);

    expect(lane.sent).toEqual([]);
    expect(lane.nextLookMs).toBe(NOW_MS + 60_000);
  });

  it('takes nobody out either when every second one is missing from one answer', () => {
    const lane = aGroupOf(6);
    const all = [...lane.instances.values()];
    for (const { instanceId } of all.filter((_, index) => index % 2 === 0)) lane.instances.delete(instanceId);
    lane.look();
    lane
      .advance(30_000)
      .withInstances(...all)
      .look();
    lane.advance(600_000);

    expect(lane.sent).toEqual([]);
    expect([...lane.rows.values()].map(({ absentSinceMs }) => absentSinceMs)).toEqual(Array(6).fill(null));
  });

  it('begins the minute anew for whoever was listed in between', () => {
    const lane = aGroupOf(2);
    const gone = lane.instances.get('i-web0001') ?? anInstance('i-web0001');
    lane.instances.delete('i-web0001');
    lane.look();
    lane.advance(50_000).withInstances(gone).look();
    lane.advance(5_000);
    lane.instances.delete('i-web0001');
    lane.look();
    lane.advance(59_000);

    expect(lane.sent).toEqual([]);
  });

  it('of an empty group takes no record for a wish to empty it: what is missing is added again', () => {
    const lane = aGroupOf(3);
    lane.list.clear();
    lane.look();
    lane.advance(10_000);

    expect(lane.sent).toEqual(['2s add i-web0001=100,i-web0002=100,i-web0003=100']);
  });
});

describe('a selector that suddenly matches nothing', () => {
  it('is not believed: nobody leaves for it, now or at any later look', () => {
    const lane = aGroupOf(4);
    lane.withInstances(...ids(4).map(retired)).look();
    lane.advance(3_600_000);

    expect(lane.sent).toEqual([]);
    expect(heldOf(lane).map(({ held }) => held?.reason)).toEqual(
      Array(4).fill('unsure: the selector of web matches none of the instances that serve'),
    );
    expect(lane.counts).toContainEqual({ metric: 'selectors-unsure', vServerGroupId: GROUP, value: 1 });
  });

  it('is not believed of a binding whose configuration was changed to match nothing either', () => {
    const lane = aGroupOf(3);
    lane.bindings = [aBinding({ selector: { kind: 'tags', tags: { role: 'wbe' } } })];
    lane.look();
    lane.advance(600_000);

    expect(lane.sent).toEqual([]);
  });

  it('is not believed when it drops more than its share at once, and those that it drops stay', () => {
    const lane = aGroupOf(10, { guards: { maxUnselectedPercent: 50 } });
    lane.withInstances(...ids(6).map(retired)).look();
    lane.advance(3_600_000);

    expect(lane.sent).toEqual([]);
    expect(heldOf(lane).map(({ held }) => held?.reason)).toEqual(
      Array(6).fill(
        'unsure: the selector of web drops 6 of the 10 instances that serve, more than 50 % (maxUnselected)',
      ),
    );
  });

  it('is believed when it drops as much as it may, and when it drops a handful of few', () => {
    const half = aGroupOf(10, { guards: { maxUnselectedPercent: 50 } });
    half.withInstances(...ids(5).map(retired)).look();
    half.advance(3_600_000);
    expect(half.list.size).toBe(5);

    const few = aGroupOf(5, { guards: { maxUnselectedPercent: 1 } });
    few.withInstances(...ids(4).map(retired)).look();
    few.advance(3_600_000);
    expect(few.list.size).toBe(1);
  });

  it('brings everybody back without a call when the tags are back', () => {
    const lane = aGroupOf(4);
    lane.withInstances(...ids(4).map(retired)).look();
    lane.advance(120_000).withInstances(...ids(4).map((id) => anInstance(id)));
    lane.advance(60_000);

    expect(lane.sent).toEqual([]);
    expect([...lane.rows.values()].map(({ phase, held }) => [phase, held])).toEqual(
      Array(4).fill(['in-service', null]),
    );
  });

  it.each([
    ['has joined and is still to prove itself', 1, { phase: 'joining', listedAtMs: NOW_MS }],
    ['has stopped and runs again before its weight was taken', 100, { phase: 'draining', cause: 'stopped' }],
    ['was removed and is back with our mark', 100, { phase: 'removed', cause: 'maintenance' }],
    ['has our mark and no record', 100, null],
  ] as const)('takes the weight of nobody who %s either', (_what, weight, row) => {
    const servers = ['i-1', 'i-2'];
    const lane = new PlayedLane(aBinding({ readiness: 'load-balancer', join: { weight: 1 } }))
      .withInstances(...servers.map(retired))
      .withBackends(...servers.map((id) => aBackend(id, { weight })));
    if (row !== null) lane.withRows(...servers.map((id) => aRow(id, { confirmedWeight: null, ...row })));
    lane.look();
    lane.advance(600_000);

    expect(lane.sent).toEqual([]);
    expect(heldOf(lane)).toHaveLength(2);
    expect(lane.counts).toContainEqual({ metric: 'selectors-unsure', vServerGroupId: GROUP, value: 1 });
  });

  it('is nothing to see to where only somebody else’s servers are', () => {
    const lane = new PlayedLane()
      .withInstances(retired('i-1'))
      .withBackends(aBackend('i-1', { description: 'by hand' }));
    lane.look();

    expect(lane.counts).toEqual([]);
  });

  it('is believed as long as it matches one of them', () => {
    const lane = aGroupOf(4);
    lane.withInstances(...ids(3).map(retired)).look();
    lane.advance(600_000);

    expect(lane.weights).toEqual(['i-web0004=100']);
  });

  it('does not keep who leaves for another reason', () => {
    const lane = aGroupOf(4);
    lane.withInstances(...ids(4).map(retired)).order('i-web0001', 'spot-reclaim');
    lane.becomes('i-web0002', 'Stopped').look();

    expect(lane.sent).toEqual(['0s set-weight i-web0002=0,i-web0001=0']);
  });

  it('does not make another binding of the group unsure', () => {
    const lane = aGroupOf(2);
    const other = { port: 9090, description: 'slb-autopilot/other' };
    lane.bindings = [
      ...lane.bindings,
      aBinding({
        name: 'other',
        ports: [{ port: 9090, weight: 100 }],
        selector: { kind: 'tags', tags: { tier: 'b' } },
      }),
    ];
    lane
      .withInstances(...ids(2).map(retired), anInstance('i-b1', { tags: { tier: 'b' } }), anInstance('i-b2'))
      .withBackends(aBackend('i-b1', other), aBackend('i-b2', other))
      .withRows(
        aRow('i-b1', { port: 9090, binding: 'other' }),
        aRow('i-b2', { port: 9090, binding: 'other' }),
      );
    lane.look();

    expect(lane.sent).toEqual(['0s set-weight i-b2=0']);
  });

  it('keeps nobody whose binding is no more, and whose port no other names', () => {
    const lane = aGroupOf(2);
    lane.bindings = [aBinding({ name: 'other', ports: [{ port: 9090, weight: 100 }] })];
    lane.look();

    expect(lane.sent[0]).toBe('0s set-weight i-web0001=0');
  });
});

describe('the quota of the load balancer', () => {
  const withQuota = (lane: PlayedLane, backendsPerLoadBalancer: number) => {
    lane.overrides = { limits: { ...LIMITS, backendsPerLoadBalancer } };
    return lane;
  };

  it('lets in who has waited longest, and holds the others with the reason', () => {
    const lane = withQuota(aGroupOf(3), 4).withInstances(anInstance('i-a'), anInstance('i-b'));
    lane.becomes('i-b', 'Running').look();
    lane.advance(1_000).becomes('i-a', 'Running').look();
    lane.advance(600_000);

    expect(lane.sent).toEqual(['2s add i-b=100']);
    expect(lane.row('i-a')?.held).toEqual({
      by: 'quota',
      reason:
        'quota: the load balancer takes 4 backends over all its groups and has 3, so that 1 of 2 can join',
    });
    expect(lane.decisions.filter(({ action }) => action === 'held')).toHaveLength(1);
    expect(lane.counts).toContainEqual({ metric: 'backends-held', vServerGroupId: GROUP, value: 1 });
  });

  it('lets the next in, within a minute, when somebody has left', () => {
    const lane = withQuota(aGroupOf(3), 3).withInstances(anInstance('i-a'));
    lane.becomes('i-a', 'Running').look();
    lane.advance(10_000).becomes('i-web0001', 'Stopped').look();
    lane.advance(31_000 + 60_000);

    expect(lane.weights).toEqual(['i-a=100', 'i-web0002=100', 'i-web0003=100']);
    expect(lane.row('i-a')?.held).toBeNull();
  });

  it('counts the backends of all groups, ours or not', () => {
    const plan = planLane(
      anInput({
        loadBalancer: { ...anInput().loadBalancer, backendCount: 200 },
        instances: instancesSeen([anInstance('i-1')]),
        rows: [aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS - 5_000, decidedAtMs: NOW_MS })],
      }),
    );

    expect(plan.steps).toEqual([]);
    expect(plan.changes[0]?.row.held?.by).toBe('quota');
  });

  it('is shared by the groups of one plan', () => {
    const other = 'rsp-bp1other00001';
    const lane = withQuota(new PlayedLane(aBinding(), aBinding({ name: 'other', vServerGroupId: other })), 3);
    lane.withInstances(anInstance('i-1'), anInstance('i-2'));
    lane.becomes('i-1', 'Running').becomes('i-2', 'Running').look();
    lane.advance(600_000);

    expect(lane.list.size).toBe(3);
  });

  it('does not keep anybody from leaving', () => {
    const lane = withQuota(aGroupOf(3), 2);
    lane.becomes('i-web0001', 'Stopped').look();
    lane.advance(60_000);

    expect(lane.list.size).toBe(2);
  });
});
