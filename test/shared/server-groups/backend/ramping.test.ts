import { describe, expect, it } from 'vitest';
import { rampWeights } from '../../../../shared/server-groups/backend/ramp.ts';
import { aBackend, aBinding, anInstance, aRow, NOW_MS } from '../../../support/builders.ts';
import { PlayedLane } from '../played-lane.ts';

const RAMP = { join: { rampPercents: [10, 50], rampEveryMs: 30_000 } };

/** A lane with one backend in service, and `i-1`, which has just begun to run. */
function aRamp(...overrides: Parameters<typeof aBinding>): PlayedLane {
  return new PlayedLane(aBinding({ ...RAMP, ...overrides[0] }))
    .withInstances(anInstance('i-0'), anInstance('i-1'))
    .withBackends(aBackend('i-0'))
    .withRows(aRow('i-0'))
    .withHealth('normal', 'i-0')
    .becomes('i-1', 'Running');
}

describe('a ramp', () => {
  it('goes up by its steps, each kept for its time from when it is in force, and ends at full weight', () => {
    const lane = aRamp();
    lane.look();
    lane.advance(120_000);

    expect(lane.sent).toEqual(['2s add i-1=10', '34s set-weight i-1=50', '66s set-weight i-1=100']);
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', generation: 1, confirmedWeight: 100 });
  });

  it('begins after the proof, from the join weight', () => {
    const lane = aRamp({ readiness: 'load-balancer' }).withHealth('normal', 'i-1');
    lane.look();
    lane.advance(120_000);

    expect(lane.sent).toEqual([
      '2s add i-1=1',
      '9s set-weight i-1=10',
      '41s set-weight i-1=50',
      '73s set-weight i-1=100',
    ]);
  });

  it('goes on where it was when whoever began it has died: the record holds step and time', () => {
    const lane = aRamp();
    lane.look();
    lane.advance(20_000);
    const { rampStep, rampSinceMs } = lane.row('i-1') ?? {};
    expect([rampStep, rampSinceMs]).toEqual([0, NOW_MS + 2_000]);

    const next = aRamp();
    next.signals = [];
    next.withBackends(...lane.list.values()).withRows(...lane.rows.values());
    next.nowMs = NOW_MS + 25_000;
    next.look();
    next.advance(60_000);

    expect(next.sent).toEqual(['34s set-weight i-1=50', '66s set-weight i-1=100']);
  });

  it('that stood still while nobody looked takes one step at a time, with its interval, all the same', () => {
    const lane = aRamp();
    lane.look();
    lane.advance(2_000);
    lane.nowMs += 3_600_000;
    lane.look();
    lane.advance(120_000);

    expect(lane.sent).toEqual(['2s add i-1=10', '3602s set-weight i-1=50', '3634s set-weight i-1=100']);
  });

  it('starts above a step that its weight has passed already, and never falls', () => {
    const lane = aRamp()
      .withBackends(aBackend('i-1', { weight: 40 }))
      .withRows(
        aRow('i-1', { phase: 'joining', dueSinceMs: NOW_MS, decidedAtMs: NOW_MS, confirmedWeight: null }),
      );
    lane.look();
    lane.advance(120_000);

    expect(lane.sent).toEqual(['32s set-weight i-1=50', '64s set-weight i-1=100']);
  });

  it('does not take a weight back that another writer has raised', () => {
    const lane = aRamp();
    lane.look();
    lane.advance(5_000).meddle('i-1', { weight: 80 }).advance(120_000);

    expect(lane.sent).toEqual(['2s add i-1=10', '66s set-weight i-1=100']);
  });

  it('gathers its steps like joins: neighbours share a call', () => {
    const lane = aRamp().withInstances(anInstance('i-2'));
    lane.look();
    lane.advance(1_000);
    lane.becomes('i-2', 'Running').look();
    lane.advance(120_000);

    expect(lane.sent).toEqual([
      '2s add i-1=10,i-2=10',
      '34s set-weight i-1=50,i-2=50',
      '66s set-weight i-1=100,i-2=100',
    ]);
  });
});

describe('a ramp in a group that is short of minInService', () => {
  it('is skipped: capacity beats comfort', () => {
    const lane = aRamp();
    lane.look();
    lane.advance(5_000).becomes('i-0', 'Stopped').look();

    expect(lane.sent).toEqual(['2s add i-1=10', '5s set-weight i-0=0,i-1=100']);
    expect(lane.decisions.map(({ action }) => action)).toContain('ramp-skipped');
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', generation: 1 });
  });

  it('is skipped as well when those in service have become unhealthy', () => {
    const lane = aRamp();
    lane.look();
    lane.advance(5_000).withHealth('abnormal', 'i-0').look();
    lane.advance(2_000);

    expect(lane.backend('i-1')?.weight).toBe(100);
  });

  it('is kept while enough are in service', () => {
    const lane = aRamp();
    lane.look();
    lane.advance(30_000);

    expect(lane.backend('i-1')?.weight).toBe(10);
  });
});

describe('a ramping backend that is abnormal', () => {
  it.each(['load-balancer', 'both'] as const)('keeps its step until it is normal again (%s)', (readiness) => {
    const lane = aRamp({ readiness }).withHealth('normal', 'i-1');
    lane.look();
    lane.advance(10_000).withHealth('abnormal', 'i-1').advance(600_000);
    expect(lane.backend('i-1')?.weight).toBe(10);

    lane.withHealth('normal', 'i-1').advance(10_000);
    expect(lane.backend('i-1')?.weight).toBe(50);
  });

  it('goes on where health checks are not asked about readiness', () => {
    const lane = aRamp({ readiness: 'running' }).withHealth('abnormal', 'i-1');
    lane.look();
    lane.advance(120_000);

    expect(lane.backend('i-1')?.weight).toBe(100);
  });
});

describe('a ramp that is broken off', () => {
  it('by a drain begins anew, in a new generation, when the instance is back', () => {
    const lane = aRamp();
    lane.look();
    lane.advance(40_000).becomes('i-1', 'Stopping').look();
    expect(lane.row('i-1')).toMatchObject({
      phase: 'draining',
      generation: 2,
      rampStep: 0,
      rampSinceMs: null,
    });

    lane.advance(5_000).becomes('i-1', 'Running').look();
    lane.advance(120_000);

    expect(lane.sent).toEqual([
      '2s add i-1=10',
      '34s set-weight i-1=50',
      '40s set-weight i-1=0',
      '47s set-weight i-1=10',
      '79s set-weight i-1=50',
      '111s set-weight i-1=100',
    ]);
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', generation: 3 });
  });

  it('by another writer who takes it out of the group joins again', () => {
    const lane = aRamp();
    lane.look();
    lane.advance(10_000).meddle('i-1', null).look();
    lane.advance(120_000);

    expect(lane.sent.slice(1)).toEqual(['12s add i-1=10', '44s set-weight i-1=50', '76s set-weight i-1=100']);
    expect(lane.row('i-1')).toMatchObject({ generation: 2, corrections: 1 });
  });
});

describe('the weights of a ramp', () => {
  const weights = (fullWeight: number, ...rampPercents: ReadonlyArray<number>) =>
    rampWeights(aBinding({ join: { rampPercents } }), fullWeight);

  it.each([
    ['are shares of the full weight', weights(80, 10, 50), [8, 40, 80]],
    ['are never 0, which would serve nobody', weights(4, 1, 50), [1, 2, 4]],
    ['leave out steps that small weights make equal', weights(3, 1, 2, 40, 99), [1, 3]],
    ['are the full weight alone without steps', weights(100), [100]],
    ['are 0 where the full weight is', weights(0, 10, 50), [0]],
  ])('%s', (_what, actual, expected) => {
    expect(actual).toEqual(expected);
  });
});
