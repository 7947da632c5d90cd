import { describe, expect, it } from 'vitest';
import { planLane } from '../../../../shared/server-groups/plan.ts';
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
  TIMING,
} from '../../../support/builders.ts';
import type { PlayedLane } from '../played-lane.ts';
import { aPair } from '../played-lanes.ts';

const WINDOW_MS = TIMING.contestMs;

/** Another writer does it again and again, a while after each of our corrections. */
function contest(lane: PlayedLane, times: number, hand: (lane: PlayedLane) => void): PlayedLane {
  for (let time = 0; time < times; time++) {
    hand(lane);
    lane.look();
    lane.advance(20_000);
  }
  return lane;
}

const drifts = (lane: PlayedLane) =>
  lane.decisions.filter(({ action }) => action === 'drift-found').map(({ reason }) => reason);
const contests = (lane: PlayedLane) =>
  lane.decisions.filter(({ reason }) => reason.startsWith('contested')).map(({ reason }) => reason);

describe('another writer’s weight', () => {
  const lowers = (lane: PlayedLane) => void lane.meddle('i-1', { weight: 40 });

  it('is put right three times in the window and then left, with both values in the audit', () => {
    const lane = contest(aPair(), 10, lowers);

    expect(lane.sent).toEqual(['2s set-weight i-1=100', '22s set-weight i-1=100', '42s set-weight i-1=100']);
    expect(drifts(lane)[0]).toBe(
      'another writer made it weight 40, "slb-autopilot/web", it is to be weight 100, "slb-autopilot/web"',
    );
    expect(contests(lane)).toEqual([
      'contested: another writer keeps making it weight 40, "slb-autopilot/web", ours is weight 100, "slb-autopilot/web"',
    ]);
    expect(lane.row('i-1')?.held).toEqual({ by: 'contested', reason: contests(lane)[0] });
  });

  it('is counted for an alarm at every look while it is left', () => {
    const lane = contest(aPair(), 5, lowers);
    lane.look();

    expect(lane.counts).toEqual([{ metric: 'backends-contested', vServerGroupId: GROUP, value: 1 }]);
  });

  it('is put right again, by a look that the lane asked for, when the window is over', () => {
    const lane = contest(aPair(), 4, lowers);
    expect(lane.nextLookMs).toBe(NOW_MS + WINDOW_MS);
    lane.advance(WINDOW_MS - 80_000 + 3_000);

    expect(lane.sent.slice(3)).toEqual(['602s set-weight i-1=100']);
    expect(lane.row('i-1')).toMatchObject({ corrections: 1, held: null });
  });

  it('is no contest when it comes three times in each window', () => {
    const lane = aPair();
    for (let window = 0; window < 3; window++) {
      contest(lane, 3, lowers);
      lane.advance(WINDOW_MS);
    }

    expect(lane.sent).toHaveLength(9);
    expect(contests(lane)).toEqual([]);
  });

  it('that gives up of itself ends the contest', () => {
    const lane = contest(aPair(), 4, lowers);
    lane.meddle('i-1', { weight: 100 }).look();

    expect(lane.row('i-1')?.held).toBeNull();
  });

  it('does not keep the other backends from being worked on', () => {
    const lane = contest(aPair(), 4, lowers);
    lane.becomes('i-0', 'Stopped').look();

    expect(lane.sent.at(-1)).toBe('80s set-weight i-0=0');
  });

  it('does not keep the contested backend itself from being drained', () => {
    const lane = contest(aPair(), 4, lowers);
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(60_000);

    expect(lane.sent.slice(3)).toEqual(['80s set-weight i-1=0', '110s remove i-1=0']);
  });
});

describe('another writer’s description', () => {
  it('is put right three times and then left', () => {
    const lane = contest(aPair(), 6, (each) => void each.meddle('i-1', { description: 'mine' }));

    expect(lane.sent).toHaveLength(3);
    expect(contests(lane)[0]).toMatch(
      /keeps making it weight 100, "mine", ours is weight 100, "slb-autopilot\/web"/,
    );
  });
});

describe('another writer’s removal', () => {
  const removes = (lane: PlayedLane) => {
    if (lane.backend('i-1') !== undefined) lane.meddle('i-1', null);
  };

  it('is put right three times and then left', () => {
    const lane = contest(aPair(), 6, removes);

    expect(lane.sent).toEqual(['2s add i-1=100', '22s add i-1=100', '42s add i-1=100']);
    expect(contests(lane)).toEqual(['contested: another writer keeps making it absent, ours is a member']);
  });

  it('is so as well while the backend is still being proven', () => {
    const lane = aPair({ readiness: 'load-balancer' }).withInstances(anInstance('i-2'));
    lane.becomes('i-2', 'Running').look();
    lane.advance(10_000);
    contest(lane, 6, (each) => {
      if (each.backend('i-2') !== undefined) each.meddle('i-2', null);
    });

    expect(lane.sent.filter((call) => call.includes('add i-2'))).toHaveLength(4);
    expect(lane.row('i-2')?.held?.by).toBe('contested');
  });

  it('of a draining backend is what we wanted', () => {
    const lane = aPair();
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(10_000).meddle('i-1', null).look();

    expect(lane.row('i-1')).toBeUndefined();
    expect(drifts(lane)).toEqual([]);
  });
});

describe('another writer who gives a draining backend weight again', () => {
  const raises = (lane: PlayedLane) => void lane.meddle('i-1', { weight: 70 });

  it('begins its drain anew', () => {
    const lane = aPair();
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(20_000);
    raises(lane);
    lane.look();
    lane.advance(60_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '20s set-weight i-1=0', '50s remove i-1=0']);
  });

  it('is corrected three times and then left, with both values', () => {
    const lane = aPair();
    lane.order('i-1', 'scale-in').look();
    lane.advance(10_000);
    contest(lane, 6, raises);

    expect(lane.sent.filter((call) => call.endsWith('set-weight i-1=0'))).toHaveLength(4);
    expect(contests(lane)).toEqual(['contested: another writer keeps making it weight 70, ours is weight 0']);
  });

  it('and gives up: what he has sent there has its drain time too', () => {
    const lane = aPair();
    lane.order('i-1', 'scale-in').look();
    lane.advance(10_000);
    contest(lane, 4, raises);
    lane.meddle('i-1', { weight: 0 }).look();
    const calls = lane.sent.length;
    lane.advance(29_000);
    expect(lane.sent).toHaveLength(calls);

    lane.advance(1_000);
    expect(lane.sent.at(-1)).toBe(`${lane.seconds}s remove i-1=0`);
  });
});

describe('another writer who lowers the join weight', () => {
  it('is corrected three times and then left', () => {
    const lane = aPair({ readiness: 'load-balancer' }).withInstances(anInstance('i-2'));
    lane.becomes('i-2', 'Running').look();
    lane.advance(10_000);
    contest(lane, 6, (each) => void each.meddle('i-2', { weight: 0 }));

    expect(lane.sent.filter((call) => call.includes('set-weight i-2=1'))).toHaveLength(3);
    expect(lane.row('i-2')?.held?.by).toBe('contested');
  });
});

describe('what is no second writer', () => {
  it.each([
    ['a higher weight in the configuration', 100, 60],
    ['a lower one', 60, 100],
  ])('%s', (_what, to, from) => {
    const lane = aPair({ ports: [{ port: 8080, weight: from }] });
    lane.withBackends(aBackend('i-0', { weight: from }), aBackend('i-1', { weight: from }));
    lane.withRows(aRow('i-0', { confirmedWeight: from }), aRow('i-1', { confirmedWeight: from })).look();
    for (let change = 0; change < 6; change++) {
      const weight = change % 2 === 0 ? to : from;
      lane.bindings = [aBinding({ ports: [{ port: 8080, weight }] })];
      lane.look();
      lane.advance(10_000);
    }

    expect(lane.sent).toHaveLength(6);
    expect(lane.row('i-1')).toMatchObject({ corrections: 0, confirmedWeight: from });
    expect(drifts(lane)).toEqual([]);
  });

  it('a new name of the binding, which is a new mark', () => {
    const lane = aPair();
    lane.bindings = [aBinding({ name: 'shop' })];
    lane.look();
    lane.advance(10_000);

    expect(lane.backend('i-1')?.description).toBe('slb-autopilot/shop');
    expect(lane.row('i-1')).toMatchObject({ corrections: 0, confirmedWeight: 100, binding: 'shop' });
    expect(drifts(lane)).toEqual([]);
  });

  it('our own first write, whatever stood there before', () => {
    const lane = aPair({ adopt: true }).withInstances(anInstance('i-2'));
    lane.withBackends(aBackend('i-2', { weight: 7, description: 'by hand' })).look();
    lane.advance(10_000);

    expect(lane.backend('i-2')).toMatchObject({ weight: 100, description: 'slb-autopilot/web' });
    expect(lane.row('i-2')).toMatchObject({ corrections: 0, confirmedWeight: 100 });
  });

  it('our own join, ramp, drain and rejoin', () => {
    const lane = aPair({ readiness: 'load-balancer', join: { rampPercents: [10, 50], rampEveryMs: 10_000 } });
    lane.withInstances(anInstance('i-2')).withHealth('normal', 'i-0', 'i-1', 'i-2');
    lane.becomes('i-2', 'Running').look();
    lane.advance(60_000).becomes('i-2', 'Stopping').look();
    lane.advance(60_000).becomes('i-2', 'Running').look();
    lane.advance(60_000);

    expect(lane.backend('i-2')?.weight).toBe(100);
    expect(drifts(lane)).toEqual([]);
  });

  it('a read that may be older than our own last write: it is waited for', () => {
    const plan = planLane(
      anInput({
        group: aGroup([aBackend('i-1', { weight: 40 })]),
        rows: [aRow('i-1')],
        instances: instancesSeen([anInstance('i-1')]),
        notes: { verifyAtMs: null, writtenAtMs: { [GROUP]: NOW_MS - 1_000 }, writableAtMs: {}, failures: 0 },
      }),
    );

    expect(plan).toMatchObject({ steps: [], changes: [], nextLookMs: NOW_MS + 2_000 });
  });
});
