import { describe, expect, it } from 'vitest';
import type { News } from '../../../../shared/acceptance/model.ts';
import { anInstance, NOW_MS } from '../../../support/builders.ts';
import type { PlayedLane } from '../played-lane.ts';
import { aGroupOf } from '../played-lanes.ts';

const HOUR_MS = 3_600_000;
const SCOPE = { binding: 'web', ports: null };
const XLARGE = { instanceType: 'ecs.g7.xlarge' };

type Weight = Extract<News, { kind: 'override' }>['weight'];

/** A person asks for another weight of all that are in the group, for an hour. */
function askOfAll(lane: PlayedLane, weight: Weight): PlayedLane {
  return lane.hear('binding/web', {
    kind: 'override',
    ref: 'deploy-4711',
    joins: false,
    weight,
    untilMs: lane.nowMs + HOUR_MS,
    scope: SCOPE,
  });
}

describe('a weight for all instances of a binding', () => {
  it('is set with one call for 20 of them, and taken back at its end', () => {
    const lane = askOfAll(aGroupOf(25), { is: 30 });
    lane.look();
    lane.advance(10_000);
    expect(new Set(lane.weights.map((weight) => weight.split('=')[1]))).toEqual(new Set(['30']));
    expect(lane.sent).toHaveLength(2);
    expect(lane.signals).toEqual([]);

    lane.advance(HOUR_MS);
    expect(new Set(lane.weights.map((weight) => weight.split('=')[1]))).toEqual(new Set(['100']));
    expect(lane.sent).toHaveLength(4);
  });

  it('is not for whoever comes later', () => {
    const lane = askOfAll(aGroupOf(2), { is: 30 });
    lane.look();
    lane.advance(10_000).withInstances(anInstance('i-late')).becomes('i-late', 'Running').look();
    lane.advance(10_000);

    expect(lane.weights).toEqual(['i-late=100', 'i-web0001=30', 'i-web0002=30']);
  });

  it('may differ by what they are, and leaves those alone that it is not about', () => {
    const lane = aGroupOf(4)
      .withInstances(
        anInstance('i-web0001', XLARGE),
        anInstance('i-web0002', { ...XLARGE, zoneId: 'cn-hangzhou-i' }),
      )
      .withInstances(anInstance('i-web0003', { zoneId: 'cn-hangzhou-i' }));
    const by = {
      byInstance: { 'i-web0002': 5 },
      byInstanceType: { 'ecs.g7.xlarge': 40 },
      byZone: { 'cn-hangzhou-i': 60 },
    };
    askOfAll(lane, { by, others: null }).look();
    lane.advance(10_000);
    expect(lane.weights).toEqual(['i-web0001=40', 'i-web0002=5', 'i-web0003=60', 'i-web0004=100']);

    lane.advance(HOUR_MS);
    expect(new Set(lane.weights.map((weight) => weight.split('=')[1]))).toEqual(new Set(['100']));
  });

  it('gives the others what is meant for them', () => {
    const lane = aGroupOf(2).withInstances(anInstance('i-web0001', XLARGE));
    askOfAll(lane, { by: { byInstanceType: { 'ecs.g7.xlarge': 40 } }, others: 10 }).look();
    lane.advance(10_000);

    expect(lane.weights).toEqual(['i-web0001=40', 'i-web0002=10']);
  });

  it('changes nothing about an instance whose type is not known', () => {
    const lane = aGroupOf(2).withInstances(anInstance('i-web0001', { instanceType: null }));
    askOfAll(lane, { by: { byInstanceType: { 'ecs.g7.xlarge': 40 } }, others: 10 }).look();
    lane.advance(10_000);

    expect(lane.weights).toEqual(['i-web0001=100', 'i-web0002=10']);
  });

  it('is taken back for all with one word, too', () => {
    const lane = askOfAll(aGroupOf(3), { is: 30 });
    lane.look();
    lane.advance(10_000);
    lane.hear('binding/web', { kind: 'return', cause: 'change-request', ref: null, scope: SCOPE }).look();
    lane.advance(10_000);

    expect(new Set(lane.weights.map((weight) => weight.split('=')[1]))).toEqual(new Set(['100']));
  });

  it('of 0 is held by the guards like any other withdrawal', () => {
    const lane = askOfAll(aGroupOf(4, { guards: { minInService: 3 } }), { is: 0 });
    lane.look();
    lane.advance(60_000);

    expect(lane.weights.filter((weight) => weight.endsWith('=0'))).toHaveLength(1);
    expect(lane.nowMs).toBe(NOW_MS + 60_000);
  });
});
