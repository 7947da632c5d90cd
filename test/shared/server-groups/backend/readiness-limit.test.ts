import { describe, expect, it } from 'vitest';
import { aListener, aLoadBalancer, aRow, GROUP, NOW_MS, TIMING } from '../../../support/builders.ts';
import type { PlayedLane } from '../played-lane.ts';
import { aJoin, answers, refuses } from '../played-lanes.ts';

const RR = aLoadBalancer({ listeners: [aListener({ scheduler: 'rr' })] });
describe('the weight of a join that is still to be proven', () => {
  it.each([0, 1] as const)('is the setting: %d', (weight) => {
    const lane = aJoin({ readiness: 'probe', join: { weight } });
    lane.onProbe = refuses;
    lane.look();
    lane.advance(2_000);

    expect(lane.sent).toEqual([`2s add i-1=${weight}`]);
  });

  it('is never lowered to it: who comes back with some weight keeps that until it is proven', () => {
    const lane = aJoin({ readiness: 'probe', join: { rampPercents: [50], rampEveryMs: 60_000 } });
    lane.look();
    lane.advance(4_000);
    expect(lane.weights).toContain('i-1=50');
    lane.withRows({ ...aRow('i-1'), phase: 'joining', dueSinceMs: lane.nowMs, decidedAtMs: lane.nowMs });
    lane.onProbe = refuses;
    lane.look();
    lane.advance(10_000);

    expect(lane.weights).toContain('i-1=50');
  });
});

describe('the readiness limit', () => {
  const limited = (whenNotReady: 'stay' | 'remove') =>
    ({ readiness: 'probe', join: { readyWithinMs: 30_000, whenNotReady } }) as const;

  it('with stay: keeps the join weight, says so once, and counts it at every look', () => {
    const lane = aJoin(limited('stay'));
    lane.onProbe = refuses;
    lane.look();
    lane.advance(31_000);
    expect(lane.row('i-1')?.held).toBeNull();

    lane.advance(600_000);
    expect(lane.weights).toContain('i-1=1');
    expect(lane.row('i-1')?.held).toEqual({
      by: 'not-ready',
      reason: 'not ready within its limit: our probe says connection refused',
    });
    expect(lane.counts).toContainEqual({ metric: 'backends-not-ready', vServerGroupId: GROUP, value: 1 });
    expect(lane.decisions.filter(({ action }) => action === 'not-ready')).toHaveLength(1);
  });

  it('with stay: comes into service as soon as it is ready after all', () => {
    const lane = aJoin(limited('stay'));
    lane.onProbe = refuses;
    lane.look();
    lane.advance(120_000);
    lane.onProbe = answers;
    lane.advance(60_000 + 2_000);

    expect(lane.weights).toContain('i-1=100');
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', held: null });
  });

  it('with remove: takes it out through weight 0 and its drain time, and does not bring it back', () => {
    const lane = aJoin(limited('remove'));
    lane.onProbe = refuses;
    lane.look();
    lane.advance(600_000);

    expect(lane.sent).toEqual(['2s add i-1=1', '32s set-weight i-1=0', '62s remove i-1=0']);
    expect(lane.row('i-1')).toMatchObject({ phase: 'removed', cause: 'not-ready' });
  });

  it.each([
    ['its instance restarts', (lane: PlayedLane) => lane.becomes('i-1', 'Stopped')],
    ['a later event says that it runs', (lane: PlayedLane) => lane],
  ])('with remove: gives it another chance when %s', (_what, restart) => {
    const lane = aJoin(limited('remove'));
    lane.onProbe = refuses;
    lane.look();
    lane.advance(120_000);
    expect(lane.backend('i-1')).toBeUndefined();

    restart(lane).look();
    lane.onProbe = answers;
    lane.nowMs += 1_000;
    lane.becomes('i-1', 'Running').look();
    lane.advance(10_000);

    expect(lane.weights).toContain('i-1=100');
  });

  it('with remove: a Running event from before does not', () => {
    const lane = aJoin(limited('remove'));
    lane.onProbe = refuses;
    lane.look();
    lane.advance(120_000);
    lane.hear('i-1', { kind: 'state', state: 'Running' }, { eventAtMs: NOW_MS }).look();

    expect(lane.row('i-1')?.phase).toBe('removed');
  });

  it.each(['stay', 'remove'] as const)(
    'under rr, with %s: nothing was ever added that could be taken out',
    (whenNotReady) => {
      const lane = aJoin(limited(whenNotReady));
      lane.loadBalancer = RR;
      lane.onProbe = refuses;
      lane.look();
      lane.advance(600_000);

      expect(lane.sent).toEqual([]);
      expect(lane.row('i-1')).toMatchObject(
        whenNotReady === 'stay'
          ? { phase: 'joining', held: { by: 'not-ready' } }
          : { phase: 'removed', cause: 'not-ready' },
      );
    },
  );

  it('counts from the moment in the group, not from the decision', () => {
    const lane = aJoin(limited('remove'));
    lane.overrides = { timing: { ...TIMING, gatherMs: 20_000 } };
    lane.onProbe = refuses;
    lane.look();
    lane.advance(49_000);
    expect(lane.backend('i-1')?.weight).toBe(1);

    lane.advance(1_000);
    expect(lane.backend('i-1')?.weight).toBe(0);
  });
});
