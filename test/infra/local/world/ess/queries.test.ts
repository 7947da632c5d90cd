import { describe, expect, it } from 'vitest';
import { codeOf } from '../slb/slb-world.ts';
import { ASG, BOOT_MS, essWorld, RELEASE_MS } from './ess-world.ts';

describe('DescribeScalingInstances', () => {
  it('leaves out ids that are in no group, and filters', () => {
    const { ess, ecs, clock, scale, filled } = essWorld();
    const [first = ''] = filled(2);
    const activityId = ess.member(first)?.scalingActivityId;
    const [attached = ''] = ecs.runInstances({ amount: 1 });
    clock.advanceBy(BOOT_MS);
    ess.attachInstances({ scalingGroupId: ASG, instanceIds: [attached] });
    scale(1);
    const count = (query: Parameters<typeof ess.describeScalingInstances>[0]) =>
      ess.describeScalingInstances(query).totalCount;

    expect(count({ instanceIds: [first, 'i-none'] })).toBe(1);
    expect(count({ instanceIds: [] })).toBe(0);
    expect(count({ scalingGroupId: ASG })).toBe(4);
    expect(count({ lifecycleStates: ['Pending'] })).toBe(1);
    expect(count({ lifecycleStates: ['Pending', 'InService'] })).toBe(4);
    expect(count({ creationTypes: ['Attached'] })).toBe(1);
    expect(count({ scalingActivityId: activityId })).toBe(2);
    expect(count({ healthStatus: 'Unhealthy' })).toBe(0);
    expect(codeOf(() => count({ scalingGroupId: 'asg-none' }))).toBe('InvalidScalingGroupId.NotFound');
    expect(codeOf(() => count({ lifecycleStates: ['Gone'] }))).toBe('InvalidParameter');
  });

  it('has at most 100 on a page', () => {
    const { ess, scale } = essWorld({ group: { maxSize: 150 } });
    scale(120);

    const first = ess.describeScalingInstances({ scalingGroupId: ASG, pageSize: 100 });
    const second = ess.describeScalingInstances({ scalingGroupId: ASG, pageSize: 100, pageNumber: 2 });

    expect([first, second].map(({ items, totalCount }) => [items.length, totalCount])).toEqual([
      [100, 120],
      [20, 120],
    ]);
    expect(codeOf(() => ess.describeScalingInstances({ pageSize: 101 }))).toBe('InvalidParameter');
  });
});

describe('DescribeScalingActivities', () => {
  it('tells the latest first, by status and by id', () => {
    const { ess, filled, scale, hook } = essWorld();
    filled(2);
    hook('SCALE_IN');
    const scaleIn = scale(-1);
    const codes = (query: Parameters<typeof ess.describeScalingActivities>[0]) =>
      ess.describeScalingActivities(query).items.map(({ statusCode }) => statusCode);

    expect(codes({ scalingGroupId: ASG })).toEqual(['InProgress', 'Successful']);
    expect(codes({ scalingGroupId: ASG, statusCode: 'Successful' })).toEqual(['Successful']);
    expect(codes({ scalingActivityIds: [scaleIn] })).toEqual(['InProgress']);
    expect(codeOf(() => codes({ statusCode: 'Done' }))).toBe('InvalidParameter');
    expect(codeOf(() => codes({ pageSize: 51 }))).toBe('InvalidParameter');
    expect(codeOf(() => codes({ scalingGroupId: 'asg-none' }))).toBe('InvalidScalingGroupId.NotFound');
  });

  it('forgets activities and their waits after 30 days', () => {
    const { ess, clock, filled, scale, hook, complete } = essWorld();
    filled(1);
    const drain = hook('SCALE_IN');
    scale(-1);
    complete(drain, 'CONTINUE');
    clock.advanceBy(RELEASE_MS + 30 * 86_400_000 + 1);
    ess.deleteLifecycleHook({ lifecycleHookId: drain });

    filled(1);

    expect(ess.describeScalingActivities({ scalingGroupId: ASG }).totalCount).toBe(1);
    expect(ess.lifecycleActions()).toEqual([]);
  });
});

describe('DescribeLifecycleActions', () => {
  it('tells an activity’s waits by status, page by page', () => {
    const { ess, filled, hook, scale, complete } = essWorld();
    filled(1);
    const hooks = [hook('SCALE_IN'), hook('SCALE_IN'), hook('SCALE_IN')];
    const scalingActivityId = scale(-1);
    complete(hooks[1] ?? '', 'CONTINUE');
    const read = (query: object) => ess.describeLifecycleActions({ scalingActivityId, ...query });
    const ids = (query: object) => read(query).actions.map(({ lifecycleHookId }) => lifecycleHookId);

    expect(ids({})).toEqual(hooks);
    expect(ids({ lifecycleActionStatus: 'Pending' })).toEqual([hooks[0], hooks[2]]);
    expect(ids({ lifecycleActionStatus: 'Completed' })).toEqual([hooks[1]]);
    expect(ids({ lifecycleActionStatus: 'Timeout' })).toEqual([]);
    const first = read({ maxResults: 2 });
    expect(first).toMatchObject({ totalCount: 3, maxResults: 2 });
    expect(ids({ maxResults: 2, nextToken: first.nextToken })).toEqual([hooks[2]]);
    expect(read({ maxResults: 3 }).nextToken).toBe('');
    expect(ess.describeLifecycleActions({ scalingActivityId: 'asa-none' }).totalCount).toBe(0);
  });

  it.each([{ maxResults: 0 }, { maxResults: 51 }, { lifecycleActionStatus: 'Open' }, { nextToken: 'zz' }])(
    'refuses %o',
    (wrong) => {
      const { ess } = essWorld();

      expect(codeOf(() => ess.describeLifecycleActions({ scalingActivityId: 'asa-1', ...wrong }))).toBe(
        'InvalidParameter',
      );
    },
  );
});
