import { describe, expect, it } from 'vitest';
import { aBackend, aBinding, anInstance, aRow } from '../../../support/builders.ts';
import { PlayedLane } from '../played-lane.ts';
import { aDrain, aPair, retired } from '../played-lanes.ts';

const HOUR_MS = 3_600_000;
const actionsOf = (lane: PlayedLane) => lane.decisions.map(({ action }) => action);

describe('a weight that a person asks for', () => {
  it('is set within the gathering time, and the way back goes up the ramp by itself', () => {
    const lane = aPair({ join: { rampPercents: [10, 50], rampEveryMs: 60_000 } });
    lane.override('i-1', HOUR_MS, { weight: { is: 30 } }).look();
    lane.advance(HOUR_MS - 1);
    expect(lane.sent).toEqual(['2s set-weight i-1=30']);

    lane.advance(10 * 60_000);
    expect(lane.sent.slice(1).map((call) => call.split(' ').slice(1).join(' '))).toEqual([
      'set-weight i-1=50',
      'set-weight i-1=100',
    ]);
    expect(actionsOf(lane)).toEqual(expect.arrayContaining(['override-begun', 'override-ended']));
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', override: null, confirmedWeight: 100 });
  });

  it.each([
    [{ percent: 50 }, 'i-1=50'],
    [{ percent: 1 }, 'i-1=1'],
    [{ is: 0 }, 'i-1=0'],
    [{ is: 100 }, 'i-1=100'],
  ])('of %j is %s', (weight, expected) => {
    const lane = aDrain();
    lane.override('i-1', HOUR_MS, { weight }).look();
    lane.advance(60_000);

    expect(lane.weights).toContain(expected);
  });

  it('stands while the full comparison looks again and again, and ends only at its end', () => {
    const lane = aPair();
    lane.override('i-1', HOUR_MS, { weight: { is: 30 } }).look();
    for (let look = 0; look < 5; look++) {
      lane.advance(300_000);
      lane.look();
    }

    expect(lane.sent).toEqual(['2s set-weight i-1=30']);
    expect(lane.nextLookMs).toBe(lane.row('i-1')?.override?.untilMs);
  });

  it('gives way to a newer one, and not to an older one that comes late', () => {
    const lane = aPair();
    lane.override('i-1', HOUR_MS, { ref: 'second', weight: { is: 20 } }).look();
    lane.hear(
      'i-1',
      {
        kind: 'override',
        ref: 'first',
        joins: false,
        weight: { is: 70 },
        untilMs: lane.nowMs + HOUR_MS,
        scope: { binding: 'web', ports: null },
      },
      { eventAtMs: lane.nowMs - 1_000 },
    );
    lane.advance(5_000).look();

    expect(lane.weights).toContain('i-1=20');
  });

  it('is over when it is taken back', () => {
    const lane = aPair();
    lane.override('i-1', HOUR_MS, { weight: { is: 30 } }).look();
    lane.advance(60_000).takeBack('i-1', 'change-request').look();
    lane.advance(60_000);

    expect(lane.weights).toContain('i-1=100');
    expect(lane.row('i-1')?.override).toBeNull();
  });

  it('does not keep an instance in that stops, and counts again when it comes back', () => {
    const lane = aPair();
    lane.override('i-1', HOUR_MS, { weight: { is: 30 } }).look();
    lane.advance(60_000).becomes('i-1', 'Stopped').look();
    lane.advance(120_000);
    expect(lane.weights).toEqual(['i-0=100']);

    lane.becomes('i-1', 'Running').look();
    lane.advance(60_000);
    expect(lane.weights).toEqual(['i-0=100', 'i-1=30']);
  });

  it('is forgotten with its record when it ends, or its instance is released, while it is out', () => {
    const ended = aPair();
    ended.override('i-1', HOUR_MS, { weight: { is: 30 } }).look();
    ended.advance(60_000).becomes('i-1', 'Stopped').look();
    ended.advance(HOUR_MS);
    const released = aPair();
    released.override('i-1', HOUR_MS, { weight: { is: 30 } }).look();
    released.advance(60_000).becomes('i-1', 'Stopped').look();
    released.advance(60_000);
    released.instances.delete('i-1');
    released.hear('i-1', { kind: 'state', state: 'Deleted' }).look();
    released.advance(60_000);

    expect([ended.row('i-1'), released.row('i-1')]).toEqual([undefined, undefined]);
  });

  it('that ends while it drains changes nothing about the drain', () => {
    const lane = aPair({ drain: { timeMs: 600_000 } });
    lane.override('i-1', 300_000, { weight: { is: 30 } }).look();
    lane.advance(60_000).order('i-1', 'change-request', { ref: 'deploy-1' }).look();
    lane.advance(HOUR_MS);

    expect(lane.sent).toEqual(['2s set-weight i-1=30', '60s set-weight i-1=0', '660s remove i-1=0']);
  });

  it('of 0 counts as out, so that no others are taken out beside it', () => {
    const ids = ['i-0', 'i-1', 'i-2', 'i-3'];
    const lane = new PlayedLane(aBinding({ guards: { maxDisruptionPercent: 50 } }))
      .withInstances(...ids.map((id) => anInstance(id)))
      .withBackends(...ids.map((id) => aBackend(id)))
      .withRows(...ids.map((id) => aRow(id)));
    for (const id of ['i-0', 'i-1']) lane.override(id, HOUR_MS, { weight: { is: 0 } });
    lane.look();
    lane
      .advance(60_000)
      .override('i-2', HOUR_MS, { weight: { is: 0 } })
      .look();
    lane.advance(60_000);

    expect(lane.weights).toEqual(['i-0=0', 'i-1=0', 'i-2=100', 'i-3=100']);
    expect(lane.row('i-2')?.held?.by).toBe('max-disruption');
  });

  it('of 0 never empties a group', () => {
    const lane = new PlayedLane(aBinding())
      .withInstances(anInstance('i-1'))
      .withBackends(aBackend('i-1'))
      .withRows(aRow('i-1'));
    lane.override('i-1', HOUR_MS, { weight: { is: 0 } }).look();
    lane.advance(60_000);

    expect(lane.weights).toEqual(['i-1=100']);
    expect(lane.row('i-1')?.held?.by).toBe('min-in-service');
  });

  it('is corrected back when another writer changes it', () => {
    const lane = aPair();
    lane.override('i-1', HOUR_MS, { weight: { is: 30 } }).look();
    lane.advance(60_000).look();
    lane.withBackends(aBackend('i-1', { weight: 100 })).look();
    lane.advance(5_000);

    expect(lane.sent).toEqual(['2s set-weight i-1=30', '62s set-weight i-1=30']);
  });
});

describe('an instance that a person wants in', () => {
  it('joins although nothing selects it, and leaves by a drain when that ends', () => {
    const lane = aPair().withInstances(retired('i-9'));
    lane.override('i-9', HOUR_MS, { joins: true }).look();
    lane.advance(60_000);
    expect(lane.weights).toEqual(['i-0=100', 'i-1=100', 'i-9=100']);

    lane.advance(HOUR_MS);
    expect(lane.sent).toEqual(['2s add i-9=100', '3600s set-weight i-9=0', '3630s remove i-9=0']);
  });

  it('joins as soon as it runs, when it does not yet', () => {
    const lane = aPair().withInstances({ ...retired('i-9'), status: 'Starting' });
    lane.override('i-9', HOUR_MS, { joins: true }).look();
    lane.advance(300_000);
    expect(lane.weights).toEqual(['i-0=100', 'i-1=100']);

    lane.becomes('i-9', 'Running').look();
    lane.advance(60_000);
    expect(lane.weights).toEqual(['i-0=100', 'i-1=100', 'i-9=100']);
  });

  it('is forgotten when its time is over before it runs', () => {
    const lane = aPair().withInstances({ ...retired('i-9'), status: 'Stopped' });
    lane.override('i-9', HOUR_MS, { joins: true }).look();
    lane.advance(HOUR_MS);

    expect([lane.row('i-9'), lane.sent]).toEqual([undefined, []]);
  });

  it('stays in when it was about to leave because nothing selects it any more', () => {
    const lane = aDrain().withInstances(retired('i-1'));
    lane.override('i-1', HOUR_MS, { joins: true }).look();
    lane.advance(60_000);

    expect(lane.sent).toEqual([]);
  });
});

describe('what is said of one binding or port', () => {
  const twoPorts = () =>
    new PlayedLane(
      aBinding({
        ports: [
          { port: 8080, weight: 100 },
          { port: 8081, weight: 100 },
        ],
      }),
    )
      .withInstances(anInstance('i-0'), anInstance('i-1'))
      .withBackends(...['i-0', 'i-1'].flatMap((id) => [aBackend(id), aBackend(id, { port: 8081 })]))
      .withRows(...['i-0', 'i-1'].flatMap((id) => [aRow(id), aRow(id, { port: 8081 })]));

  it('leaves the others alone', () => {
    const lane = twoPorts();
    lane.override('i-1', HOUR_MS, { weight: { is: 5 }, scope: { binding: 'web', ports: [8081] } });
    lane.hear('i-0', {
      kind: 'leave',
      cause: 'change-request',
      ref: 'deploy-1',
      fromMs: null,
      deadlineAtMs: null,
      untilMs: lane.nowMs + HOUR_MS,
      scope: { binding: 'another', ports: null },
    });
    lane.look();
    lane.advance(60_000);

    expect(lane.weights).toEqual(['i-0=100', 'i-0=100', 'i-1=100', 'i-1=5']);
  });
});

describe('a guard that a person lifts', () => {
  const alone = () =>
    new PlayedLane(aBinding())
      .withInstances(anInstance('i-1'))
      .withBackends(aBackend('i-1'))
      .withRows(aRow('i-1'));

  it('lets the named instance go, and the call says who has lifted it', () => {
    const lane = alone();
    lane.order('i-1', 'change-request', { ref: 'deploy-1' }).look();
    lane.advance(60_000);
    expect(lane.sent).toEqual([]);

    const plan = lane.lift('i-1', 'min-in-service').look();
    expect(lane.sent).toEqual(['60s set-weight i-1=0']);
    expect(plan.settledKeys).toHaveLength(1);
  });

  it('is another one than that which holds it: nothing happens', () => {
    const lane = alone();
    lane.order('i-1', 'change-request').lift('i-1', 'max-disruption').look();
    lane.advance(60_000);

    expect(lane.sent).toEqual([]);
  });

  it('stands again once the instance has gone, and when the time is over', () => {
    const lane = alone();
    lane.order('i-1', 'change-request', { ref: 'deploy-1' }).lift('i-1', 'min-in-service').look();
    lane.advance(1_000).takeBack('i-1', 'change-request').look();
    lane.advance(30_000);
    expect(lane.weights).toEqual(['i-1=100']);

    lane.order('i-1', 'change-request', { ref: 'deploy-2' }).look();
    lane.advance(60_000);
    expect(lane.weights).toEqual(['i-1=100']);

    lane.lift('i-1', 'min-in-service', 0).look();
    expect(lane.weights).toEqual(['i-1=100']);
  });
});
