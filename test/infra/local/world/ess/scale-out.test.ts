import { describe, expect, it } from 'vitest';
import { codeOf } from '../slb/slb-world.ts';
import { ASG, BOOT_MS, essWorld, RELEASE_MS } from './ess-world.ts';

describe('a scale-out', () => {
  it('brings instances into service once they are Running, without hooks', () => {
    const { ess, ecs, clock, scale, states, activities } = essWorld();

    const scalingActivityId = scale(2);

    expect(states()).toEqual(['Pending', 'Pending']);
    expect(activities()).toEqual(['SCALE_OUT InProgress']);
    clock.advanceBy(BOOT_MS - 1);
    expect(states()).toEqual(['Pending', 'Pending']);
    clock.advanceBy(1);
    expect(states()).toEqual(['InService', 'InService']);
    expect(activities()).toEqual(['SCALE_OUT Successful']);
    expect(ess.members(ASG)).toEqual(
      ecs.instances().map(({ instanceId }) =>
        expect.objectContaining({
          instanceId,
          scalingActivityId,
          creationType: 'AutoCreated',
          entrusted: true,
          heldBy: null,
        }),
      ),
    );
  });

  it('gives its instances the tags of the group that propagate, and the tag with its id', () => {
    const { ecs, scale } = essWorld({
      group: {
        tags: [
          { key: 'role', value: 'web', propagate: true },
          { key: 'cost', value: 'shop' },
        ],
      },
    });

    scale(1);

    expect(ecs.instances()[0]?.tags).toEqual([
      { key: 'role', value: 'web' },
      { key: 'acs:autoscaling:scalingGroupId', value: ASG },
    ]);
  });

  it('gives those of a seed their instance tags', () => {
    const { ess, ecs } = essWorld();
    ess.seedScalingGroup({
      scalingGroupId: 'asg-tagged',
      minSize: 0,
      maxSize: 1,
      instanceTags: [{ key: 'role', value: 'db' }],
    });

    ess.scaleWithAdjustment({
      scalingGroupId: 'asg-tagged',
      adjustmentType: 'TotalCapacity',
      adjustmentValue: 1,
    });

    expect(ecs.instances()[0]?.tags).toContainEqual({ key: 'role', value: 'db' });
  });

  it('asks ECS twice for more instances than one call creates', () => {
    const { ecs, scale } = essWorld({ group: { maxSize: 200 } });

    scale(150);

    expect(ecs.instances()).toHaveLength(150);
  });

  it('waits for its hook with all its instances under one token', () => {
    const { clock, hook, scale, states, waits, told } = essWorld();
    const lifecycleHookId = hook('SCALE_OUT', { lifecycleHookName: 'register' });
    hook('SCALE_IN');

    const scalingActivityId = scale(2);
    clock.advanceBy(BOOT_MS);

    expect(states()).toEqual(['Pending:Wait', 'Pending:Wait']);
    const [wait, ...others] = waits();
    expect(others).toEqual([]);
    expect(wait).toMatchObject({ lifecycleHookId, scalingActivityId, result: 'CONTINUE' });
    expect(wait?.lifecycleActionToken).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    expect(wait?.instanceIds).toHaveLength(2);
    expect(told('hook-waiting')).toEqual([
      {
        scalingGroupId: ASG,
        scalingGroupName: 'web-asg',
        scalingActivityId,
        transition: 'SCALE_OUT',
        lifecycleHookId,
        lifecycleHookName: 'register',
        lifecycleActionToken: wait?.lifecycleActionToken,
        instanceIds: wait?.instanceIds,
        deadlineMs: clock.nowMs() + 600_000,
      },
    ]);
  });

  it('waits for no hook that is not Active', () => {
    const { ess, clock, hook, scale, states } = essWorld();
    const lifecycleHookId = hook('SCALE_OUT');
    ess.modifyLifecycleHook({ lifecycleHookId, lifecycleHookStatus: 'InActive' });

    scale(1);
    clock.advanceBy(BOOT_MS);

    expect(states()).toEqual(['InService']);
  });

  it('serves after CONTINUE', () => {
    const { clock, hook, scale, states, complete, activities, told } = essWorld();
    const register = hook('SCALE_OUT');
    scale(1);
    clock.advanceBy(BOOT_MS);

    complete(register, 'CONTINUE');

    expect(states()).toEqual(['InService']);
    expect(activities()).toEqual(['SCALE_OUT Successful']);
    expect(told('hook-completed')).toEqual([
      expect.objectContaining({ lifecycleHookId: register, result: 'CONTINUE', by: 'caller' }),
    ]);
    expect(told('activity-started')).toHaveLength(1);
    expect(told('activity-ended')).toEqual([expect.objectContaining({ statusCode: 'Successful' })]);
  });

  it.each(['ABANDON', 'ROLLBACK'])('gives the created instances back after %s', (result) => {
    const { ecs, clock, hook, scale, states, complete, activities } = essWorld();
    const register = hook('SCALE_OUT');
    scale(2);
    clock.advanceBy(BOOT_MS);

    complete(register, result);

    expect(states()).toEqual(['Removing', 'Removing']);
    expect(activities()).toEqual(['SCALE_OUT InProgress']);
    clock.advanceBy(RELEASE_MS);
    expect(states()).toEqual([]);
    expect(ecs.instances()).toEqual([]);
    expect(activities()).toEqual(['SCALE_OUT Failed']);
  });

  it('goes on with those that are left when one dies during the wait, and ends with a warning', () => {
    const { ecs, ess, clock, hook, scale, complete, activities } = essWorld();
    const register = hook('SCALE_OUT');
    scale(2);
    clock.advanceBy(BOOT_MS);
    const [dead = '', alive = ''] = ess.members(ASG).map(({ instanceId }) => instanceId);
    ecs.stopInstance({ instanceId: dead, forceStop: true });
    clock.advanceBy(0);

    complete(register, 'CONTINUE');
    clock.advanceBy(RELEASE_MS);

    expect(ess.members(ASG)).toMatchObject([{ instanceId: alive, lifecycleState: 'InService' }]);
    expect(ecs.find(dead)).toBeNull();
    expect(activities()).toEqual(['SCALE_OUT Warning']);
  });

  it('fails when none of its instances is left after the wait', () => {
    const { ecs, ess, clock, hook, scale, complete, activities } = essWorld();
    const register = hook('SCALE_OUT');
    scale(1);
    clock.advanceBy(BOOT_MS);
    const [instanceId = ''] = ess.members(ASG).map((member) => member.instanceId);
    ecs.deleteInstance({ instanceId, force: true });
    clock.advanceBy(RELEASE_MS);

    complete(register, 'CONTINUE');

    expect(ess.members(ASG)).toEqual([]);
    expect(activities()).toEqual(['SCALE_OUT Failed']);
  });

  it('fails without a wait when its instances die before they are Running', () => {
    const { ecs, ess, clock, hook, scale, waits, activities } = essWorld();
    hook('SCALE_OUT');
    scale(1);
    const [instanceId = ''] = ess.members(ASG).map((member) => member.instanceId);
    clock.advanceBy(100);
    ecs.deleteInstance({ instanceId, force: true });

    clock.advanceBy(RELEASE_MS);

    expect(waits()).toEqual([]);
    expect(activities()).toEqual(['SCALE_OUT Failed']);
  });
});

describe('ScaleWithAdjustment', () => {
  it.each([
    ['QuantityChangeInCapacity', 3, 7],
    ['QuantityChangeInCapacity', 30, 10],
    ['QuantityChangeInCapacity', -1, 3],
    ['QuantityChangeInCapacity', -30, 1],
    ['TotalCapacity', 6, 6],
    ['TotalCapacity', 0, 1],
    ['PercentChangeInCapacity', 50, 6],
    ['PercentChangeInCapacity', 60, 6],
    ['PercentChangeInCapacity', 10, 5],
    ['PercentChangeInCapacity', -50, 2],
    ['PercentChangeInCapacity', -10, 3],
  ])('takes 4 instances by %s %i to %i within 1 and 10', (adjustmentType, value, expected) => {
    const { clock, filled, scale, states } = essWorld({ group: { minSize: 1 } });
    filled(4);

    scale(value, adjustmentType);
    clock.advanceBy(BOOT_MS);

    expect(states()).toEqual(Array(expected).fill('InService'));
  });

  it.each([
    ['NoSuchType', 1, 'InvalidParameter'],
    ['TotalCapacity', -1, 'InvalidParameter'],
    ['PercentChangeInCapacity', -101, 'InvalidParameter'],
    ['QuantityChangeInCapacity', 1_001, 'InvalidParameter'],
    ['TotalCapacity', 4, 'IncorrectCapacity.NoChange'],
    ['QuantityChangeInCapacity', 0, 'IncorrectCapacity.NoChange'],
  ])('refuses %s %i at 4 instances with %s', (adjustmentType, value, code) => {
    const { filled, scale } = essWorld();
    filled(4);

    expect(codeOf(() => scale(value, adjustmentType))).toBe(code);
  });

  it('is refused while another activity is in progress, without a desired capacity', () => {
    const { scale } = essWorld();
    scale(1);

    expect(codeOf(() => scale(1))).toBe('ScalingActivityInProgress');
  });

  it('is refused for a group that there is not', () => {
    const { ess } = essWorld();
    const input = { scalingGroupId: 'asg-none', adjustmentType: 'TotalCapacity', adjustmentValue: 1 };

    expect(codeOf(() => ess.scaleWithAdjustment(input))).toBe('InvalidScalingGroupId.NotFound');
  });
});
