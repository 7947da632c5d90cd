import type { Ecs } from '../ecs/ecs.ts';
import type { Foundation } from '../foundation.ts';
import type { Activities } from './activities.ts';
import type { AttachmentWork } from './attachment-work.ts';
import type { LifecycleResult, ScalingActivity, ScalingGroup } from './model.ts';
import { createInstances } from './new-instances.ts';
import { releaseInstances } from './releases.ts';
import type { EssState } from './state.ts';
import type { Waits } from './waits.ts';

/** Why an activity is begun, and what is special about it. */
export interface Occasion {
  readonly cause: string;
  /** By how much the group's desired capacity was lowered for it. @default 0 */
  readonly loweredDesiredBy?: number | undefined;
  /** @default false */
  readonly skipsHooks?: boolean | undefined;
}

/** The courses that activities take, each step as soon as what it waits for is there. */
export interface Courses {
  /** Creates instances and brings them into service. */
  scaleOut(group: ScalingGroup, amount: number, occasion: Occasion): ScalingActivity;
  /** Takes those instances out of the group. */
  scaleIn(group: ScalingGroup, instanceIds: ReadonlyArray<string>, occasion: Occasion): ScalingActivity;
  /** Goes on as far as it can now. Safe to call at any time. */
  advance(scalingActivityId: string): void;
  /** Goes on where the waits have ended. */
  afterWaits(scalingActivityId: string, result: LifecycleResult): void;
}

/** The courses of one world's activities. */
export function createCourses(
  foundation: Foundation,
  deps: {
    readonly ecs: Ecs;
    readonly state: EssState;
    readonly activities: Activities;
    readonly attachments: AttachmentWork;
    /** Asked for late, since the waits lead back here. */
    readonly waits: () => Waits;
    readonly attachmentRetryMs: number;
    /** Called with instances that have come into service. */
    readonly onInService: (instanceIds: ReadonlyArray<string>) => void;
  },
): Courses {
  const { clock, switches, timeline } = foundation;
  const { ecs, state, activities, attachments, waits, attachmentRetryMs, onInService } = deps;

  const groupOf = (activity: ScalingActivity) => state.groups.get(activity.scalingGroupId);
  const hooksOf = (activity: ScalingActivity) =>
    activity.skipsHooks
      ? []
      : state
          .hooksOf(activity.scalingGroupId)
          .filter(
            ({ lifecycleHookStatus, lifecycleTransition }) =>
              lifecycleHookStatus === 'Active' && lifecycleTransition === activity.transition,
          );
  const retryLater = ({ scalingActivityId }: ScalingActivity) =>
    void clock.at(clock.nowMs() + attachmentRetryMs, () => advance(scalingActivityId));

  const startWaiting = (activity: ScalingActivity) => {
    const hooks = hooksOf(activity);
    if (hooks.length === 0) return afterWaits(activity.scalingActivityId, 'CONTINUE');
    const lifecycleState = activity.transition === 'SCALE_OUT' ? 'Pending:Wait' : 'Removing:Wait';
    state.change(activity.instanceIds, { lifecycleState });
    waits().begin(activities.change(activity.scalingActivityId, { stage: 'waiting' }), hooks);
  };
  const afterWaits: Courses['afterWaits'] = (scalingActivityId, result) => {
    const activity = activities.change(scalingActivityId, { result });
    if (activity.transition === 'SCALE_OUT') {
      if (result === 'CONTINUE') goTo(activity, 'attaching');
      else giveUp(activity, activity.instanceIds, 'Failed');
    } else if (result === 'ROLLBACK') rollBack(activity);
    else {
      state.change(activity.instanceIds, { lifecycleState: 'Removing' });
      goTo(activity, switches.essDetachesFromSlb === 'after-wait' ? 'detaching' : 'releasing');
    }
  };
  const goTo = ({ scalingActivityId }: ScalingActivity, stage: ScalingActivity['stage']) => {
    activities.change(scalingActivityId, { stage });
    advance(scalingActivityId);
  };

  const giveUp = (
    activity: ScalingActivity,
    instanceIds: ReadonlyArray<string>,
    endsAs: ScalingActivity['endsAs'],
  ) => {
    state.change(instanceIds, { lifecycleState: 'Removing' });
    goTo(activities.change(activity.scalingActivityId, { endsAs }), 'releasing');
  };
  const rollBack = (activity: ScalingActivity) => {
    // Held until they are back in their vServer groups: no other activity may take them out meanwhile.
    state.change(activity.instanceIds, { lifecycleState: 'InService' });
    const group = groupOf(activity);
    const { desiredCapacity = null } = group ?? {};
    const isRestored = switches.essDesiredCapacityAfterRollback === 'restored';
    if (group !== undefined && desiredCapacity !== null && isRestored) {
      const restored = Math.min(group.maxSize, desiredCapacity + activity.loweredDesiredBy);
      state.groups.set(group.scalingGroupId, { ...group, desiredCapacity: restored });
    }
    goTo(activities.change(activity.scalingActivityId, { endsAs: 'Failed' }), 'attaching');
  };

  const detach = (activity: ScalingActivity) => {
    const leaving = attachments.leave(groupOf(activity)?.vServerGroups ?? [], activity.instanceIds);
    // What SLB refuses for good does not keep instances in the group.
    if (leaving === 'busy') retryLater(activity);
    else if (activity.result === null) startWaiting(activity);
    else goTo(activity, 'releasing');
  };
  const attach = (activity: ScalingActivity) => {
    const group = groupOf(activity);
    const isNew = activity.transition === 'SCALE_OUT';
    const running = activity.instanceIds.filter((id) => ecs.find(id)?.status === 'Running');
    const joining = group === undefined ? 'done' : attachments.join(group, running);
    if (joining === 'busy') return retryLater(activity);
    if (isNew && joining === 'refused') return giveUp(activity, activity.instanceIds, 'Failed');
    const serving = isNew ? running : activity.instanceIds;
    state.change(serving, { lifecycleState: 'InService', heldBy: null });
    const { scalingGroupId, scalingActivityId } = activity;
    if (serving.length > 0) {
      timeline.record({
        source: 'ess',
        kind: 'instances-in-service',
        text: `${scalingGroupId}: ${serving.join(', ')} InService`,
        details: {
          scalingGroupId,
          scalingGroupName: group?.scalingGroupName ?? '',
          scalingActivityId,
          instanceIds: serving,
        },
      });
    }
    const lost = activity.instanceIds.filter((id) => !serving.includes(id));
    if (lost.length > 0) giveUp(activity, lost, serving.length > 0 ? 'Warning' : 'Failed');
    else activities.end(scalingActivityId, activity.endsAs);
    onInService(serving);
  };
  const isStarting = (instanceId: string) => {
    const status = ecs.find(instanceId)?.status;
    return status === 'Pending' || status === 'Starting';
  };

  const advance: Courses['advance'] = (scalingActivityId) => {
    const activity = activities.get(scalingActivityId);
    const { stage, instanceIds } = activity;
    if (stage === 'creating') {
      if (instanceIds.some(isStarting)) return;
      const isAnyRunning = instanceIds.some((id) => ecs.find(id)?.status === 'Running');
      if (!isAnyRunning) giveUp(activity, instanceIds, 'Failed');
      else startWaiting(activity);
    } else if (stage === 'waiting') {
      // Waits that ended in the very moment in which the world was killed.
      const result = waits().resultOf(scalingActivityId);
      if (result !== null) afterWaits(scalingActivityId, result);
    } else if (stage === 'detaching') detach(activity);
    else if (stage === 'attaching') attach(activity);
    else if (stage === 'releasing' && releaseInstances({ ecs, state }, activity) === 'done') {
      activities.end(scalingActivityId, activity.endsAs);
    }
  };

  return {
    advance,
    afterWaits,
    scaleOut(group, amount, { cause, ...occasion }) {
      const scalingActivityId = state.newId('asa');
      const instanceIds = createInstances(foundation, { ecs, state }, group, amount, scalingActivityId);
      const { scalingGroupId } = group;
      const activity = activities.begin({
        scalingActivityId,
        scalingGroupId,
        transition: 'SCALE_OUT',
        stage: 'creating',
        cause,
        instanceIds,
        ...occasion,
      });
      advance(scalingActivityId);
      return activity;
    },
    scaleIn({ scalingGroupId }, instanceIds, { cause, ...occasion }) {
      const scalingActivityId = state.newId('asa');
      state.change(instanceIds, { lifecycleState: 'Removing', heldBy: scalingActivityId });
      const activity = activities.begin({
        scalingActivityId,
        scalingGroupId,
        transition: 'SCALE_IN',
        stage: 'detaching',
        cause,
        instanceIds,
        ...occasion,
      });
      if (switches.essDetachesFromSlb === 'before-wait') advance(scalingActivityId);
      else startWaiting(activity);
      return activity;
    },
  };
}
