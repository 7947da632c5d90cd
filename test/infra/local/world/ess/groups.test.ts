import { describe, expect, it } from 'vitest';
import { codeOf } from '../slb/slb-world.ts';
import { ASG, BOOT_MS, CHECK_MS, essWorld, RELEASE_MS } from './ess-world.ts';

describe('CreateScalingGroup', () => {
  it.each([
    [{ minSize: -1 }, 'InvalidParameter'],
    [{ maxSize: 2_001 }, 'InvalidParameter'],
    [{ minSize: 3, maxSize: 2 }, 'InvalidParameter.Conflict'],
    [{ minSize: 1, desiredCapacity: 0 }, 'InvalidParameter.Conflict'],
    [{ desiredCapacity: 6 }, 'InvalidParameter.Conflict'],
    [{ scalingGroupName: 'x' }, 'InvalidParameter'],
    [{ scalingGroupName: 'web-asg' }, 'InvalidScalingGroupName.Duplicate'],
  ])('refuses %o with %s', (wrong, code) => {
    const { ess } = essWorld();

    expect(codeOf(() => ess.createScalingGroup({ minSize: 0, maxSize: 5, ...wrong }))).toBe(code);
    expect(ess.groups()).toHaveLength(1);
  });

  it('is a seed with a given id, which a second seed leaves as it is', () => {
    const { ess } = essWorld();

    const again = ess.seedScalingGroup({ scalingGroupId: ASG, minSize: 5, maxSize: 5 });

    expect(again).toMatchObject({ scalingGroupName: 'web-asg', minSize: 0 });
  });
});

describe('DescribeScalingGroups', () => {
  it('counts instances by their states', () => {
    const { ess, clock, filled, hook, scale } = essWorld({ group: { desiredCapacity: 0 } });
    const ids = filled(5);
    const named = (at: number) => ({ scalingGroupId: ASG, instanceIds: ids.slice(at, at + 1) });
    ess.setInstancesProtection({ ...named(0), protectedFromScaleIn: true });
    ess.enterStandby(named(1));
    hook('SCALE_IN');
    scale(-2);
    scale(1);
    clock.advanceBy(0);

    const [group] = ess.describeScalingGroups({ scalingGroupName: 'web-asg' }).items;

    expect(group).toMatchObject({
      totalCapacity: 6,
      activeCapacity: 1,
      protectedCapacity: 1,
      standbyCapacity: 1,
      removingCapacity: 2,
      pendingCapacity: 1,
    });
  });

  it('selects by ids and pages', () => {
    const { ess } = essWorld();
    const other = ess.createScalingGroup({ minSize: 0, maxSize: 1 });
    const ids = (query: Parameters<typeof ess.describeScalingGroups>[0]) =>
      ess.describeScalingGroups(query).items.map(({ scalingGroupId }) => scalingGroupId);

    expect(ids({ scalingGroupIds: [other, 'asg-none'] })).toEqual([other]);
    expect(ids({ pageNumber: 2, pageSize: 1 })).toEqual([other]);
    expect(codeOf(() => ids({ pageNumber: 0 }))).toBe('InvalidParameter');
  });
});

describe('DeleteScalingGroup', () => {
  it('needs a group without instances and activities', () => {
    const { ess, clock, scale } = essWorld();
    const remove = () => codeOf(() => ess.deleteScalingGroup({ scalingGroupId: ASG }));
    scale(1);
    expect(remove()).toBe('ScalingActivityInProgress');
    clock.advanceBy(BOOT_MS);
    expect(remove()).toBe('InstanceInUse');
    scale(-1);
    clock.advanceBy(RELEASE_MS);

    expect(remove()).toBeNull();

    expect(ess.group(ASG)).toBeNull();
    expect(remove()).toBe('InvalidScalingGroupId.NotFound');
  });

  it('ends everything when it is forced, asks no hook, and is gone with the last instance', () => {
    const { ess, ecs, clock, filled, hook, scale, waits, told, activities, complete } = essWorld();
    filled(2);
    const drain = hook('SCALE_IN');
    scale(-1);
    expect(waits()).toHaveLength(1);

    ess.deleteScalingGroup({ scalingGroupId: ASG, forceDelete: true });

    expect(waits()).toEqual([]);
    expect(told('hook-completed')).toMatchObject([{ by: 'group-deleted' }]);
    expect(ess.group(ASG)?.lifecycleState).toBe('Deleting');
    expect(activities()).toEqual(['SCALE_OUT Successful', 'SCALE_IN Failed', 'SCALE_IN InProgress']);
    expect(codeOf(() => scale(1))).toBe('IncorrectScalingGroupStatus');
    expect(codeOf(() => complete(drain))).toBe('LifecycleHookIdAndLifecycleActionToken.Invalid');
    clock.advanceBy(RELEASE_MS);
    expect(ess.group(ASG)).toBeNull();
    expect(ess.hook(drain)).toBeNull();
    expect(ecs.instances()).toEqual([]);
    clock.advanceBy(10 * CHECK_MS);
    expect(ess.groups()).toEqual([]);
  });

  it('releases instances that are not Running yet, too', () => {
    const { ess, ecs, clock, scale } = essWorld();
    scale(1);

    ess.deleteScalingGroup({ scalingGroupId: ASG, forceDelete: true });
    clock.advanceBy(BOOT_MS + RELEASE_MS);

    expect(ecs.instances()).toEqual([]);
    expect(ess.group(ASG)).toBeNull();
  });
});

describe('instances that a scene puts into a group', () => {
  it('are in service at once, without hooks or activities', () => {
    const { ess, ecs, clock, hook, waits, activities } = essWorld();
    const [instanceId = ''] = ecs.runInstances({ amount: 1 });
    clock.advanceBy(BOOT_MS);
    hook('SCALE_OUT');

    ess.attachInstances({ scalingGroupId: ASG, instanceIds: [instanceId] });

    expect(ess.member(instanceId)).toMatchObject({
      lifecycleState: 'InService',
      creationType: 'Attached',
      scalingActivityId: '',
      entrusted: true,
    });
    expect([waits(), activities()]).toEqual([[], []]);
  });

  it('must be there, and in no group', () => {
    const { ess, filled } = essWorld();
    const attach = (instanceId: string) =>
      codeOf(() => ess.attachInstances({ scalingGroupId: ASG, instanceIds: [instanceId] }));

    expect(attach('i-none')).toBe('InvalidInstanceId.NotFound');
    expect(attach(filled(1)[0] ?? '')).toBe('IncorrectInstanceStatus');
  });
});

describe('setting instances aside', () => {
  it('is refused for strangers, for nobody, and in the wrong state', () => {
    const { ess, filled, hook, scale } = essWorld();
    const [first = '', second = ''] = filled(2);
    const named = (...instanceIds: ReadonlyArray<string>) => ({ scalingGroupId: ASG, instanceIds });

    expect(codeOf(() => ess.enterStandby(named('i-none')))).toBe('InvalidInstanceId.NotFound');
    expect(codeOf(() => ess.enterStandby(named()))).toBe('InvalidParameter');
    expect(codeOf(() => ess.exitStandby(named(second)))).toBe('IncorrectInstanceStatus');
    hook('SCALE_IN');
    scale(-1);
    expect(codeOf(() => ess.setInstancesProtection({ ...named(first), protectedFromScaleIn: true }))).toBe(
      'IncorrectInstanceStatus',
    );
    // All or nothing.
    expect(codeOf(() => ess.enterStandby(named(second, first)))).toBe('IncorrectInstanceStatus');
    expect(ess.member(second)?.lifecycleState).toBe('InService');
  });
});
