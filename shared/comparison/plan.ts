import type { Signal } from '../acceptance/model.ts';
import type { Binding } from '../config/binding.ts';
import type { Instance } from '../instances/model.ts';
import { isLeavingGroup, isSelected, servingAddresses } from '../instances/selection.ts';
import type { LaneRow } from '../lanes/model.ts';
import { isDue } from '../lanes/plan.ts';
import { driftHold } from '../server-groups/backend/drift.ts';
import { standingPauses } from '../server-groups/backend/pause.ts';
import type { BackendRow } from '../server-groups/backend/record.ts';
import { type BackendIdentity, backendId, type LanePlan } from '../server-groups/model.ts';
import { isEarly } from '../server-groups/signals.ts';

/** Signals for instances that a binding selects and nobody has a record of: their events were lost, or came before us. */
export function missingMembers(
  bindings: ReadonlyArray<Binding>,
  instances: Iterable<Instance>,
  rows: ReadonlyArray<BackendRow>,
  inbox: ReadonlyArray<Signal>,
  nowMs: number,
): ReadonlyArray<Signal> {
  const found = missingBackends(bindings, instances, rows, inbox, nowMs).filter(({ held }) => held === null);
  return [...new Set(found.map(({ identity }) => identity.serverId))].map((instanceId) => ({
    key: `comparison/${instanceId}`,
    instanceId,
    news: { kind: 'state', state: 'Running' },
    eventAtMs: null,
    acceptedAtMs: nowMs,
  }));
}

/** A backend that a binding selects and nobody has a record of. */
export interface MissingBackend {
  readonly binding: Binding;
  readonly identity: BackendIdentity;
  /** Why the binding does not have it brought in for having been found only; `null` = it does. */
  readonly held: string | null;
}

/** Every port, and address, of a Running instance that a binding selects and that has no record, in the order of the instances. */
export function missingBackends(
  bindings: ReadonlyArray<Binding>,
  instances: Iterable<Instance>,
  rows: ReadonlyArray<BackendRow>,
  inbox: ReadonlyArray<Signal>,
  nowMs: number,
): ReadonlyArray<MissingBackend> {
  const pauses = standingPauses(inbox, nowMs);
  const known = new Set(rows.map(backendId));
  return [...instances]
    .filter((instance) => instance.status === 'Running' && !isLeavingGroup(instance))
    .flatMap((instance) => bindings.filter((binding) => isSelected(instance, binding)).map(portsOf(instance)))
    .flat();

  function portsOf(instance: Instance) {
    const { instanceId: serverId } = instance;
    return (binding: Binding): ReadonlyArray<MissingBackend> =>
      binding.ports.flatMap(({ port }) =>
        servingAddresses(instance, binding).flatMap((serverIp) => {
          const identity = { vServerGroupId: binding.vServerGroupId, serverId, port, serverIp };
          if (known.has(backendId(identity))) return [];
          const paused = pauses.get(binding.name);
          const news = paused === undefined ? {} : { paused };
          return [{ binding, identity, held: driftHold({ binding, identity, news, nowMs }) }];
        }),
      );
  }
}

/**
 * Whether the inbox holds a signal that nobody counted: its writer slept through everything, and wrote it after a copy had
 * been handled. One that waits for its time is counted if the lane is looked at by then.
 */
export function isForgotten(lane: LaneRow, inbox: ReadonlyArray<Signal>, nowMs: number): boolean {
  const { nextWakeUpMs } = lane;
  const isAwaited = ({ news }: Signal) => {
    if (nextWakeUpMs === null) return false;
    if (news.kind === 'lift-guard') return nextWakeUpMs <= news.untilMs;
    if (news.kind === 'pause') return news.untilMs !== null && nextWakeUpMs <= news.untilMs;
    return news.kind === 'leave' && isEarly(news, nowMs) && nextWakeUpMs <= (news.fromMs ?? -Infinity);
  };
  return !isDue(lane, nowMs) && !inbox.every(isAwaited);
}

/** Whether a plan made without the lane would do anything. What only waits, or is held and said so, does not. */
export function isDifferent({ changes, steps, enquiries }: LanePlan): boolean {
  return changes.length > 0 || steps.length > 0 || enquiries.length > 0;
}
