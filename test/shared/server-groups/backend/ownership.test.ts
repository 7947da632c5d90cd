import { describe, expect, it } from 'vitest';
import { planLane } from '../../../../shared/server-groups/plan.ts';
import {
  aBackend,
  aGroup,
  anInput,
  anInstance,
  aRow,
  GROUP,
  instancesSeen,
  NOW_MS,
  TIMING,
} from '../../../support/builders.ts';
import { callsOf, rowsOf } from '../plan-views.ts';
import type { PlayedLane } from '../played-lane.ts';
import { aJoin, aPair } from '../played-lanes.ts';

describe('a backend that differs from its record', () => {
  it('is corrected: weight and mark, in one call', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 40 }), aBackend('i-2', { description: '' })]),
        rows: [aRow('i-1'), aRow('i-2')],
        instances: instancesSeen([anInstance('i-1'), anInstance('i-2')]),
        timing: { ...TIMING, gatherMs: 0 },
      }),
    );

    expect(callsOf(plan)).toEqual(['set-weight i-1=100,i-2=100']);
  });

  it('joins again, in a new generation, when it vanished from the group', () => {
    const plan = planLane(
      anInput({
        rows: [aRow('i-1')],
        instances: instancesSeen([anInstance('i-1')]),
        timing: { ...TIMING, gatherMs: 0 },
      }),
    );

    expect(plan.changes[0]?.row).toMatchObject({ phase: 'joining', generation: 2 });
    expect(callsOf(plan)).toEqual(['add i-1=100']);
  });

  it('is found again by our mark when the record was lost', () => {
    const plan = planLane(
      anInput({ group: aGroup([aBackend('i-1')]), instances: instancesSeen([anInstance('i-1')]) }),
    );

    expect(rowsOf(plan)).toEqual(['put i-1 in-service']);
    expect(plan.steps).toEqual([]);
  });

  it('is not taken for a lost record while a removal of ours may not yet show', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 0 })]),
        instances: instancesSeen([anInstance('i-1')]),
        notes: { verifyAtMs: null, writtenAtMs: { [GROUP]: NOW_MS - 1_000 }, writableAtMs: {}, failures: 0 },
      }),
    );

    expect(plan).toMatchObject({ changes: [], steps: [], nextLookMs: NOW_MS + 2_000 });
  });
});

describe('a backend of ours on which somebody else has written', () => {
  it.each(['', 'by hand'])(
    '%j while it was being drained comes back into service all the same',
    (description) => {
      const lane = aPair({ drain: { timeMs: 600_000 } });
      lane.order('i-1', 'change-request').look();
      lane.advance(60_000).meddle('i-1', { description }).takeBack('i-1', 'change-request').look();
      lane.advance(600_000);

      expect(lane.backend('i-1')).toMatchObject({ weight: 100, description: 'slb-autopilot/web' });
      expect(lane.row('i-1')).toMatchObject({ phase: 'in-service' });
    },
  );

  it('at its join weight is proven and raised all the same', () => {
    const lane = aJoin({ readiness: 'load-balancer' });
    lane.look();
    lane
      .advance(10_000)
      .meddle('i-1', { description: 'by hand' })
      .withHealth('normal', 'i-1')
      .advance(60_000);

    expect(lane.backend('i-1')).toMatchObject({ weight: 100, description: 'slb-autopilot/web' });
  });
});

describe('a backend of somebody else', () => {
  it.each([
    [false, ['i-0=100', 'i-1=100']],
    [true, ['i-0=100']],
  ])('that is ordered out before anybody has seen it goes if the binding adopts (%s)', (adopt, weights) => {
    const lane = aPair({ adopt });
    lane.rows.clear();
    lane.withRows(aRow('i-0')).meddle('i-1', { description: 'by hand' });
    lane.order('i-1', 'change-request', { ref: 'deploy-1' }).look();
    lane.advance(60_000).look();

    expect(lane.weights).toEqual(weights);
  });

  it('that took the place of one that we keep out stays as it is when the order ends', () => {
    const lane = aPair();
    lane.order('i-1', 'change-request').look();
    lane.advance(60_000);
    lane.withBackends(aBackend('i-1', { weight: 9, description: 'by hand' })).look();
    lane.takeBack('i-1', 'change-request').look();
    lane.advance(600_000);

    expect(lane.backend('i-1')).toMatchObject({ weight: 9, description: 'by hand' });
    expect(lane.row('i-1')).toBeUndefined();
  });

  it.each([
    ['its instance is released', (lane: PlayedLane) => void lane.instances.delete('i-1')],
    [
      'nobody selects it any more',
      (lane: PlayedLane) => void lane.withInstances(anInstance('i-1', { tags: {} })),
    ],
  ])('stays as well when %s', (_what, happens) => {
    const lane = aPair();
    lane.order('i-1', 'change-request').look();
    lane.advance(60_000);
    lane.withBackends(aBackend('i-1', { weight: 9, description: '' })).look();
    happens(lane);
    lane.takeBack('i-1', 'change-request').look();
    lane.advance(600_000);

    expect(lane.backend('i-1')).toMatchObject({ weight: 9, description: '' });
  });

  it('is ours all the same where the binding adopts', () => {
    const lane = aPair({ adopt: true });
    lane.order('i-1', 'change-request').look();
    lane.advance(60_000);
    lane.withBackends(aBackend('i-1', { weight: 9, description: 'by hand' })).look();
    lane.takeBack('i-1', 'change-request').look();
    lane.advance(60_000);

    expect(lane.backend('i-1')).toMatchObject({ weight: 100, description: 'slb-autopilot/web' });
  });
});
