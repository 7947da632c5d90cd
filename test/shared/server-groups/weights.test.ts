import { describe, expect, it } from 'vitest';
import { planLane } from '../../../shared/server-groups/plan.ts';
import { aBinding, anInstance } from '../../support/builders.ts';
import { PlayedLane } from './played-lane.ts';
import { aGroupOf } from './played-lanes.ts';

const byType = [
  {
    port: 8080,
    weight: 100,
    weightsBy: { byInstanceType: { 'ecs.g7.xlarge': 40 }, byZone: { 'cn-hangzhou-i': 60 } },
  },
];
const xlarge = { instanceType: 'ecs.g7.xlarge' };

describe('weights by what an instance is', () => {
  it('are given to those that are in the group with one call, and the others stay as they are', () => {
    const lane = aGroupOf(4, { ports: byType });
    lane
      .withInstances(anInstance('i-web0001', xlarge), anInstance('i-web0002', xlarge))
      .withInstances(anInstance('i-web0003', { zoneId: 'cn-hangzhou-i' }));
    lane.look();
    lane.advance(10_000);

    expect(lane.sent).toEqual(['2s set-weight i-web0001=40,i-web0002=40,i-web0003=60']);
  });

  it('say in the call what they are by', () => {
    const lane = aGroupOf(2, { ports: byType }).withInstances(anInstance('i-web0001', xlarge));
    lane.withInstances(anInstance('i-new', xlarge)).becomes('i-new', 'Running');
    lane.look();
    lane.nowMs += 2_000;
    const { steps } = planLane(lane.input());

    expect(
      steps.flatMap(({ kind, backends }) => backends.map(({ weight, reason }) => [kind, weight, reason])),
    ).toEqual([
      ['add', 40, 'joining; weight 40 by instance type ecs.g7.xlarge'],
      ['set-weight', 40, 'web gives it weight 40 by instance type ecs.g7.xlarge'],
    ]);
  });

  it('are the full weight of a ramp', () => {
    const lane = new PlayedLane(aBinding({ ports: byType, join: { rampPercents: [50] } }));
    lane.withInstances(anInstance('i-0')).becomes('i-0', 'Running').look();
    lane.advance(10_000);
    lane.withInstances(anInstance('i-1', xlarge)).becomes('i-1', 'Running').look();
    lane.advance(120_000);

    expect(lane.sent.filter((call) => call.includes('i-1'))).toEqual([
      '12s add i-1=20',
      '44s set-weight i-1=40',
    ]);
  });

  it('change nothing about an instance whose type ECS does not say', () => {
    const lane = aGroupOf(2, { ports: byType }).withInstances(
      anInstance('i-web0001', { instanceType: null }),
    );
    lane.look();
    lane.advance(60_000);

    expect(lane.sent).toEqual([]);
  });

  it('of 0 are a withdrawal under the guards', () => {
    const ports = [{ port: 8080, weight: 100, weightsBy: { byZone: { 'cn-hangzhou-h': 0 } } }];
    const lane = aGroupOf(5, { ports, guards: { minInService: 3 } });
    lane.look();
    lane.advance(120_000);

    expect(lane.weights.filter((weight) => weight.endsWith('=0'))).toHaveLength(2);
  });
});
