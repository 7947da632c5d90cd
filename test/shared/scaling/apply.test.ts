import { expect, it, vi } from 'vitest';
import type { HeldLane } from '../../../shared/lanes/model.ts';
import { createScalingPass, type ScalingPassDeps } from '../../../shared/scaling/apply.ts';
import { ASSUME, aBinding, aHookRow, LB, NOW_MS, SCALING, SCALING_GROUP } from '../../support/builders.ts';

const LEASE_MS = 45_000;
const HELD = { laneId: SCALING_GROUP, owner: 'me', fence: 1, leaseUntilMs: NOW_MS + LEASE_MS } as HeldLane;

/** A pass over one hook whose instance is to leave; the worker stands still in one of its reads. */
const aPass = (sleepsMs: number) => {
  let nowMs = NOW_MS;
  const row = aHookRow();
  const { lifecycleHookId, activityId, token, instanceIds } = row;
  const put = vi.fn(async () => {});
  const clock = { nowMs: () => nowMs };
  const deps = {
    hooks: { read: async () => [row], commit: async () => ({ refused: [] }) },
    scaling: {
      activitiesInProgress: async () => [{ activityId, startedAtMs: NOW_MS }],
      actions: async () => [
        { lifecycleHookId, activityId, token, instanceIds, status: 'Pending', result: null },
      ],
      instances: async () => new Map(instanceIds.map((id) => [id, 'Removing:Wait'])),
      hooks: async () => {
        nowMs += sleepsMs;
        return [{ lifecycleHookId, transition: 'SCALE_IN', timeoutSeconds: 600, isActive: true }];
      },
    },
    members: { lanesOf: async () => new Map(instanceIds.map((id) => [id, new Set([LB])])) },
    instances: { describe: async () => [], provePermission: async () => {} },
    backends: { readGroups: async () => [] },
    groups: { describe: async (vServerGroupId: string) => ({ vServerGroupId, backends: [] }) },
    inbox: { read: async () => [], put },
    lanes: { signal: async () => {} },
    wakeUps: { send: async () => {} },
    metrics: { count: () => {} },
    bindings: [aBinding()],
    scalingPolicy: SCALING.policy,
    assume: ASSUME,
    timing: { leaseMs: LEASE_MS, callTimeoutMs: 10_000 },
    clock,
    ownClock: clock,
    newId: () => 'id',
    random: () => 0.5,
  } as unknown as ScalingPassDeps;
  return { put, run: () => createScalingPass(deps)(HELD, NOW_MS + 20_000) };
};

it('a worker that holds its lane tells the lanes of load balancers who is to leave', async () => {
  const { put, run } = aPass(0);
  await run();

  expect(put).toHaveBeenCalledTimes(1);
});

it('a worker that has slept for longer than its lease tells nobody anything: others have gone on since', async () => {
  const { put, run } = aPass(LEASE_MS);
  const result = await run();

  expect(put).not.toHaveBeenCalled();
  expect(result.isOutOfTime).toBe(true);
});
