import { describe, expect, it } from 'vitest';
import { planLane } from '../../../shared/server-groups/plan.ts';
import {
  aBackend,
  aBinding,
  aGroup,
  aLoadBalancer,
  anInput,
  anInstance,
  aRow,
  aSignal,
  GROUP,
  instancesSeen,
  NOW_MS,
  TIMING,
} from '../../support/builders.ts';
import { callsOf, rowsOf } from './plan-views.ts';
import { PlayedLane } from './played-lane.ts';

describe('an instance that ECS does not list', () => {
  it('is gone with a Deleted event, and drained', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [aRow('i-1'), aRow('i-2')],
        instances: instancesSeen([anInstance('i-2')], ['i-1']),
        signals: [aSignal('i-1', 'Deleted')],
      }),
    );

    expect(plan.changes[0]?.row).toMatchObject({
      phase: 'draining',
      cause: 'released',
      hasDeletedEvent: true,
    });
    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
    expect(plan.settledKeys).toEqual(['event-i-1-Deleted']);
  });

  it('is not gone with a Deleted event as long as ECS lists it', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1')]),
        rows: [aRow('i-1')],
        instances: instancesSeen([anInstance('i-1')]),
        signals: [aSignal('i-1', 'Deleted')],
      }),
    );

    expect(plan).toMatchObject({ steps: [], settledKeys: [], nextLookMs: NOW_MS + 5_000 });
  });

  it('is not proven gone by one answer: nothing is taken out, and it is looked for again a minute later', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [aRow('i-1'), aRow('i-2')],
        instances: instancesSeen([anInstance('i-2')], ['i-1']),
      }),
    );

    expect(plan.steps).toEqual([]);
    expect(plan.changes[0]?.row).toMatchObject({ phase: 'in-service', absentSinceMs: NOW_MS });
    expect(plan.nextLookMs).toBe(NOW_MS + 60_000);
  });

  it('is gone after two answers a minute apart', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1'), aBackend('i-2')]),
        rows: [aRow('i-1', { absentSinceMs: NOW_MS - 60_000 }), aRow('i-2')],
        instances: instancesSeen([anInstance('i-2')], ['i-1']),
      }),
    );

    expect(callsOf(plan)).toEqual(['set-weight i-1=0']);
  });

  it('is no stranger of ours: an unrecorded, unmarked backend of an unknown server stays', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-9', { description: 'by hand' })]),
        instances: instancesSeen([], ['i-9']),
      }),
    );

    expect(plan).toMatchObject({ changes: [], steps: [], nextLookMs: null });
  });
});

describe('a group that cannot be worked on', () => {
  it('is held, alone, when it does not exist', () => {
    const other = 'rsp-bp1other00001';
    const plan = planLane(
      anInput({
        bindings: [aBinding(), aBinding({ name: 'other', vServerGroupId: other })],
        groups: new Map([
          [GROUP, null],
          [other, aGroup([], { vServerGroupId: other })],
        ]),
        instances: instancesSeen([anInstance('i-1')]),
        signals: [aSignal('i-1', 'Running')],
        timing: { ...TIMING, gatherMs: 0 },
      }),
    );

    expect(plan.steps.map(({ vServerGroupId }) => vServerGroupId)).toEqual([other]);
    expect(plan.counts).toEqual([{ metric: 'backends-held', vServerGroupId: GROUP, value: 1 }]);
  });

  it.each([
    [
      'belongs to another load balancer',
      { group: aGroup([aBackend('i-2')], { loadBalancerId: 'lb-other' }) },
    ],
    [
      'stands behind a locked load balancer',
      { group: aGroup([aBackend('i-2')]), loadBalancer: aLoadBalancer({ status: 'locked' }) },
    ],
  ])('is held when it %s', (_why, held) => {
    const plan = planLane(
      anInput({
        ...held,
        rows: [aRow('i-2')],
        signals: [aSignal('i-1', 'Running')],
        instances: instancesSeen([anInstance('i-1'), anInstance('i-2', { status: 'Stopped' })]),
        timing: { ...TIMING, gatherMs: 0 },
      }),
    );

    expect(plan).toMatchObject({ steps: [], nextLookMs: NOW_MS + 60_000 });
    expect(rowsOf(plan)).toEqual(['put i-1 joining']);
  });

  it('does not make a join forgotten whose signal is: it begins when the group is back', () => {
    const seen = { instances: instancesSeen([anInstance('i-1')]) };
    const missing = planLane(anInput({ ...seen, group: null, signals: [aSignal('i-1', 'Running')] }));
    const rows = missing.changes.map(({ row }) => row);

    expect(missing).toMatchObject({
      steps: [],
      settledKeys: ['event-i-1-Running'],
      nextLookMs: NOW_MS + 60_000,
    });
    expect(rows).toMatchObject([
      { phase: 'joining', held: { by: 'group', reason: 'the vServer group does not exist' } },
    ]);
    expect(callsOf(planLane(anInput({ ...seen, rows, nowMs: NOW_MS + 60_000 })))).toEqual(['add i-1=100']);
  });

  it('does not make a Deleted event forgotten: the released one leaves as soon as it can', () => {
    const lane = new PlayedLane()
      .withInstances(anInstance('i-0'))
      .withBackends(aBackend('i-0'), aBackend('i-1'))
      .withRows(aRow('i-0'), aRow('i-1'));
    lane.loadBalancer = aLoadBalancer({ status: 'locked' });
    lane.hear('i-1', { kind: 'state', state: 'Deleted' }).look();
    lane.loadBalancer = aLoadBalancer();
    lane.nowMs += 1_000;
    lane.look();

    expect(lane.weights).toEqual(['i-0=100']);
  });

  it('takes no record for gone: whoever was in service is so when the group is back', () => {
    const lane = new PlayedLane()
      .withInstances(anInstance('i-0'))
      .withBackends(aBackend('i-0'))
      .withRows(aRow('i-0'));
    lane.overrides = { groups: new Map([[GROUP, null]]) };
    lane.look();
    lane.overrides = {};
    lane.advance(120_000).look();

    expect([lane.sent, lane.row('i-0')?.generation]).toEqual([[], 1]);
  });
});

describe('what is not ours to judge', () => {
  it('stays: a marked network interface, about which ECS was not asked', () => {
    const group = aGroup([aBackend('eni-1', { serverIp: '10.0.0.1' })]);

    expect(planLane(anInput({ group }))).toMatchObject({ changes: [], steps: [] });
  });

  it('stays: what somebody added with a Description of their own while our join was waiting', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 5, description: 'by hand' })]),
        instances: instancesSeen([anInstance('i-1')]),
        rows: [
          aRow('i-1', {
            phase: 'joining',
            dueSinceMs: NOW_MS,
            decidedAtMs: NOW_MS,
            notBeforeMs: NOW_MS + 50_000,
          }),
        ],
      }),
    );

    expect(plan.steps).toEqual([]);
    expect(rowsOf(plan)).toEqual(['delete i-1 joining']);
  });
});

describe('a signal', () => {
  it.each([
    ['Running', 'Starting', 5_000],
    ['Stopping', 'Running', 5_000],
    ['Deleted', 'Stopped', 5_000],
  ] as const)('that says %s while ECS shows %s waits and is looked at again', (state, status, afterMs) => {
    const plan = planLane(
      anInput({
        instances: instancesSeen([anInstance('i-1', { status })]),
        signals: [aSignal('i-1', state)],
      }),
    );

    expect(plan.settledKeys).toEqual([]);
    expect(plan.nextLookMs).toBe(NOW_MS + afterMs);
  });

  it('is looked at after 5, 15 and 60 seconds and then left to the full comparison with a reason', () => {
    const early = (ageMs: number) =>
      planLane(
        anInput({
          instances: instancesSeen([anInstance('i-1', { status: 'Starting' })]),
          signals: [aSignal('i-1', 'Running', { acceptedAtMs: NOW_MS - ageMs })],
        }),
      );

    expect([0, 5_000, 15_000].map((ageMs) => (early(ageMs).nextLookMs ?? 0) - NOW_MS + ageMs)).toEqual([
      5_000, 15_000, 60_000,
    ]);
    expect(early(60_000)).toMatchObject({
      settledKeys: ['event-i-1-Running'],
      decisions: [
        { action: 'signal-given-up', subject: 'lane:lb-bp1orders0001' },
        { action: 'signal-given-up', subject: 'instance:i-1' },
      ],
    });
  });

  it('of an order, or of its end, is settled at once: the record remembers it', () => {
    const lane = new PlayedLane().withInstances(anInstance('i-1'));
    lane.order('i-1', 'scale-in').takeBack('i-1', 'maintenance');

    expect(planLane(lane.input()).settledKeys).toHaveLength(2);
  });
});
