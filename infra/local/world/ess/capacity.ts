import type { Cancel } from '../clock.ts';
import type { Ecs } from '../ecs/ecs.ts';
import type { Foundation } from '../foundation.ts';
import type { Courses } from './courses.ts';
import type { EssTimings, ScalingGroup, ScalingInstance } from './model.ts';
import { type EssState, isLeaving } from './state.ts';

/** Keeps groups at their capacity and their instances healthy, without anybody's call. */
export interface Capacity {
  /** Looks after the group at its next check. */
  wake(scalingGroupId: string): void;
  /** Notes whether the instance is Running, where that is the group's business. */
  judge(instance: ScalingInstance): void;
  /** How many instances the group has that are not leaving. */
  standing(scalingGroupId: string): number;
  /** Up to `count` instances that may be taken out, oldest first: in service, not protected, in no other activity. */
  removable(scalingGroupId: string, count: number): ReadonlyArray<string>;
  /** Whether another activity may begin: without a desired capacity only one at a time. */
  mayBegin(group: ScalingGroup): boolean;
}

/** Looks after groups when something happens to them; a group that nothing happens to costs nothing. */
export function createCapacity(
  foundation: Foundation,
  deps: {
    readonly ecs: Ecs;
    readonly state: EssState;
    readonly courses: Courses;
    readonly timings: EssTimings;
  },
): Capacity {
  const { clock, switches, timeline } = foundation;
  const { ecs, state, courses, timings } = deps;
  const checks = new Map<string, { readonly atMs: number; readonly cancel: Cancel }>();

  const wakeAt = (scalingGroupId: string, atMs: number) => {
    const planned = checks.get(scalingGroupId);
    if (planned !== undefined && planned.atMs <= atMs) return;
    planned?.cancel();
    checks.set(scalingGroupId, { atMs, cancel: clock.at(atMs, () => check(scalingGroupId)) });
  };
  const standing = (scalingGroupId: string) =>
    state.instancesOf(scalingGroupId).filter(({ lifecycleState }) => !isLeaving(lifecycleState)).length;
  const removable: Capacity['removable'] = (scalingGroupId, count) =>
    state
      .instancesOf(scalingGroupId)
      .filter(({ lifecycleState, heldBy }) => lifecycleState === 'InService' && heldBy === null)
      .map(({ instanceId }) => ({ instanceId, sequence: ecs.find(instanceId)?.sequence ?? 0 }))
      .sort((a, b) => a.sequence - b.sequence)
      .slice(0, count)
      .map(({ instanceId }) => instanceId);
  const mayBegin = ({ scalingGroupId, desiredCapacity }: ScalingGroup) =>
    desiredCapacity !== null || state.underWay(scalingGroupId).length === 0;

  const check = (scalingGroupId: string) => {
    checks.delete(scalingGroupId);
    const group = state.groups.get(scalingGroupId);
    if (group?.lifecycleState !== 'Active') return;
    if (switches.essRemovesUnhealthy === 'on' && mayBegin(group)) removeUnhealthy(group);
    if (mayBegin(group)) level(group);
  };

  const removeUnhealthy = (group: ScalingGroup) => {
    const due: Array<string> = [];
    for (const { instanceId, heldBy, lifecycleState, unhealthySinceMs } of state.instancesOf(
      group.scalingGroupId,
    )) {
      if (unhealthySinceMs === null || heldBy !== null || lifecycleState !== 'InService') continue;
      const dueAtMs = unhealthySinceMs + timings.healthCheckDelayMs;
      if (dueAtMs <= clock.nowMs()) due.push(instanceId);
      else wakeAt(group.scalingGroupId, dueAtMs);
    }
    if (due.length === 0) return;
    courses.scaleIn(group, due, {
      cause: 'The instances failed the health check, so that Auto Scaling removes them.',
    });
  };

  const level = (group: ScalingGroup) => {
    const { scalingGroupId, minSize, maxSize, desiredCapacity } = group;
    const count = standing(scalingGroupId);
    const target = desiredCapacity ?? Math.min(Math.max(count, minSize), maxSize);
    const cause = `The group keeps its capacity, changing the Total Capacity from "${count}" to "${target}".`;
    if (count < target) courses.scaleOut(group, target - count, { cause });
    if (count <= target) return;
    const leaving = removable(scalingGroupId, count - target);
    if (leaving.length > 0) courses.scaleIn(group, leaving, { cause, loweredDesiredBy: leaving.length });
  };

  const wake = (scalingGroupId: string) => wakeAt(scalingGroupId, clock.nowMs() + timings.checkIntervalMs);

  const judge: Capacity['judge'] = (instance) => {
    const { instanceId, scalingGroupId, heldBy, lifecycleState, unhealthySinceMs } = instance;
    // Protected and Standby instances are nobody's to judge.
    if (heldBy !== null || lifecycleState !== 'InService') return;
    const status = ecs.find(instanceId)?.status ?? null;
    if (status === 'Running') {
      if (unhealthySinceMs !== null) state.change([instanceId], { unhealthySinceMs: null });
      return;
    }
    if (unhealthySinceMs !== null) return;
    state.change([instanceId], { unhealthySinceMs: clock.nowMs() });
    timeline.record({
      source: 'ess',
      kind: 'instance-unhealthy',
      text: `${scalingGroupId}: ${instanceId} is ${status ?? 'gone'}`,
      details: { scalingGroupId, instanceId, status },
    });
    wakeAt(scalingGroupId, clock.nowMs() + timings.healthCheckDelayMs);
  };

  return { wake, judge, standing, removable, mayBegin };
}
