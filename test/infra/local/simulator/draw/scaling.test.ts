import { describe, expect, it } from 'vitest';
import { drawDay } from '../../../../../infra/local/simulator/draw/day.ts';
import { parseConfig } from '../../../../../shared/config/load.ts';

const DAYS = Array.from({ length: 200 }, (_, seed) => drawDay(seed));
const SCALING = DAYS.filter(({ scalingGroups = [] }) => scalingGroups.length > 0);
const hooksOf = ({ scalingGroups = [] }: (typeof DAYS)[number]) =>
  scalingGroups.flatMap(({ hooks }) => hooks);

describe('drawn days', () => {
  it('have scaling groups sometimes, and one or two of them', () => {
    expect(SCALING.length).toBeGreaterThan(30);
    expect(SCALING.length).toBeLessThan(70);
    for (const { scalingGroups = [] } of SCALING) expect([1, 2]).toContain(scalingGroups.length);
  });

  it('have hooks that the product can answer: none of ours has a timeout below three minutes', () => {
    const ours = SCALING.flatMap(hooksOf).filter(({ neighbour }) => neighbour === null);

    expect(Math.min(...ours.map(({ timeoutSeconds }) => timeoutSeconds))).toBeGreaterThanOrEqual(180);
  });

  it('have neighbours’ hooks now and then', () => {
    expect(SCALING.flatMap(hooksOf).filter(({ neighbour }) => neighbour !== null).length).toBeGreaterThan(5);
  });

  it('never tell the product something wrong about heartbeats', () => {
    for (const { configuration, switches } of SCALING) {
      const { heartbeatCountsFrom } = parseConfig(configuration, 'autopilot.yaml').assume;
      expect(['unknown', switches.essHeartbeatCountsFrom]).toContain(heartbeatCountsFrom);
    }
  });

  it('name every scaling group in their configuration, by a selector or by itself', () => {
    for (const { configuration, scalingGroups = [] } of SCALING) {
      for (const { scalingGroupId } of scalingGroups) expect(configuration).toContain(scalingGroupId);
    }
  });
});

describe('a configuration of one’s own', () => {
  const selector = { scalingGroup: 'asg-mine' };
  const binding = {
    name: 'web',
    loadBalancer: 'lb-one',
    vServerGroup: 'rsp-one',
    selector,
    ports: [{ port: 80 }],
  };
  const scaling = { groups: [{ id: 'asg-mine', hookTimeout: '200s' }] };
  const assume = { heartbeatCountsFrom: 'old-deadline' };
  const file = { version: 1, region: 'cn-hangzhou', bindings: [binding], scaling, assume };

  it('has its scaling groups made up around it, as it says that they are', () => {
    const day = drawDay(3, JSON.stringify(file));

    expect(day.configuration).toBe(JSON.stringify(file));
    expect(day.scalingGroups?.map(({ scalingGroupId }) => scalingGroupId)).toEqual(['asg-mine']);
    expect(day.switches.essHeartbeatCountsFrom).toBe('old-deadline');
    for (const { neighbour, timeoutSeconds } of hooksOf(day)) {
      if (neighbour === null) expect(timeoutSeconds).toBe(200);
    }
  });
});
