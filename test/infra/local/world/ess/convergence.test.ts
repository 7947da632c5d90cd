import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../../../infra/local/world/errors.ts';
import { LIFECYCLE_RESULTS } from '../../../../../infra/local/world/ess/model.ts';
import { ASG, CHECK_MS, essWorld, UNHEALTHY_MS } from './ess-world.ts';

const step = fc.oneof(
  fc.record({ kind: fc.constant('scale' as const), by: fc.integer({ min: -4, max: 4 }) }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat(9), lowers: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('stop' as const, 'release' as const, 'reboot' as const), at: fc.nat(9) }),
  fc.record({
    kind: fc.constant('answer' as const),
    at: fc.nat(5),
    result: fc.constantFrom(...LIFECYCLE_RESULTS),
  }),
  fc.record({ kind: fc.constantFrom('protect' as const, 'standby' as const), at: fc.nat(9) }),
  fc.record({ kind: fc.constantFrom('hook' as const, 'unhook' as const), isOut: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 2 * CHECK_MS }) }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** What is refused is refused; anything else than a refusal is a defect of the world. */
function attempt(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
  }
}

function play(world: ReturnType<typeof essWorld>, one: Step): unknown {
  const { ess, ecs, clock, scale, hook, waits } = world;
  const member = (at: number) => {
    const members = ess.members(ASG);
    return members[at % Math.max(1, members.length)]?.instanceId ?? 'i-none';
  };
  const named = (at: number) => ({ scalingGroupId: ASG, instanceIds: [member(at)] });
  switch (one.kind) {
    case 'scale':
      return attempt(() => scale(one.by));
    case 'remove':
      return attempt(() => ess.removeInstances({ ...named(one.at), decreaseDesiredCapacity: one.lowers }));
    case 'stop':
      return attempt(() => ecs.stopInstance({ instanceId: member(one.at) }));
    case 'release':
      return attempt(() => ecs.deleteInstance({ instanceId: member(one.at), force: true }));
    case 'reboot':
      return attempt(() => ecs.rebootInstance({ instanceId: member(one.at) }));
    case 'protect':
      return attempt(() => ess.setInstancesProtection({ ...named(one.at), protectedFromScaleIn: true }));
    case 'standby':
      return attempt(() => ess.enterStandby(named(one.at)));
    case 'hook':
      return attempt(() => hook(one.isOut ? 'SCALE_OUT' : 'SCALE_IN'));
    case 'unhook': {
      const [first] = ess.describeLifecycleHooks({ scalingGroupId: ASG }).items;
      return attempt(() => ess.deleteLifecycleHook({ lifecycleHookId: first?.lifecycleHookId }));
    }
    case 'wait':
      return clock.advanceBy(one.ms);
    case 'answer': {
      const pending = waits();
      const wait = pending[one.at % Math.max(1, pending.length)];
      if (wait === undefined) return null;
      return ess.completeLifecycleAction({
        ...wait,
        lifecycleActionResult: one.result,
        clientToken: undefined,
      });
    }
  }
}

/** Takes away what holds the group up, and gives it time. */
function settle(world: ReturnType<typeof essWorld>): void {
  const { ess, clock } = world;
  for (const { lifecycleHookId } of ess.describeLifecycleHooks({ scalingGroupId: ASG }).items) {
    ess.deleteLifecycleHook({ lifecycleHookId });
  }
  clock.advanceBy(10 * CHECK_MS);
  for (const { instanceId, lifecycleState } of ess.members(ASG)) {
    const named = { scalingGroupId: ASG, instanceIds: [instanceId] };
    if (lifecycleState === 'Standby') ess.exitStandby(named);
    if (lifecycleState === 'Protected') ess.setInstancesProtection({ ...named, protectedFromScaleIn: false });
  }
  clock.advanceBy(10 * (CHECK_MS + UNHEALTHY_MS));
}

describe('whatever happens to a group', () => {
  it.each([
    ['with a desired capacity', { desiredCapacity: 3, minSize: 1, maxSize: 6 }],
    ['without one', { minSize: 1, maxSize: 6 }],
  ])('it comes to rest at its capacity and leaves nothing behind, %s', (_, group) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = essWorld({ group, switches: { essDeletedHookResult: 'continue' } });
        const { ess, ecs, clock, waits } = world;
        clock.advanceBy(2 * CHECK_MS);

        for (const one of steps) play(world, one);
        settle(world);

        const now = ess.group(ASG);
        const members = ess.members(ASG);
        expect(waits()).toEqual([]);
        expect(ess.describeScalingActivities({ statusCode: 'InProgress' }).items).toEqual([]);
        expect(members.every(({ lifecycleState }) => lifecycleState === 'InService')).toBe(true);
        expect(members.every(({ heldBy }) => heldBy === null)).toBe(true);
        if (now?.desiredCapacity != null) expect(members).toHaveLength(now.desiredCapacity);
        else expect(members.length).toBeGreaterThanOrEqual(1);
        expect(members.length).toBeLessThanOrEqual(6);
        // Nothing that the group created runs on without it.
        const running = ecs.instances().map(({ instanceId, status }) => [instanceId, status]);
        expect(running.sort()).toEqual(members.map(({ instanceId }) => [instanceId, 'Running']).sort());
        expect(clock.nextAtMs()).toBeNull();
      }),
      { numRuns: 150 },
    );
  });
});
