import type { Ecs } from '../ecs/ecs.ts';
import type { Foundation } from '../foundation.ts';
import { SCALING_GROUP_TAG, type ScalingGroup } from './model.ts';
import type { EssState } from './state.ts';

/** Instances that ECS creates in one call. */
const INSTANCES_PER_CALL = 100;

/** Has ECS create instances with the group's tags and puts them into the group; their ids, in order. */
export function createInstances(
  { clock }: Pick<Foundation, 'clock'>,
  { ecs, state }: { readonly ecs: Ecs; readonly state: EssState },
  group: ScalingGroup,
  amount: number,
  scalingActivityId: string,
): ReadonlyArray<string> {
  const { scalingGroupId, scalingGroupName } = group;
  const propagated = group.tags.filter(({ propagate }) => propagate);
  const tags = [
    ...group.instanceTags,
    ...propagated.map(({ key, value }) => ({ key, value })),
    { key: SCALING_GROUP_TAG, value: scalingGroupId },
  ];
  const instanceIds: Array<string> = [];
  while (instanceIds.length < amount) {
    const now = Math.min(amount - instanceIds.length, INSTANCES_PER_CALL);
    instanceIds.push(...ecs.runInstances({ amount: now, tags, instanceName: `ESS-asg-${scalingGroupName}` }));
  }
  for (const instanceId of instanceIds) {
    state.instances.set(instanceId, {
      instanceId,
      scalingInstanceId: state.newId('asi'),
      scalingGroupId,
      creationType: 'AutoCreated',
      entrusted: true,
      lifecycleState: 'Pending',
      scalingActivityId,
      heldBy: scalingActivityId,
      unhealthySinceMs: null,
      createdAtMs: clock.nowMs(),
    });
  }
  return instanceIds;
}
