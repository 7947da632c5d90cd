import { closableClock } from '../clock.ts';
import type { Ecs } from '../ecs/ecs.ts';
import type { EventBridge } from '../eventbridge/event-bridge.ts';
import type { Foundation } from '../foundation.ts';
import type { Mns } from '../mns/mns.ts';
import type { Slb } from '../slb/slb.ts';
import { createActivities } from './activities.ts';
import { createAttachmentWork } from './attachment-work.ts';
import { type Attachments, createAttachments } from './attachments.ts';
import { createCapacity } from './capacity.ts';
import { createCourses } from './courses.ts';
import { createGroups, type Groups } from './groups.ts';
import { createHooks, type Hooks } from './hooks.ts';
import {
  DEFAULT_ESS_TIMINGS,
  type EssTimings,
  type LifecycleAction,
  type LifecycleHook,
  type ScalingActivity,
  type ScalingGroup,
  type ScalingInstance,
} from './model.ts';
import { createNotifications, type Notifications } from './notifications.ts';
import { createQueries, type Queries } from './queries.ts';
import { createScaling, type Scaling } from './scaling.ts';
import { createStandingInstances, type StandingInstances } from './standing-instances.ts';
import { createEssState } from './state.ts';
import { createWaits, type Waits } from './waits.ts';

/** The Auto Scaling cloud of one world. Methods throw CloudError in its words. */
export interface Ess
  extends Groups,
    Hooks,
    Scaling,
    StandingInstances,
    Attachments,
    Queries,
    Pick<Notifications, 'notificationFaults' | 'setNotificationFaults'> {
  /** CompleteLifecycleAction. See {@link Waits.complete}. */
  completeLifecycleAction: Waits['complete'];
  /** See {@link Waits.heartbeat}. */
  recordLifecycleActionHeartbeat: Waits['heartbeat'];
  /** The group as it is; `null` when there is none. */
  group(scalingGroupId: string): ScalingGroup | null;
  /** All groups as they are, for tables and tests. */
  groups(): ReadonlyArray<ScalingGroup>;
  /** The group that the instance is in, with its state there; `null` when it is in none. */
  member(instanceId: string): ScalingInstance | null;
  /** The group's instances, in order of joining. */
  members(scalingGroupId: string): ReadonlyArray<ScalingInstance>;
  /** The hook as it is; `null` when there is none. */
  hook(lifecycleHookId: string): LifecycleHook | null;
  /** The activity as it is; `null` when there is none. */
  activity(scalingActivityId: string): ScalingActivity | null;
  /** All waits, ended or not, in order of beginning. */
  lifecycleActions(): ReadonlyArray<LifecycleAction>;
  /** Stops what is scheduled; on a kept store it goes on when the cloud is created again. */
  close(): void;
}

/** What {@link createEss} stands on. */
export interface EssDependencies {
  readonly ecs: Ecs;
  readonly slb: Slb;
  readonly mns: Mns;
  readonly eventBridge: EventBridge;
}

/**
 * The Auto Scaling cloud over the foundation's store; create it after the clouds that it works with. Activities and waits
 * that were in progress when the world was closed go on.
 */
export function createEss(
  world: Foundation,
  dependencies: EssDependencies,
  timings: Partial<EssTimings> = {},
): Ess {
  const clock = closableClock(world.clock);
  const foundation: Foundation = { ...world, clock };
  const { ecs, slb, mns, eventBridge } = dependencies;
  const speeds = { ...DEFAULT_ESS_TIMINGS, ...timings };
  const { attachmentRetryMs } = speeds;

  const state = createEssState(foundation);
  const activities = createActivities(foundation, state);
  const work = createAttachmentWork(foundation, { slb });
  const notifications = createNotifications(foundation, { state, mns, eventBridge });
  const courses = createCourses(foundation, {
    ecs,
    state,
    activities,
    attachments: work,
    waits: () => waits,
    attachmentRetryMs,
    onInService(instanceIds) {
      for (const id of instanceIds) judge(id);
    },
  });
  const capacity = createCapacity(foundation, { ecs, state, courses, timings: speeds });
  const waits = createWaits(foundation, { state, notifications, onOver: courses.afterWaits });
  const groups = createGroups(foundation, { ecs, state, activities, waits, courses, capacity });

  const judge = (instanceId: string) => {
    const member = state.instances.get(instanceId);
    if (member !== undefined) capacity.judge(member);
  };
  activities.onEnd(({ scalingGroupId }) => capacity.wake(scalingGroupId));
  ecs.onStateChange(({ instanceId }) => {
    const heldBy = state.instances.get(instanceId)?.heldBy;
    if (heldBy === null) judge(instanceId);
    else if (heldBy !== undefined) courses.advance(heldBy);
  });

  // What happened while the world was down. Not before its clock runs: the other clouds are being opened, too.
  if (state.groups.size > 0) {
    clock.at(clock.nowMs(), () => {
      for (const { scalingActivityId, endedAtMs } of [...state.activities.values()]) {
        if (endedAtMs === null) courses.advance(scalingActivityId);
      }
      for (const member of [...state.instances.values()]) judge(member.instanceId);
      for (const { scalingGroupId } of state.groups.values()) capacity.wake(scalingGroupId);
    });
  }

  return {
    ...groups,
    ...createHooks(foundation, { mns, state, notifications, waits }),
    ...createScaling({ state, activities, courses, capacity }),
    ...createStandingInstances(foundation, { state, capacity, attachments: work, attachmentRetryMs }),
    ...createAttachments(foundation, { slb, state, work, attachmentRetryMs }),
    ...createQueries({ ecs, state }),
    completeLifecycleAction: waits.complete,
    recordLifecycleActionHeartbeat: waits.heartbeat,
    get notificationFaults() {
      return notifications.notificationFaults;
    },
    setNotificationFaults: notifications.setNotificationFaults,
    group: (scalingGroupId) => state.groups.get(scalingGroupId) ?? null,
    groups: () => [...state.groups.values()],
    member: (instanceId) => state.instances.get(instanceId) ?? null,
    members: state.instancesOf,
    hook: (lifecycleHookId) => state.hooks.get(lifecycleHookId) ?? null,
    activity: (scalingActivityId) => state.activities.get(scalingActivityId) ?? null,
    lifecycleActions: () => [...state.actions.values()],
    close: clock.close,
  };
}
