import type { Ecs } from '../ecs/ecs.ts';
import { isReleasing } from '../ecs/instance.ts';
import { CloudError } from '../errors.ts';
import type { ScalingActivity } from './model.ts';
import type { EssState } from './state.ts';

/**
 * Releases the instances that the activity gives up and takes those that are gone out of the group; `under-way` = some
 * are still there. One that was attached without being entrusted leaves the group and stays in ECS.
 */
export function releaseInstances(
  { ecs, state }: { readonly ecs: Ecs; readonly state: EssState },
  { scalingActivityId, instanceIds }: ScalingActivity,
): 'done' | 'under-way' {
  let isDone = true;
  for (const instanceId of instanceIds) {
    const member = state.instances.get(instanceId);
    if (member?.heldBy !== scalingActivityId || member.lifecycleState !== 'Removing') continue;
    const instance = ecs.find(instanceId);
    if (instance === null || !member.entrusted) {
      state.instances.delete(instanceId);
      continue;
    }
    isDone = false;
    if (!isReleasing(instance)) tryRelease(ecs, instanceId);
  }
  return isDone ? 'done' : 'under-way';
}

/** An instance that cannot be released yet, since it is Pending, is tried again with its next state. */
function tryRelease(ecs: Ecs, instanceId: string): void {
  try {
    ecs.deleteInstance({ instanceId, force: true });
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
  }
}
