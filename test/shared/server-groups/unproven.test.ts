import { describe, expect, it } from 'vitest';
import { aBackend, aBinding, anInstance, aRow, NOW_MS } from '../../support/builders.ts';
import { PlayedLane } from './played-lane.ts';
import { retired } from './played-lanes.ts';

const BINDING = aBinding({ guards: { minInService: 2 }, readiness: 'load-balancer', join: { weight: 1 } });
const joiner = (id: string) =>
  aRow(id, {
    phase: 'joining',
    listedAtMs: NOW_MS,
    decidedAtMs: NOW_MS,
    dueSinceMs: NOW_MS,
    confirmedWeight: null,
  });

/** Two in service that are to leave, two that have joined and of which health checks say so much. */
function replacement(health: 'normal' | 'unavailable'): PlayedLane {
  const lane = new PlayedLane()
    .withInstances(retired('i-old1'), retired('i-old2'), anInstance('i-new1'), anInstance('i-new2'))
    .withBackends(
      aBackend('i-old1'),
      aBackend('i-old2'),
      aBackend('i-new1', { weight: 1 }),
      aBackend('i-new2', { weight: 1 }),
    )
    .withRows(aRow('i-old1'), aRow('i-old2'), joiner('i-new1'), joiner('i-new2'))
    .withHealth(health, 'i-new1', 'i-new2');
  lane.bindings = [BINDING];
  return lane;
}

describe('servers that have not yet proven that they serve', () => {
  it('do not stand in for those that do: nobody leaves before they are ready', () => {
    const lane = replacement('unavailable');
    lane.look();
    lane.advance(60_000);

    expect(lane.sent).toEqual([]);
    expect(lane.row('i-old1')?.held?.reason).toContain('minInService');
  });

  it('are capacity once they have', () => {
    const lane = replacement('normal');
    lane.advance(1_000).look();
    lane.advance(300_000);

    expect(lane.weights).toEqual(['i-new1=100', 'i-new2=100']);
  });
});
