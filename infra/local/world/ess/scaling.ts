import type { Activities } from './activities.ts';
import type { Capacity } from './capacity.ts';
import type { Courses, Occasion } from './courses.ts';
import type { ScalingActivity, ScalingGroup } from './model.ts';
import { essRefusals } from './refusals.ts';
import { type EssState, isLeaving } from './state.ts';

/** How ScaleWithAdjustment reads its value. */
export const ADJUSTMENT_TYPES = [
  'QuantityChangeInCapacity',
  'PercentChangeInCapacity',
  'TotalCapacity',
] as const;

/** What ScaleWithAdjustment is given. */
export interface ScaleWithAdjustmentInput {
  readonly scalingGroupId: string;
  /** One of {@link ADJUSTMENT_TYPES}. */
  readonly adjustmentType: string;
  /** −1,000–1,000, or −100–10,000 percent, or 0–2,000 in total. */
  readonly adjustmentValue: number;
}

/** What RemoveInstances is given. */
export interface RemoveInstancesInput {
  readonly scalingGroupId: string;
  /** 1–20; repeats count once. */
  readonly instanceIds: ReadonlyArray<string>;
  /** @default true */
  readonly decreaseDesiredCapacity?: boolean | undefined;
}

/** The calls that change how many instances a group has. */
export interface Scaling {
  /**
   * Changes the capacity within the group's bounds; the id of the activity that does it. Throws
   * `ScalingActivityInProgress`, or `IncorrectCapacity.NoChange` when there is nothing to do.
   */
  scaleWithAdjustment(input: ScaleWithAdjustmentInput): string;
  /**
   * Takes the named instances out, protected ones too, in one activity; its id. Throws `InvalidInstanceId.NotFound`,
   * `ScalingActivityInProgress` or `IncorrectCapacity.MinSize`.
   */
  removeInstances(input: RemoveInstancesInput): string;
}

const VALUES: Readonly<Record<string, readonly [number, number]>> = {
  QuantityChangeInCapacity: [-1_000, 1_000],
  PercentChangeInCapacity: [-100, 10_000],
  TotalCapacity: [0, 2_000],
};
const INSTANCES_PER_CALL_MAX = 20;

/** The calls over the parts that do the work. */
export function createScaling({
  state,
  activities,
  courses,
  capacity,
}: {
  readonly state: EssState;
  readonly activities: Activities;
  readonly courses: Courses;
  readonly capacity: Capacity;
}): Scaling {
  const groupFor = (scalingGroupId: string): ScalingGroup => {
    const group = state.activeGroup(scalingGroupId);
    if (!capacity.mayBegin(group)) throw essRefusals.activityInProgress();
    return group;
  };
  const withDesired = (group: ScalingGroup, desiredCapacity: number): ScalingGroup => {
    if (group.desiredCapacity === null) return group;
    const changed = { ...group, desiredCapacity };
    state.groups.set(group.scalingGroupId, changed);
    return changed;
  };
  /** An activity for a change that others in progress bring about already. */
  const nothingToDo = ({ scalingGroupId }: ScalingGroup, occasion: Occasion): ScalingActivity => {
    const { scalingActivityId } = activities.begin({
      scalingActivityId: state.newId('asa'),
      scalingGroupId,
      transition: 'SCALE_IN',
      stage: 'releasing',
      instanceIds: [],
      ...occasion,
    });
    activities.end(scalingActivityId, 'Successful');
    return activities.get(scalingActivityId);
  };

  return {
    scaleWithAdjustment({ scalingGroupId, adjustmentType, adjustmentValue }) {
      const [min, max] = VALUES[adjustmentType] ?? [];
      if (min === undefined || max === undefined) throw essRefusals.invalidParameter('AdjustmentType');
      if (!Number.isInteger(adjustmentValue) || adjustmentValue < min || adjustmentValue > max) {
        throw essRefusals.invalidParameter('AdjustmentValue');
      }
      const group = groupFor(scalingGroupId);
      const count = capacity.standing(scalingGroupId);
      const before = group.desiredCapacity ?? count;
      const wanted = adjusted(before, adjustmentType, adjustmentValue);
      const target = Math.min(Math.max(wanted, group.minSize), group.maxSize);
      if (target === before && target === count) throw essRefusals.noChange();
      const occasion = {
        cause: `A user requests to scale, changing the Total Capacity from "${count}" to "${target}".`,
      };
      const changed = withDesired(group, target);
      if (target > count) return courses.scaleOut(changed, target - count, occasion).scalingActivityId;
      const leaving = capacity.removable(scalingGroupId, count - target);
      if (leaving.length > 0) {
        const loweredDesiredBy = group.desiredCapacity === null ? 0 : leaving.length;
        return courses.scaleIn(changed, leaving, { ...occasion, loweredDesiredBy }).scalingActivityId;
      }
      if (group.desiredCapacity === null) throw essRefusals.noChange();
      return nothingToDo(changed, occasion).scalingActivityId;
    },
    removeInstances({ scalingGroupId, instanceIds, decreaseDesiredCapacity = true }) {
      const ids = [...new Set(instanceIds)];
      if (ids.length === 0 || ids.length > INSTANCES_PER_CALL_MAX) {
        throw essRefusals.invalidParameter('InstanceIds');
      }
      const group = groupFor(scalingGroupId);
      for (const id of ids) {
        const member = state.instances.get(id);
        if (member?.scalingGroupId !== scalingGroupId) throw essRefusals.instanceNotFound(id);
        if (member.heldBy !== null || isLeaving(member.lifecycleState)) {
          throw essRefusals.incorrectInstanceState(id);
        }
      }
      const isLowered = decreaseDesiredCapacity && group.desiredCapacity !== null;
      const isReplaced = !decreaseDesiredCapacity && group.desiredCapacity !== null;
      if (!isReplaced && capacity.standing(scalingGroupId) - ids.length < group.minSize) {
        throw essRefusals.belowMinSize();
      }
      const desired = Math.max(group.minSize, (group.desiredCapacity ?? 0) - ids.length);
      const changed = isLowered ? withDesired(group, desired) : group;
      const loweredDesiredBy = isLowered ? (group.desiredCapacity ?? 0) - desired : 0;
      const cause = `A user requests to remove the instances ${ids.join(', ')}.`;
      const { scalingActivityId } = courses.scaleIn(changed, ids, { cause, loweredDesiredBy });
      capacity.wake(scalingGroupId);
      return scalingActivityId;
    },
  };
}

/** Part of an instance counts for nothing, but a change of percent is at least one instance. */
function adjusted(before: number, adjustmentType: string, value: number): number {
  if (adjustmentType === 'TotalCapacity') return value;
  if (adjustmentType === 'QuantityChangeInCapacity') return before + value;
  const change = Math.trunc((before * value) / 100);
  return before + (change === 0 ? Math.sign(value) : change);
}
