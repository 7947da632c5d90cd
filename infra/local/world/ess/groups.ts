import type { Ecs } from '../ecs/ecs.ts';
import type { Tag } from '../ecs/instance.ts';
import type { Foundation } from '../foundation.ts';
import type { Activities } from './activities.ts';
import type { Capacity } from './capacity.ts';
import type { Courses } from './courses.ts';
import type { GroupTag, ScalingGroup, VServerGroupAttachment } from './model.ts';
import { type Page, type PageQuery, pageOf } from './paging.ts';
import { essRefusals } from './refusals.ts';
import type { EssState } from './state.ts';
import type { Waits } from './waits.ts';

/** What CreateScalingGroup is given. */
export interface CreateScalingGroupInput {
  /** 2–64 letters, digits, `_`, `-`, `.`, beginning with a letter or digit; default: its id. Unique in the account. */
  readonly scalingGroupName?: string | undefined;
  /** 0–2,000 */
  readonly minSize: number;
  /** 0–2,000 */
  readonly maxSize: number;
  /** Left out = the group keeps no number; else within the bounds. */
  readonly desiredCapacity?: number | undefined;
  readonly tags?: ReadonlyArray<Tag & { readonly propagate?: boolean | undefined }> | undefined;
}

/** What puts a group with a given id into the world. */
export interface ScalingGroupSeed extends CreateScalingGroupInput {
  readonly scalingGroupId: string;
  /** What its instances get besides the tags that propagate. */
  readonly instanceTags?: ReadonlyArray<Tag> | undefined;
  /** Not checked against SLB, so that a scene can start from anything. */
  readonly vServerGroups?: ReadonlyArray<VServerGroupAttachment> | undefined;
}

/** What DescribeScalingGroups selects; a field left out does not filter. */
export interface ScalingGroupQuery extends PageQuery {
  readonly scalingGroupIds?: ReadonlyArray<string> | undefined;
  /** A group's whole name. */
  readonly scalingGroupName?: string | undefined;
}

/** A group with how many instances it has in which states. */
export interface ScalingGroupWithCapacity extends ScalingGroup {
  readonly totalCapacity: number;
  readonly activeCapacity: number;
  /** With those that wait for a hook. */
  readonly pendingCapacity: number;
  readonly protectedCapacity: number;
  readonly standbyCapacity: number;
  /** With those that wait for a hook. */
  readonly removingCapacity: number;
}

/** The scaling groups of the account. */
export interface Groups {
  /**
   * The new group's id. It is Active at once and makes its first instances itself: this world has no scaling
   * configurations. Throws `InvalidScalingGroupName.Duplicate`, `InvalidParameter` or `InvalidParameter.Conflict`.
   */
  createScalingGroup(input: CreateScalingGroupInput): string;
  /** At most 50 on a page. Ids that do not exist are left out. */
  describeScalingGroups(query: ScalingGroupQuery): Page<ScalingGroupWithCapacity>;
  /**
   * Needs a group without instances (`InstanceInUse`) and activities (`ScalingActivityInProgress`), unless forced: then
   * both end, no hook is asked, and the group is gone with its last instance.
   */
  deleteScalingGroup(input: {
    readonly scalingGroupId: string;
    /** @default false */
    readonly forceDelete?: boolean | undefined;
  }): void;
  /** Puts one with a given id into the world; one that is there already stays as it is. */
  seedScalingGroup(seed: ScalingGroupSeed): ScalingGroup;
  /** Puts existing ECS instances into the group, in service at once and without an activity. */
  attachInstances(input: {
    readonly scalingGroupId: string;
    readonly instanceIds: ReadonlyArray<string>;
    /** Whether they are released when they leave. @default true */
    readonly entrusted?: boolean | undefined;
  }): void;
}

const PAGE_SIZE_MAX = 50;
const SIZE_MAX = 2_000;
const NAME = /^[\p{Script=Han}A-Za-z0-9][\p{Script=Han}A-Za-z0-9_.-]{1,63}$/u;

/** The groups in the foundation's store. */
export function createGroups(
  { clock }: Pick<Foundation, 'clock'>,
  deps: {
    readonly ecs: Ecs;
    readonly state: EssState;
    readonly activities: Activities;
    readonly waits: Waits;
    readonly courses: Courses;
    readonly capacity: Capacity;
  },
): Groups {
  const { ecs, state, activities, waits, courses, capacity } = deps;

  const create = (seed: ScalingGroupSeed): ScalingGroup => {
    const { scalingGroupId, scalingGroupName = scalingGroupId, minSize, maxSize, desiredCapacity } = seed;
    requireSizes(seed);
    if (!NAME.test(scalingGroupName)) throw essRefusals.invalidParameter('ScalingGroupName');
    if ([...state.groups.values()].some((group) => group.scalingGroupName === scalingGroupName)) {
      throw essRefusals.groupNameTaken();
    }
    const group: ScalingGroup = {
      scalingGroupId,
      scalingGroupName,
      lifecycleState: 'Active',
      minSize,
      maxSize,
      desiredCapacity: desiredCapacity ?? null,
      tags: (seed.tags ?? []).map((tag): GroupTag => ({ ...tag, propagate: tag.propagate ?? false })),
      instanceTags: seed.instanceTags ?? [],
      vServerGroups: seed.vServerGroups ?? [],
      createdAtMs: clock.nowMs(),
    };
    state.groups.set(scalingGroupId, group);
    capacity.wake(scalingGroupId);
    return group;
  };
  const withCapacity = (group: ScalingGroup): ScalingGroupWithCapacity => {
    const members = state.instancesOf(group.scalingGroupId);
    const count = (...states: ReadonlyArray<string>) =>
      members.filter(({ lifecycleState }) => states.includes(lifecycleState)).length;
    return {
      ...group,
      totalCapacity: members.length,
      activeCapacity: count('InService'),
      pendingCapacity: count('Pending', 'Pending:Wait'),
      protectedCapacity: count('Protected'),
      standbyCapacity: count('Standby'),
      removingCapacity: count('Removing', 'Removing:Wait'),
    };
  };
  const forgetIfEmpty = (scalingGroupId: string) => {
    const isDeleting = state.groups.get(scalingGroupId)?.lifecycleState === 'Deleting';
    if (!isDeleting || state.instancesOf(scalingGroupId).length > 0) return;
    state.groups.delete(scalingGroupId);
  };

  activities.onEnd(({ scalingGroupId }) => forgetIfEmpty(scalingGroupId));

  return {
    createScalingGroup: (input) => create({ ...input, scalingGroupId: state.newId('asg') }).scalingGroupId,
    describeScalingGroups({ scalingGroupIds, scalingGroupName, ...page }) {
      const selected = [...state.groups.values()].filter(
        (group) =>
          (scalingGroupIds === undefined || scalingGroupIds.includes(group.scalingGroupId)) &&
          (scalingGroupName === undefined || group.scalingGroupName === scalingGroupName),
      );
      const { items, ...rest } = pageOf(selected, page, PAGE_SIZE_MAX);
      return { ...rest, items: items.map(withCapacity) };
    },
    deleteScalingGroup({ scalingGroupId, forceDelete = false }) {
      const group = state.group(scalingGroupId);
      const underWay = state.underWay(scalingGroupId);
      const instanceIds = state.instancesOf(scalingGroupId).map(({ instanceId }) => instanceId);
      if (!forceDelete && underWay.length > 0) throw essRefusals.activityInProgress();
      if (!forceDelete && instanceIds.length > 0) throw essRefusals.instanceInUse();
      if (group.lifecycleState === 'Deleting') return;
      state.groups.set(scalingGroupId, { ...group, lifecycleState: 'Deleting' });
      for (const { scalingActivityId } of underWay) {
        waits.drop(scalingActivityId);
        activities.end(scalingActivityId, 'Failed');
      }
      for (const { lifecycleHookId } of state.hooksOf(scalingGroupId)) state.hooks.delete(lifecycleHookId);
      if (instanceIds.length > 0) {
        courses.scaleIn(group, instanceIds, {
          cause: 'A user requests to delete the group.',
          skipsHooks: true,
        });
      }
      forgetIfEmpty(scalingGroupId);
    },
    seedScalingGroup: (seed) => state.groups.get(seed.scalingGroupId) ?? create(seed),
    attachInstances({ scalingGroupId, instanceIds, entrusted = true }) {
      state.activeGroup(scalingGroupId);
      for (const instanceId of instanceIds) {
        if (ecs.find(instanceId) === null) throw essRefusals.instanceNotFound(instanceId);
        if (state.instances.has(instanceId)) throw essRefusals.incorrectInstanceState(instanceId);
      }
      for (const instanceId of instanceIds) {
        state.instances.set(instanceId, {
          instanceId,
          scalingInstanceId: state.newId('asi'),
          scalingGroupId,
          creationType: 'Attached',
          entrusted,
          lifecycleState: 'InService',
          scalingActivityId: '',
          heldBy: null,
          unhealthySinceMs: null,
          createdAtMs: clock.nowMs(),
        });
      }
      for (const instanceId of instanceIds) {
        const member = state.instances.get(instanceId);
        if (member !== undefined) capacity.judge(member);
      }
      capacity.wake(scalingGroupId);
    },
  };
}

function requireSizes({ minSize, maxSize, desiredCapacity }: CreateScalingGroupInput): void {
  const sizes = { MinSize: minSize, MaxSize: maxSize, DesiredCapacity: desiredCapacity ?? 0 };
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 0 || size > SIZE_MAX) throw essRefusals.invalidParameter(name);
  }
  if (minSize > maxSize) throw essRefusals.conflict('MinSize', 'MaxSize');
  if (desiredCapacity === undefined) return;
  if (desiredCapacity < minSize) throw essRefusals.conflict('DesiredCapacity', 'MinSize');
  if (desiredCapacity > maxSize) throw essRefusals.conflict('DesiredCapacity', 'MaxSize');
}
