import { describe, expect, it } from 'vitest';
import { codeOf, refusalOf } from '../slb/slb-world.ts';
import { ASG, essWorld, QUEUE_ARN } from './ess-world.ts';

describe('CreateLifecycleHook', () => {
  it('takes the defaults that are documented', () => {
    const { ess, hook } = essWorld();

    const lifecycleHookId = hook('SCALE_IN');

    expect(lifecycleHookId).toMatch(/^ash-bp1[a-z0-9]{17}$/);
    expect(ess.hook(lifecycleHookId)).toEqual({
      lifecycleHookId,
      lifecycleHookName: lifecycleHookId,
      scalingGroupId: ASG,
      lifecycleTransition: 'SCALE_IN',
      lifecycleHookStatus: 'Active',
      defaultResult: 'CONTINUE',
      heartbeatTimeoutSeconds: 600,
      notificationArn: 'acs:ess:cn-hangzhou:1234567890123456:null/null',
      notificationMetadata: '',
    });
  });

  it.each([
    [{ lifecycleTransition: 'SCALE_UP' }, 'InvalidParamter'],
    [{ lifecycleHookName: 'x' }, 'InvalidParamter'],
    [{ lifecycleHookName: '-drain' }, 'InvalidParamter'],
    [{ lifecycleHookName: 'd'.repeat(65) }, 'InvalidParamter'],
    [{ defaultResult: 'RETRY' }, 'InvalidParamter'],
    [{ heartbeatTimeoutSeconds: 29 }, 'InvalidParamter'],
    [{ heartbeatTimeoutSeconds: 21_601 }, 'InvalidParamter'],
    [{ notificationMetadata: 'm'.repeat(4_097) }, 'InvalidParamter'],
    [{ notificationArn: 'queue' }, 'InvalidNotificationArn'],
    [{ notificationArn: 'acs:mns:cn-beijing:1234567890123456:queue/ess-hooks' }, 'InvalidNotificationArn'],
    [{ notificationArn: 'acs:mns:cn-hangzhou:1:queue/ess-hooks' }, 'InvalidNotificationArn'],
    [{ notificationArn: 'acs:ess:cn-hangzhou:1234567890123456:queue/ess-hooks' }, 'InvalidNotificationArn'],
    [
      { notificationArn: 'acs:eventbridge:cn-hangzhou:1234567890123456:eventbus/mine' },
      'InvalidNotificationArn',
    ],
    [
      { notificationArn: 'acs:mns:cn-hangzhou:1234567890123456:topic/ess-hooks' },
      'UnsupportedNotificationType.CurrentRegion',
    ],
    [
      { notificationArn: 'acs:oos:cn-hangzhou:1234567890123456:template/Drain' },
      'UnsupportedNotificationType.CurrentRegion',
    ],
    [{ notificationArn: 'acs:mns:cn-hangzhou:1234567890123456:queue/none' }, 'QueueNotExist'],
    [{ scalingGroupId: 'asg-none' }, 'InvalidScalingGroupId.NotFound'],
  ])('refuses %o with %s', (wrong, code) => {
    const { ess, hook } = essWorld();

    expect(codeOf(() => hook('SCALE_IN', wrong))).toBe(code);
    expect(ess.describeLifecycleHooks({}).totalCount).toBe(0);
  });

  it('wants names that are unique in their group', () => {
    const { ess, hook } = essWorld();
    ess.seedScalingGroup({ scalingGroupId: 'asg-other', minSize: 0, maxSize: 1 });
    hook('SCALE_IN', { lifecycleHookName: 'drain' });

    expect(codeOf(() => hook('SCALE_OUT', { lifecycleHookName: 'drain' }))).toBe(
      'InvalidLifecycleHookName.Duplicate',
    );
    hook('SCALE_IN', { lifecycleHookName: 'drain', scalingGroupId: 'asg-other' });
  });

  it.each([6, 8, 10] as const)('takes %i hooks for one group by the switch', (essHooksPerGroupMax) => {
    const { ess, hook } = essWorld({ switches: { essHooksPerGroupMax } });

    for (let count = 0; count < essHooksPerGroupMax; count++) hook('SCALE_IN');

    expect(refusalOf(() => hook('SCALE_OUT'))).toMatchObject({
      code: 'QuotaExceeded.LifecycleHook',
      status: 400,
    });
    expect(ess.describeLifecycleHooks({}).totalCount).toBe(essHooksPerGroupMax);
  });

  it('is a seed with a given id, which a second seed leaves as it is', () => {
    const { ess } = essWorld();
    const seed = { lifecycleHookId: 'ash-drain', scalingGroupId: ASG, lifecycleTransition: 'SCALE_IN' };
    const first = ess.seedLifecycleHook(seed);

    const second = ess.seedLifecycleHook({ ...seed, heartbeatTimeoutSeconds: 60 });

    expect(second).toEqual(first);
  });
});

describe('ModifyLifecycleHook', () => {
  it('changes what it is given, and finds the hook by its name too', () => {
    const { ess, hook } = essWorld();
    const lifecycleHookId = hook('SCALE_IN', { lifecycleHookName: 'drain', notificationMetadata: 'a' });
    const before = ess.hook(lifecycleHookId);

    ess.modifyLifecycleHook({
      scalingGroupId: ASG,
      lifecycleHookName: 'drain',
      notificationArn: QUEUE_ARN,
      defaultResult: 'ROLLBACK',
    });
    ess.modifyLifecycleHook({ lifecycleHookId, lifecycleHookName: 'not read', heartbeatTimeoutSeconds: 90 });

    expect(ess.hook(lifecycleHookId)).toEqual({
      ...before,
      notificationArn: QUEUE_ARN,
      defaultResult: 'ROLLBACK',
      heartbeatTimeoutSeconds: 90,
    });
  });

  it.each([
    [{ lifecycleHookId: 'ash-none' }, 'InvalidLifecycleHookId.NotFound'],
    [{ lifecycleHookId: undefined, lifecycleHookName: 'none' }, 'InvalidLifecycleHookId.NotFound'],
    [{ lifecycleHookStatus: 'Off' }, 'InvalidParamter'],
    [{ heartbeatTimeoutSeconds: 0 }, 'InvalidParamter'],
    [{ lifecycleTransition: 'BOTH' }, 'InvalidParamter'],
    [{ notificationArn: '' }, 'InvalidNotificationArn'],
  ])('refuses %o with %s', (wrong, code) => {
    const { ess, hook } = essWorld();
    const lifecycleHookId = hook('SCALE_IN');

    expect(codeOf(() => ess.modifyLifecycleHook({ lifecycleHookId, ...wrong }))).toBe(code);
  });
});

describe('DescribeLifecycleHooks and DeleteLifecycleHook', () => {
  it('select by ids, by group and by name', () => {
    const { ess, hook } = essWorld();
    const drain = hook('SCALE_IN', { lifecycleHookName: 'drain' });
    const register = hook('SCALE_OUT', { lifecycleHookName: 'register' });
    const ids = (query: Parameters<typeof ess.describeLifecycleHooks>[0]) =>
      ess.describeLifecycleHooks(query).items.map(({ lifecycleHookId }) => lifecycleHookId);

    expect(ids({ lifecycleHookIds: [register, 'ash-none'] })).toEqual([register]);
    expect(ids({ scalingGroupId: ASG })).toEqual([drain, register]);
    expect(ids({ scalingGroupId: ASG, lifecycleHookName: 'drain' })).toEqual([drain]);
    expect(ids({ scalingGroupId: ASG, pageNumber: 2, pageSize: 1 })).toEqual([register]);
    expect(codeOf(() => ids({ scalingGroupId: 'asg-none' }))).toBe('InvalidScalingGroupId.NotFound');
    expect(codeOf(() => ids({ pageSize: 51 }))).toBe('InvalidParameter');
    ess.deleteLifecycleHook({ scalingGroupId: ASG, lifecycleHookName: 'drain' });
    expect(ids({})).toEqual([register]);
    expect(codeOf(() => ess.deleteLifecycleHook({ lifecycleHookId: drain }))).toBe(
      'InvalidLifecycleHookId.NotFound',
    );
  });
});
