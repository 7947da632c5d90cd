import type { Foundation } from '../foundation.ts';
import type { Operation } from '../operation.ts';
import type { Ess } from './ess.ts';

type OperationOf<Name extends keyof Ess> = Ess[Name] extends (input: infer Input) => infer Output
  ? Operation<Input, Output>
  : never;

/** Auto Scaling's operations by their names, each with its group as subject and as the ARN that RAM judges it on. */
export interface EssOperations {
  readonly CreateScalingGroup: OperationOf<'createScalingGroup'>;
  readonly DescribeScalingGroups: OperationOf<'describeScalingGroups'>;
  readonly DeleteScalingGroup: OperationOf<'deleteScalingGroup'>;
  readonly CreateLifecycleHook: OperationOf<'createLifecycleHook'>;
  readonly ModifyLifecycleHook: OperationOf<'modifyLifecycleHook'>;
  readonly DeleteLifecycleHook: OperationOf<'deleteLifecycleHook'>;
  readonly DescribeLifecycleHooks: OperationOf<'describeLifecycleHooks'>;
  readonly DescribeScalingInstances: OperationOf<'describeScalingInstances'>;
  readonly DescribeScalingActivities: OperationOf<'describeScalingActivities'>;
  /** What it needs is the switch `essDescribeLifecycleActionsNeeds`. */
  readonly DescribeLifecycleActions: OperationOf<'describeLifecycleActions'>;
  readonly CompleteLifecycleAction: OperationOf<'completeLifecycleAction'>;
  readonly RecordLifecycleActionHeartbeat: OperationOf<'recordLifecycleActionHeartbeat'>;
  readonly ScaleWithAdjustment: OperationOf<'scaleWithAdjustment'>;
  readonly RemoveInstances: OperationOf<'removeInstances'>;
  readonly AttachVServerGroups: OperationOf<'attachVServerGroups'>;
  readonly DetachVServerGroups: OperationOf<'detachVServerGroups'>;
  readonly SetInstancesProtection: OperationOf<'setInstancesProtection'>;
  readonly EnterStandby: OperationOf<'enterStandby'>;
  readonly ExitStandby: OperationOf<'exitStandby'>;
}

/** The operations of one Auto Scaling cloud. */
export function essOperations(foundation: Foundation, ess: Ess): EssOperations {
  const { identities, region, switches } = foundation;
  const arn = (id: string | null) => `acs:ess:${region}:${identities.accountId}:scalinggroup/${id ?? '*'}`;

  /** One that is about no known group is judged on all groups, so that a caller who may do nothing learns nothing. */
  const about = <Input, Output>(
    groupOf: (input: Input) => string | null | undefined,
    run: (input: Input) => Output,
  ): Operation<Input, Output> => ({
    subject: (input) => groupOf(input) ?? null,
    resources: (input) => [arn(groupOf(input) ?? null)],
    run,
  });
  const named = <Input extends { readonly scalingGroupId?: string | undefined }, Output>(
    run: (input: Input) => Output,
  ) => about((input: Input) => input.scalingGroupId, run);
  const ofHook = (input: {
    readonly lifecycleHookId?: string | undefined;
    readonly scalingGroupId?: string | undefined;
  }) =>
    input.lifecycleHookId === undefined
      ? input.scalingGroupId
      : ess.hook(input.lifecycleHookId)?.scalingGroupId;
  const ofWait = (input: { readonly lifecycleHookId: string; readonly lifecycleActionToken: string }) =>
    ofHook(input) ??
    // The hook may be gone while its waits are still told of.
    ess
      .lifecycleActions()
      .find(({ lifecycleActionToken }) => lifecycleActionToken === input.lifecycleActionToken)
      ?.scalingGroupId;
  const actions = about(
    ({ scalingActivityId }: { readonly scalingActivityId: string }) =>
      ess.activity(scalingActivityId)?.scalingGroupId,
    ess.describeLifecycleActions,
  );

  return {
    CreateScalingGroup: about(() => null, ess.createScalingGroup),
    DescribeScalingGroups: {
      subject: ({ scalingGroupIds }) => (scalingGroupIds?.length === 1 ? (scalingGroupIds[0] ?? null) : null),
      resources: ({ scalingGroupIds }) =>
        scalingGroupIds === undefined || scalingGroupIds.length === 0
          ? [arn(null)]
          : scalingGroupIds.map(arn),
      run: ess.describeScalingGroups,
    },
    DeleteScalingGroup: named(ess.deleteScalingGroup),
    CreateLifecycleHook: named(ess.createLifecycleHook),
    ModifyLifecycleHook: about(ofHook, ess.modifyLifecycleHook),
    DeleteLifecycleHook: about(ofHook, ess.deleteLifecycleHook),
    DescribeLifecycleHooks: about(
      ({ lifecycleHookIds, scalingGroupId }) =>
        lifecycleHookIds?.length === 1 ? ofHook({ lifecycleHookId: lifecycleHookIds[0] }) : scalingGroupId,
      ess.describeLifecycleHooks,
    ),
    DescribeScalingInstances: named(ess.describeScalingInstances),
    DescribeScalingActivities: named(ess.describeScalingActivities),
    DescribeLifecycleActions: {
      ...actions,
      resources: (input) =>
        switches.essDescribeLifecycleActionsNeeds === 'nothing' ? [] : actions.resources(input),
      run: ess.describeLifecycleActions,
    },
    CompleteLifecycleAction: about(ofWait, ess.completeLifecycleAction),
    RecordLifecycleActionHeartbeat: about(ofWait, ess.recordLifecycleActionHeartbeat),
    ScaleWithAdjustment: named(ess.scaleWithAdjustment),
    RemoveInstances: named(ess.removeInstances),
    AttachVServerGroups: named(ess.attachVServerGroups),
    DetachVServerGroups: named(ess.detachVServerGroups),
    SetInstancesProtection: named(ess.setInstancesProtection),
    EnterStandby: named(ess.enterStandby),
    ExitStandby: named(ess.exitStandby),
  };
}
