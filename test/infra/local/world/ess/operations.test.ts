import { describe, expect, it } from 'vitest';
import { type EssOperations, essOperations } from '../../../../../infra/local/world/ess/operations.ts';
import { ASG, essWorld } from './ess-world.ts';

const arn = (id: string) => `acs:ess:cn-hangzhou:1234567890123456:scalinggroup/${id}`;

/** One hook that waits, and the operations. */
function waiting(switches = {}) {
  const world = essWorld({ switches });
  world.filled(1);
  const lifecycleHookId = world.hook('SCALE_IN');
  const scalingActivityId = world.scale(-1);
  const [wait] = world.waits();
  const operations = essOperations(world.foundation, world.ess);
  const lifecycleActionToken = wait?.lifecycleActionToken ?? '';
  return { ...world, operations, lifecycleHookId, scalingActivityId, lifecycleActionToken };
}
const judged = (operation: EssOperations[keyof EssOperations], input: object) => ({
  subject: operation.subject(input as never),
  resources: operation.resources(input as never),
});

describe('what a call is judged on', () => {
  it.each([
    'DeleteScalingGroup',
    'CreateLifecycleHook',
    'DescribeScalingInstances',
    'DescribeScalingActivities',
    'DescribeLifecycleHooks',
    'ScaleWithAdjustment',
    'RemoveInstances',
    'AttachVServerGroups',
    'DetachVServerGroups',
    'SetInstancesProtection',
    'EnterStandby',
    'ExitStandby',
  ] as const)('is the group that %s names', (name) => {
    const { operations } = waiting();

    expect(judged(operations[name], { scalingGroupId: ASG })).toEqual({
      subject: ASG,
      resources: [arn(ASG)],
    });
  });

  it.each(['CreateScalingGroup', 'DescribeScalingGroups', 'DescribeScalingInstances'] as const)(
    'is all groups where %s names none',
    (name) => {
      const { operations } = waiting();

      expect(judged(operations[name], {})).toEqual({ subject: null, resources: [arn('*')] });
    },
  );

  it('is each of several groups', () => {
    const { operations } = waiting();

    expect(judged(operations.DescribeScalingGroups, { scalingGroupIds: [ASG, 'asg-2'] })).toEqual({
      subject: null,
      resources: [arn(ASG), arn('asg-2')],
    });
  });

  it.each([
    'ModifyLifecycleHook',
    'DeleteLifecycleHook',
    'CompleteLifecycleAction',
    'RecordLifecycleActionHeartbeat',
  ] as const)('is the group of the hook that %s names, or all', (name) => {
    const { operations, lifecycleHookId } = waiting();

    expect(judged(operations[name], { lifecycleHookId }).resources).toEqual([arn(ASG)]);
    expect(judged(operations[name], { lifecycleHookId: 'ash-none' }).resources).toEqual([arn('*')]);
  });

  it('is the group of a wait whose hook is gone', () => {
    const { ess, operations, lifecycleHookId, lifecycleActionToken } = waiting();
    ess.deleteLifecycleHook({ lifecycleHookId });

    expect(judged(operations.CompleteLifecycleAction, { lifecycleHookId, lifecycleActionToken })).toEqual({
      subject: ASG,
      resources: [arn(ASG)],
    });
  });

  it.each([
    ['permission', [arn(ASG)]],
    ['nothing', []],
  ] as const)('is %s for DescribeLifecycleActions by the switch', (needs, resources) => {
    const { operations, scalingActivityId } = waiting({ essDescribeLifecycleActionsNeeds: needs });

    expect(judged(operations.DescribeLifecycleActions, { scalingActivityId })).toEqual({
      subject: ASG,
      resources,
    });
  });
});
