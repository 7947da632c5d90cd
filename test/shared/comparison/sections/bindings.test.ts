import { describe, expect, it } from 'vitest';
import type { LoadBalancerLook } from '../../../../shared/comparison/look.ts';
import { bindingSections } from '../../../../shared/comparison/sections/bindings.ts';
import { NO_NOTES } from '../../../../shared/lanes/model.ts';
import { planLane } from '../../../../shared/server-groups/plan.ts';
import { anInstance, LB } from '../../../support/builders.ts';
import { aMove } from '../../server-groups/moving-lane.ts';
import type { PlayedLane } from '../../server-groups/played-lane.ts';
import { aGroupOf, refuses } from '../../server-groups/played-lanes.ts';

/** What a look at the lane as it is has shown. */
function lookOf(lane: PlayedLane): LoadBalancerLook {
  const input = { ...lane.input(), timing: { ...lane.input().timing, gatherMs: 0 } };
  const { bindings, groups, instances, loadBalancer, rows, readAtMs, nowMs, signals } = input;
  return {
    loadBalancerId: LB,
    bindings,
    declared: [],
    lane: {
      laneId: LB,
      owner: null,
      leaseUntilMs: 0,
      fence: 1,
      dirty: 1,
      handled: 1,
      nextWakeUpMs: null,
      notes: NO_NOTES,
    },
    inbox: signals,
    seen: { groups, instances, loadBalancer, rows, readAtMs },
    lost: [],
    postponed: 0,
    plan: planLane(input),
    hasWork: false,
    failure: null,
    nowMs,
  };
}

/** `rsp-…/` left out, each line as `kind subject text reason`. */
function linesOf(lane: PlayedLane): ReadonlyArray<string> {
  return bindingSections(lookOf(lane)).flatMap(({ lines }) =>
    lines.map((line) => {
      const text = line.kind === 'change' ? ` ${line.text}` : line.kind === 'held' ? ` ${line.by}` : '';
      return `${line.kind} ${line.subject.split('/')[1]}${text}: ${line.reason}`;
    }),
  );
}

describe('the section of a binding', () => {
  it('says of a server on its way to another port what it waits for', () => {
    const lane = aMove(1, [8081], { readiness: 'probe', join: { readyWithinMs: 30_000 } });
    lane.onProbe = refuses;
    lane.compare().advance(10_000);
    expect(linesOf(lane)).toEqual([
      'under-way i-web0001:8080: stays until its server serves on :8081',
      expect.stringMatching(/^under-way i-web0001:8081: joining: in the group since /),
    ]);

    lane.advance(60_000);
    expect(linesOf(lane)).toEqual([
      'held i-web0001:8080 moving: stays until its server serves on :8081: :8081 not ready within its limit: our probe says connection refused',
      'held i-web0001:8081 not-ready: not ready within its limit: our probe says connection refused',
    ]);
  });

  it('says of a weight what it is by', () => {
    const ports = [{ port: 8080, weight: 100, weightsBy: { byInstanceType: { 'ecs.g7.large': 50 } } }];
    const lane = aGroupOf(2, { ports }).withInstances(
      anInstance('i-web0002', { instanceType: 'ecs.g7.xlarge' }),
    );

    expect(linesOf(lane)).toEqual([
      'change i-web0001:8080 weight 100 → 50: web gives it weight 50 by instance type ecs.g7.large',
    ]);
  });
});
