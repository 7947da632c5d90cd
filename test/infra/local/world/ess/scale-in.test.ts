import { describe, expect, it } from 'vitest';
import { codeOf } from '../slb/slb-world.ts';
import { ASG, BOOT_MS, CHECK_MS, essWorld, RELEASE_MS } from './ess-world.ts';

describe('a scale-in', () => {
  it('releases the oldest instances by force', () => {
    const { ecs, ess, clock, filled, scale, activities } = essWorld();
    const [first = '', second = '', third = ''] = filled(3);

    scale(-2);

    expect(ess.member(first)?.lifecycleState).toBe('Removing');
    expect(ecs.find(first)?.status).toBe('Stopping');
    clock.advanceBy(RELEASE_MS);
    expect([first, second].map((id) => ecs.find(id))).toEqual([null, null]);
    expect(ess.members(ASG)).toMatchObject([{ instanceId: third, lifecycleState: 'InService' }]);
    expect(activities()).toEqual(['SCALE_OUT Successful', 'SCALE_IN Successful']);
  });

  it('holds its instances for its hook, running, and releases them after CONTINUE', () => {
    const { ecs, clock, filled, hook, scale, states, complete, waits } = essWorld();
    const [first = '', second = ''] = filled(2);
    const drain = hook('SCALE_IN');

    scale(-2);

    expect(states()).toEqual(['Removing:Wait', 'Removing:Wait']);
    expect(waits()).toMatchObject([{ lifecycleHookId: drain, instanceIds: [first, second] }]);
    clock.advanceBy(60_000);
    expect(ecs.find(first)?.status).toBe('Running');
    complete(drain, 'CONTINUE');
    clock.advanceBy(RELEASE_MS);
    expect(states()).toEqual([]);
  });

  it('releases them after ABANDON too', () => {
    const { clock, filled, hook, scale, states, complete, activities } = essWorld();
    filled(2);
    const drain = hook('SCALE_IN');
    scale(-1);

    complete(drain, 'ABANDON');
    clock.advanceBy(RELEASE_MS);

    expect(states()).toEqual(['InService']);
    expect(activities().at(-1)).toBe('SCALE_IN Successful');
  });

  it('keeps them in service after ROLLBACK', () => {
    const { ecs, clock, filled, hook, scale, states, complete, activities } = essWorld();
    filled(2);
    const drain = hook('SCALE_IN');
    scale(-1);

    complete(drain, 'ROLLBACK');
    clock.advanceBy(10 * CHECK_MS);

    expect(states()).toEqual(['InService', 'InService']);
    expect(ecs.instances()).toHaveLength(2);
    expect(activities().at(-1)).toBe('SCALE_IN Failed');
  });

  it('never chooses a protected or a standby instance', () => {
    const { ess, filled, scale, states } = essWorld();
    const [first = '', second = ''] = filled(4);
    ess.setInstancesProtection({
      scalingGroupId: ASG,
      instanceIds: [first],
      protectedFromScaleIn: true,
    });
    ess.enterStandby({ scalingGroupId: ASG, instanceIds: [second] });

    scale(0, 'TotalCapacity');

    expect(states()).toEqual(['Protected', 'Standby', 'Removing', 'Removing']);
  });

  it('is refused when nothing may be taken out', () => {
    const { ess, filled, scale } = essWorld();
    ess.setInstancesProtection({
      scalingGroupId: ASG,
      instanceIds: filled(1),
      protectedFromScaleIn: true,
    });

    expect(codeOf(() => scale(-1))).toBe('IncorrectCapacity.NoChange');
  });

  it('ends when somebody else releases its instance during the wait', () => {
    const { ecs, clock, filled, hook, scale, complete, states, activities } = essWorld();
    const [instanceId = ''] = filled(1);
    const drain = hook('SCALE_IN');
    scale(-1);
    ecs.deleteInstance({ instanceId, force: true });
    clock.advanceBy(RELEASE_MS);
    expect(states()).toEqual(['Removing:Wait']);

    complete(drain, 'CONTINUE');

    expect(states()).toEqual([]);
    expect(activities().at(-1)).toBe('SCALE_IN Successful');
  });
});

describe('RemoveInstances', () => {
  it('takes the named ones out in one activity, protected ones too', () => {
    const { ess, filled, hook, waits } = essWorld();
    const [first = '', second = '', third = ''] = filled(3);
    hook('SCALE_IN');
    ess.setInstancesProtection({
      scalingGroupId: ASG,
      instanceIds: [third],
      protectedFromScaleIn: true,
    });

    const scalingActivityId = ess.removeInstances({
      scalingGroupId: ASG,
      instanceIds: [third, second, third],
    });

    expect(waits()).toMatchObject([{ scalingActivityId, instanceIds: [third, second] }]);
    expect(ess.member(first)?.lifecycleState).toBe('InService');
  });

  it('lowers the desired capacity unless told not to', () => {
    const { ess, clock, states } = essWorld({ group: { desiredCapacity: 3 } });
    clock.advanceBy(CHECK_MS + BOOT_MS);
    const [first = '', second = ''] = ess.members(ASG).map(({ instanceId }) => instanceId);

    ess.removeInstances({ scalingGroupId: ASG, instanceIds: [first] });
    expect(ess.group(ASG)?.desiredCapacity).toBe(2);
    ess.removeInstances({
      scalingGroupId: ASG,
      instanceIds: [second],
      decreaseDesiredCapacity: false,
    });

    expect(ess.group(ASG)?.desiredCapacity).toBe(2);
    clock.advanceBy(CHECK_MS + BOOT_MS);
    expect(states()).toEqual(['InService', 'InService']);
    expect(ess.member(second)).toBeNull();
  });

  it('releases what was attached, unless the group was not entrusted with it', () => {
    const { ecs, ess, clock } = essWorld();
    const ids = ecs.runInstances({ amount: 2 });
    clock.advanceBy(BOOT_MS);
    const [entrusted = '', own = ''] = ids;
    ess.attachInstances({ scalingGroupId: ASG, instanceIds: [entrusted] });
    ess.attachInstances({ scalingGroupId: ASG, instanceIds: [own], entrusted: false });

    ess.removeInstances({ scalingGroupId: ASG, instanceIds: ids });
    clock.advanceBy(RELEASE_MS);

    expect(ess.members(ASG)).toEqual([]);
    expect(ecs.instances().map(({ instanceId }) => instanceId)).toEqual([own]);
  });

  it('is refused below the minimum, for strangers, twice at once, and for no or too many instances', () => {
    const { ess, ecs, filled } = essWorld({ group: { minSize: 1 } });
    const [first = '', second = ''] = filled(2);
    const [stranger = ''] = ecs.runInstances({ amount: 1 });
    const remove = (...instanceIds: ReadonlyArray<string>) =>
      codeOf(() => ess.removeInstances({ scalingGroupId: ASG, instanceIds }));

    expect(remove(first, second)).toBe('IncorrectCapacity.MinSize');
    expect(remove(stranger)).toBe('InvalidInstanceId.NotFound');
    expect(remove()).toBe('InvalidParameter');
    expect(remove(...Array.from({ length: 21 }, (_, at) => `i-${at}`))).toBe('InvalidParameter');
    expect(remove(first)).toBeNull();
    expect(remove(second)).toBe('ScalingActivityInProgress');
  });

  it('is refused for an instance that another activity has', () => {
    const { ess, clock, hook } = essWorld({ group: { desiredCapacity: 2 } });
    clock.advanceBy(CHECK_MS + BOOT_MS);
    hook('SCALE_IN');
    const [first = ''] = ess.members(ASG).map(({ instanceId }) => instanceId);
    const remove = () => ess.removeInstances({ scalingGroupId: ASG, instanceIds: [first] });
    remove();

    expect(codeOf(remove)).toBe('IncorrectInstanceStatus');
  });
});
