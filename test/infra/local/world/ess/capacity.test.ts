import { describe, expect, it } from 'vitest';
import { codeOf } from '../slb/slb-world.ts';
import { ASG, BOOT_MS, CHECK_MS, essWorld, RELEASE_MS, UNHEALTHY_MS } from './ess-world.ts';

/** A world whose group keeps so many instances, which serve. */
function keeping(desiredCapacity: number, switches = {}) {
  const world = essWorld({ switches, group: { desiredCapacity, maxSize: 5 } });
  world.clock.advanceBy(CHECK_MS + BOOT_MS);
  const ids = () => world.ess.members(ASG).map(({ instanceId }) => instanceId);
  return { ...world, ids, desired: () => world.ess.group(ASG)?.desiredCapacity };
}

describe('a group without a desired capacity', () => {
  it('makes its minimum itself, and no more', () => {
    const { clock, states } = essWorld({ group: { minSize: 2 } });

    clock.advanceBy(CHECK_MS + BOOT_MS);

    expect(states()).toEqual(['InService', 'InService']);
  });

  it('takes out what is above its maximum', () => {
    const { ecs, ess, clock, states } = essWorld({ group: { maxSize: 1 } });
    const instanceIds = ecs.runInstances({ amount: 3 });
    clock.advanceBy(BOOT_MS);
    ess.attachInstances({ scalingGroupId: ASG, instanceIds });

    clock.advanceBy(CHECK_MS + RELEASE_MS);

    expect(states()).toEqual(['InService']);
  });

  it('does nothing by itself while an activity is in progress', () => {
    const { ecs, clock, hook, filled, scale, complete, activities } = essWorld({ group: { minSize: 2 } });
    const ids = filled(3);
    const drain = hook('SCALE_IN');
    scale(-1);
    ecs.stopInstance({ instanceId: ids.at(-1) ?? '', forceStop: true });

    clock.advanceBy(10 * CHECK_MS);
    expect(activities()).toEqual(['SCALE_OUT Successful', 'SCALE_IN InProgress']);
    complete(drain, 'CONTINUE');
    clock.advanceBy(RELEASE_MS + CHECK_MS);

    expect(activities()).toEqual(['SCALE_OUT Successful', 'SCALE_IN Successful', 'SCALE_IN InProgress']);
  });

  it('costs no timers when nothing is to be done', () => {
    const { clock, filled } = essWorld();
    filled(2);

    clock.advanceBy(2 * CHECK_MS);

    expect(clock.nextAtMs()).toBeNull();
  });
});

describe('a group with a desired capacity', () => {
  it('makes that many by its next check', () => {
    const { clock, states } = essWorld({ group: { desiredCapacity: 2 } });

    clock.advanceBy(CHECK_MS - 1);
    expect(states()).toEqual([]);
    clock.advanceBy(1 + BOOT_MS);

    expect(states()).toEqual(['InService', 'InService']);
  });

  it('follows the scaling, which begins at once', () => {
    const { scale, states, desired } = keeping(2);

    scale(1);

    expect(desired()).toBe(3);
    expect(states()).toEqual(['InService', 'InService', 'Pending']);
  });

  it('lets activities run in parallel', () => {
    const { clock, hook, scale, activities, states } = keeping(3);
    hook('SCALE_IN');

    scale(-1);
    scale(-1);
    scale(2);
    clock.advanceBy(BOOT_MS);

    expect(activities().slice(1)).toEqual([
      'SCALE_IN InProgress',
      'SCALE_IN InProgress',
      'SCALE_OUT Successful',
    ]);
    expect(states()).toEqual(['Removing:Wait', 'Removing:Wait', 'InService', 'InService', 'InService']);
  });

  it('tries again after a scale-out was abandoned', () => {
    const { clock, hook, scale, complete, activities } = keeping(1);
    const register = hook('SCALE_OUT');
    scale(1);
    clock.advanceBy(BOOT_MS);
    complete(register, 'ABANDON');

    clock.advanceBy(RELEASE_MS + CHECK_MS);

    expect(activities().slice(1)).toEqual(['SCALE_OUT Failed', 'SCALE_OUT InProgress']);
  });

  it('has nothing to begin when others in progress bring about what is asked', () => {
    const { ess, ids, scale, hook, activities, desired } = keeping(3);
    hook('SCALE_IN');
    ess.removeInstances({
      scalingGroupId: ASG,
      instanceIds: ids().slice(0, 1),
      decreaseDesiredCapacity: false,
    });

    const scalingActivityId = scale(-1);

    expect(desired()).toBe(2);
    expect(ess.activity(scalingActivityId)).toMatchObject({ statusCode: 'Successful', instanceIds: [] });
    expect(activities()).toEqual(['SCALE_OUT Successful', 'SCALE_IN InProgress', 'SCALE_IN Successful']);
  });

  it('waits with the rest of a scale-in until enough may be taken out', () => {
    const { ess, clock, ids, scale, states } = keeping(2);
    const named = { scalingGroupId: ASG, instanceIds: ids() };
    ess.setInstancesProtection({ ...named, protectedFromScaleIn: true });

    scale(-1);
    clock.advanceBy(2 * CHECK_MS);
    expect(states()).toEqual(['Protected', 'Protected']);
    ess.setInstancesProtection({ ...named, protectedFromScaleIn: false });
    clock.advanceBy(CHECK_MS + RELEASE_MS);

    expect(states()).toEqual(['InService']);
  });

  it('says that nothing changes when it is there already', () => {
    const { scale } = keeping(2);

    expect(codeOf(() => scale(2, 'TotalCapacity'))).toBe('IncorrectCapacity.NoChange');
  });
});

describe('the desired capacity after ROLLBACK', () => {
  it('stays lowered, so that the group soon tries again', () => {
    const { clock, hook, scale, complete, waits, states, desired, ids } = keeping(2);
    const drain = hook('SCALE_IN');
    scale(-1);
    const [first] = waits();
    complete(drain, 'ROLLBACK');
    expect(states()).toEqual(['InService', 'InService']);
    expect(desired()).toBe(1);

    clock.advanceBy(CHECK_MS);

    expect(states()).toEqual(['Removing:Wait', 'InService']);
    const [again] = waits();
    expect(again?.instanceIds).toEqual(ids().slice(0, 1));
    expect(again?.lifecycleActionToken).not.toBe(first?.lifecycleActionToken);
    expect(again?.scalingActivityId).not.toBe(first?.scalingActivityId);
  });

  it('is restored by the switch, and the group is left in peace', () => {
    const { clock, hook, scale, complete, states, desired } = keeping(2, {
      essDesiredCapacityAfterRollback: 'restored',
    });
    const drain = hook('SCALE_IN');
    scale(-2);

    complete(drain, 'ROLLBACK');
    clock.advanceBy(10 * CHECK_MS);

    expect(desired()).toBe(2);
    expect(states()).toEqual(['InService', 'InService']);
  });

  it('is restored after RemoveInstances as well', () => {
    const { ess, hook, complete, ids, desired } = keeping(2, {
      essDesiredCapacityAfterRollback: 'restored',
    });
    const drain = hook('SCALE_IN');
    ess.removeInstances({ scalingGroupId: ASG, instanceIds: ids().slice(0, 1) });
    expect(desired()).toBe(1);

    complete(drain, 'ROLLBACK');

    expect(desired()).toBe(2);
  });
});

describe('an instance that is not Running', () => {
  it('is unhealthy, is removed by an activity of its own whose hooks fire, and is replaced', () => {
    const { ecs, ess, clock, hook, ids, states, waits, complete, desired } = keeping(2);
    const drain = hook('SCALE_IN');
    const [first = ''] = ids();
    ecs.stopInstance({ instanceId: first, forceStop: true });
    clock.advanceBy(0);
    expect(ess.describeScalingInstances({ healthStatus: 'Unhealthy' }).items).toMatchObject([
      { instanceId: first, lifecycleState: 'InService' },
    ]);

    clock.advanceBy(UNHEALTHY_MS);

    expect(waits()).toMatchObject([{ lifecycleHookId: drain, instanceIds: [first] }]);
    expect(states()).toEqual(['Removing:Wait', 'InService', 'Pending']);
    expect(desired()).toBe(2);
    clock.advanceBy(BOOT_MS);
    complete(drain, 'CONTINUE');
    clock.advanceBy(RELEASE_MS);
    expect(states()).toEqual(['InService', 'InService']);
    expect(ecs.find(first)).toBeNull();
  });

  it('is removed when it is gone from ECS', () => {
    const { ecs, ess, clock, ids } = keeping(1);
    const [first = ''] = ids();
    ecs.deleteInstance({ instanceId: first, force: true });

    clock.advanceBy(RELEASE_MS + UNHEALTHY_MS);

    expect(ess.member(first)).toBeNull();
  });

  it('is left alone when it is back in time', () => {
    const { ecs, ess, clock, ids, activities } = keeping(1);
    const [first = ''] = ids();
    ecs.rebootInstance({ instanceId: first });

    clock.advanceBy(10 * CHECK_MS);

    expect(activities()).toEqual(['SCALE_OUT Successful']);
    expect(ess.describeScalingInstances({ healthStatus: 'Healthy' }).totalCount).toBe(1);
  });

  it('is not replaced without a desired capacity and above the minimum', () => {
    const { ecs, clock, filled, states } = essWorld({ group: { minSize: 1 } });
    const [first = ''] = filled(2);
    ecs.stopInstance({ instanceId: first, forceStop: true });

    clock.advanceBy(UNHEALTHY_MS + RELEASE_MS + 2 * CHECK_MS);

    expect(states()).toEqual(['InService']);
  });

  it.each(['Protected', 'Standby'])('is nobody else’s business while it is %s', (state) => {
    const { ecs, ess, clock, ids, states, activities } = keeping(1);
    const named = { scalingGroupId: ASG, instanceIds: ids() };
    if (state === 'Standby') ess.enterStandby(named);
    else ess.setInstancesProtection({ ...named, protectedFromScaleIn: true });
    ecs.stopInstance({ instanceId: ids()[0] ?? '', forceStop: true });

    clock.advanceBy(10 * CHECK_MS);
    expect(states()).toEqual([state]);
    if (state === 'Standby') ess.exitStandby(named);
    else ess.setInstancesProtection({ ...named, protectedFromScaleIn: false });
    clock.advanceBy(UNHEALTHY_MS);

    expect(activities().slice(1)).toEqual(['SCALE_IN InProgress', 'SCALE_OUT InProgress']);
  });

  it('stays when the switch says so', () => {
    const { ecs, ess, clock, ids, activities } = keeping(1, { essRemovesUnhealthy: 'off' });
    const [first = ''] = ids();
    ecs.stopInstance({ instanceId: first, forceStop: true });

    clock.advanceBy(10 * CHECK_MS);

    expect(activities()).toEqual(['SCALE_OUT Successful']);
    expect(ess.member(first)).toMatchObject({ lifecycleState: 'InService' });
  });

  it('is tried again when its removal was rolled back', () => {
    const { ecs, clock, hook, ids, complete, waits } = keeping(1);
    const drain = hook('SCALE_IN');
    ecs.stopInstance({ instanceId: ids()[0] ?? '', forceStop: true });
    clock.advanceBy(UNHEALTHY_MS);
    complete(drain, 'ROLLBACK');
    expect(waits()).toEqual([]);

    clock.advanceBy(CHECK_MS);

    expect(waits()).toMatchObject([{ lifecycleHookId: drain }]);
  });
});
