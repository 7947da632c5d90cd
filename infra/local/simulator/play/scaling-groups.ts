import { HOOK_QUEUE } from '../../../../shared/scaling/model.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import { CloudError } from '../../world/errors.ts';
import { type DayHook, type DayScalingGroup, NEIGHBOUR_AT_LAST } from '../scaling-group.ts';
import type { Trace } from './trace.ts';

/** Puts the day's scaling groups into the world, with their hooks and with the neighbours who answer some of these. */
export function setScalingGroups(
  clouds: MemoryClouds,
  groups: ReadonlyArray<DayScalingGroup>,
  trace: Trace,
): void {
  if (groups.length === 0) return;
  const { ess, foundation } = clouds;
  const { region, identities } = foundation;
  const ours = `acs:mns:${region}:${identities.accountId}:queue/${HOOK_QUEUE}`;
  for (const { applications, hooks, instanceTags, desiredCapacity, ...group } of groups) {
    ess.seedScalingGroup({
      ...group,
      instanceTags: Object.entries(instanceTags).map(([key, value]) => ({ key, value })),
      ...(desiredCapacity === null ? {} : { desiredCapacity }),
    });
    for (const { lifecycleHookId, transition, timeoutSeconds, defaultResult, neighbour } of hooks) {
      ess.seedLifecycleHook({
        scalingGroupId: group.scalingGroupId,
        lifecycleHookId,
        lifecycleTransition: transition,
        heartbeatTimeoutSeconds: timeoutSeconds,
        defaultResult,
        ...(neighbour === null ? { notificationArn: ours } : {}),
      });
    }
  }
  const applicationsOf = new Map(groups.map((group) => [group.scalingGroupId, [...group.applications]]));
  const neighbours = new Map(
    groups.flatMap(({ hooks }) => hooks).map((hook) => [hook.lifecycleHookId, new Neighbour(clouds, hook)]),
  );
  foundation.timeline.onEntry(({ source, kind, text, details }) => {
    if (source !== 'ess') return;
    trace.note('ess', () => `${kind}: ${text}`);
    if (kind === 'hook-waiting') {
      neighbours.get(String(details.lifecycleHookId))?.answer(String(details.lifecycleActionToken));
    }
    if (kind !== 'activity-started' || details.transition !== 'SCALE_OUT') return;
    const left = applicationsOf.get(String(details.scalingGroupId)) ?? [];
    for (const instanceId of details.instanceIds as ReadonlyArray<string>) {
      const application = left.shift();
      if (application !== undefined) clouds.ecs.applications.set({ instanceId }, application);
    }
  });
}

/** Who answers a hook that is not the product's. */
class Neighbour {
  readonly #clouds: MemoryClouds;
  readonly #hook: DayHook;
  #waits = 0;

  constructor(clouds: MemoryClouds, hook: DayHook) {
    this.#clouds = clouds;
    this.#hook = hook;
  }

  answer(lifecycleActionToken: string): void {
    const { neighbour, lifecycleHookId } = this.#hook;
    if (neighbour === null) return;
    const { result, afterMs } = neighbour[this.#waits++] ?? NEIGHBOUR_AT_LAST;
    if (result === null) return;
    const { ess, foundation } = this.#clouds;
    foundation.clock.at(foundation.clock.nowMs() + afterMs, () => {
      try {
        ess.completeLifecycleAction({ lifecycleHookId, lifecycleActionToken, lifecycleActionResult: result });
      } catch (error) {
        // Another hook has ended the wait before.
        if (!(error instanceof CloudError)) throw error;
      }
    });
  }
}
