import type { Signal } from '../acceptance/model.ts';
import type { Binding } from '../config/binding.ts';
import type { EcsInstance } from '../instances/model.ts';
import { isLeavingGroup, isSelected } from '../instances/selection.ts';
import type { LaneRow } from '../lanes/model.ts';
import { isDue } from '../lanes/plan.ts';
import type { BackendRow } from '../server-groups/backend/record.ts';
import type { LanePlan } from '../server-groups/model.ts';
import { isEarly } from '../server-groups/signals.ts';

/** Signals for instances that a binding selects and nobody has a record of: their events were lost, or came before us. */
export function missingMembers(
  bindings: ReadonlyArray<Binding>,
  instances: Iterable<EcsInstance>,
  rows: ReadonlyArray<BackendRow>,
  nowMs: number,
): ReadonlyArray<Signal> {
  const known = new Set(
    rows.map(({ vServerGroupId, serverId, port }) => `${vServerGroupId}/${serverId}:${port}`),
  );
  const isMissing = (instance: EcsInstance) =>
    bindings.some(
      (binding) =>
        isSelected(instance, binding) &&
        binding.ports.some(
          ({ port }) => !known.has(`${binding.vServerGroupId}/${instance.instanceId}:${port}`),
        ),
    );
  return [...instances]
    .filter((instance) => instance.status === 'Running' && !isLeavingGroup(instance) && isMissing(instance))
    .map(({ instanceId }) => ({
      key: `comparison/${instanceId}`,
      instanceId,
      news: { kind: 'state', state: 'Running' },
      eventAtMs: null,
      acceptedAtMs: nowMs,
    }));
}

/**
 * Whether the inbox holds a signal that nobody counted: its writer slept through everything, and wrote it after a copy had
 * been handled. One that waits for its time is counted if the lane is looked at by then.
 */
export function isForgotten(lane: LaneRow, inbox: ReadonlyArray<Signal>, nowMs: number): boolean {
  const { nextWakeUpMs } = lane;
  const isAwaited = ({ news }: Signal) =>
    news.kind === 'leave' &&
    isEarly(news, nowMs) &&
    nextWakeUpMs !== null &&
    nextWakeUpMs <= (news.fromMs ?? -Infinity);
  return !isDue(lane, nowMs) && !inbox.every(isAwaited);
}

/** Whether a plan made without the lane would do anything. What only waits, or is held and said so, does not. */
export function isDifferent({ changes, steps, enquiries }: LanePlan): boolean {
  return changes.length > 0 || steps.length > 0 || enquiries.length > 0;
}
