import type { Foundation } from '../foundation.ts';
import { freshId } from '../operation.ts';
import type { Collection } from '../store.ts';
import type {
  LifecycleAction,
  LifecycleHook,
  LifecycleState,
  ScalingActivity,
  ScalingGroup,
  ScalingInstance,
} from './model.ts';
import { essRefusals } from './refusals.ts';

/** Everything that Auto Scaling keeps, and the questions that all its parts ask of it. */
export interface EssState {
  readonly groups: Collection<ScalingGroup>;
  /** By instance id: an instance is in one group at most. */
  readonly instances: Collection<ScalingInstance>;
  readonly hooks: Collection<LifecycleHook>;
  readonly activities: Collection<ScalingActivity>;
  /** By {@link actionKey}. */
  readonly actions: Collection<LifecycleAction>;
  /** Throws `InvalidScalingGroupId.NotFound`. */
  group(scalingGroupId: string): ScalingGroup;
  /** The same, and throws `IncorrectScalingGroupStatus` for one that is being deleted. */
  activeGroup(scalingGroupId: string): ScalingGroup;
  instancesOf(scalingGroupId: string): ReadonlyArray<ScalingInstance>;
  hooksOf(scalingGroupId: string): ReadonlyArray<LifecycleHook>;
  /** The group's activities that are in progress. */
  underWay(scalingGroupId: string): ReadonlyArray<ScalingActivity>;
  /** The waits of one activity, ended or not. */
  actionsOf(scalingActivityId: string): ReadonlyArray<LifecycleAction>;
  /** Changes those instances that are in a group still. */
  change(instanceIds: ReadonlyArray<string>, changes: Partial<ScalingInstance>): void;
  /** A fresh id with one of the vendor's prefixes. */
  newId(prefix: 'asg' | 'ash' | 'asa' | 'asi'): string;
}

/** The key of a wait in the world's store. */
export function actionKey(lifecycleHookId: string, lifecycleActionToken: string): string {
  return `${lifecycleHookId} ${lifecycleActionToken}`;
}

/** Whether an instance in that state is on its way out. */
export function isLeaving(lifecycleState: LifecycleState): boolean {
  return lifecycleState === 'Removing' || lifecycleState === 'Removing:Wait';
}

/** The state in the foundation's store. */
export function createEssState(foundation: Foundation): EssState {
  const { store } = foundation;
  const groups = store.collection<ScalingGroup>('ess/groups');
  const instances = store.collection<ScalingInstance>('ess/instances');
  const hooks = store.collection<LifecycleHook>('ess/hooks');
  const activities = store.collection<ScalingActivity>('ess/activities');
  const actions = store.collection<LifecycleAction>('ess/actions');

  const group: EssState['group'] = (scalingGroupId) => {
    const found = groups.get(scalingGroupId);
    if (found === undefined) throw essRefusals.groupNotFound();
    return found;
  };
  const isTaken = (id: string) =>
    groups.has(id) ||
    hooks.has(id) ||
    activities.has(id) ||
    [...instances.values()].some(({ scalingInstanceId }) => scalingInstanceId === id);

  return {
    groups,
    instances,
    hooks,
    activities,
    actions,
    group,
    activeGroup(scalingGroupId) {
      const found = group(scalingGroupId);
      if (found.lifecycleState !== 'Active') throw essRefusals.groupNotActive();
      return found;
    },
    instancesOf: (id) => [...instances.values()].filter((instance) => instance.scalingGroupId === id),
    hooksOf: (id) => [...hooks.values()].filter((hook) => hook.scalingGroupId === id),
    underWay: (id) =>
      [...activities.values()].filter(
        (activity) => activity.scalingGroupId === id && activity.endedAtMs === null,
      ),
    actionsOf: (id) => [...actions.values()].filter((action) => action.scalingActivityId === id),
    change(instanceIds, changes) {
      for (const instanceId of instanceIds) {
        const instance = instances.get(instanceId);
        if (instance !== undefined) instances.set(instanceId, { ...instance, ...changes });
      }
    },
    newId: (prefix) => freshId(foundation, prefix, isTaken),
  };
}
