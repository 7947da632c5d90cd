import type { Stage } from '../../local/scenes/stage.ts';
import type { LifecycleState, LifecycleTransition } from '../../local/world/ess/model.ts';

/** A scaling group as it is now. */
export interface SeenScalingGroup {
  readonly name: string;
  /** Instances by what the scaling group does with them; the rest is set aside. */
  readonly inService: number;
  readonly coming: number;
  readonly leaving: number;
  /** Activities in progress, the oldest first. */
  readonly underWay: ReadonlyArray<SeenActivity>;
}

/** An activity in progress. */
export interface SeenActivity {
  readonly transition: LifecycleTransition;
  readonly instances: number;
  /** The hooks that hold it up, each with the beginning of its wait. */
  readonly hooks: ReadonlyArray<{ readonly name: string; readonly sinceMs: number }>;
}

const IN_SERVICE: ReadonlyArray<LifecycleState> = ['InService', 'Protected'];
const COMING: ReadonlyArray<LifecycleState> = ['Pending', 'Pending:Wait'];
const LEAVING: ReadonlyArray<LifecycleState> = ['Removing', 'Removing:Wait'];

/** Looks at every scaling group of the stage. */
export function seeScalingGroups({ clouds: { ess } }: Stage): ReadonlyArray<SeenScalingGroup> {
  return ess.groups().map(({ scalingGroupId, scalingGroupName: name }) => {
    const states = ess.members(scalingGroupId).map(({ lifecycleState }) => lifecycleState);
    const count = (which: ReadonlyArray<LifecycleState>) =>
      states.filter((state) => which.includes(state)).length;
    const inProgress = ess.describeScalingActivities({ scalingGroupId, statusCode: 'InProgress' });
    return {
      name,
      inService: count(IN_SERVICE),
      coming: count(COMING),
      leaving: count(LEAVING),
      underWay: inProgress.items.toReversed().map(({ scalingActivityId, transition, instanceIds }) => ({
        transition,
        instances: instanceIds.length,
        hooks: ess
          .describeLifecycleActions({ scalingActivityId, lifecycleActionStatus: 'Pending' })
          .actions.map((action) => ({ name: action.lifecycleHookName, sinceMs: action.startedAtMs })),
      })),
    };
  });
}
