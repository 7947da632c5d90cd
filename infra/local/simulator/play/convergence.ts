import { type Selector, selectorTags } from '../../../../shared/config/binding.ts';
import type { Config } from '../../../../shared/config/load.ts';
import { weightOn } from '../../../../shared/config/weights.ts';
import { boundBindings } from '../../declared-bindings.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { Instance } from '../../world/ecs/instance.ts';
import type { LifecycleState } from '../../world/ess/model.ts';
import { type BackendRecord, backendsOf, isGone, ordersOf, readLane, rowsOf } from './tables.ts';

const MARK_PREFIX = 'slb-autopilot/';

/** Something that is not as it should be. */
export interface Difference {
  readonly text: string;
  /** Why the product leaves it so for now; `null` = it does not say. */
  readonly excuse: string | null;
}

/**
 * What of the groups differs from what the configuration and the instances, as they really are, ask for. Backends that
 * others have put there are theirs and no difference.
 */
export function differences(clouds: MemoryClouds, config: Config): ReadonlyArray<Difference> {
  const bindings = boundBindings(config.bindings, clouds.slb);
  const found: Array<Difference> = [];
  const records = new Map<string, BackendRecord>();
  for (const record of backendsOf(clouds)) {
    records.set(`${record.vServerGroupId} ${record.serverId}:${record.port}`, record);
  }
  const nowMs = clouds.foundation.clock.nowMs();
  const note = (groupId: string, key: string, text: string) => {
    const record = records.get(`${groupId} ${key}`);
    const isSetBack = record !== undefined && (record.notBeforeMs ?? 0) > nowMs;
    // What its scaling group has in service again is not kept out by having once left it.
    const isKeptOut = record?.phase === 'removed' && record.cause !== 'scale-in' && !isForATime(record);
    const excuse = record?.held ?? (isSetBack ? 'set back' : isKeptOut ? `kept out: ${record.cause}` : null);
    found.push({ text: `${groupId} ${key} ${text}`, excuse });
  };
  const wanted = new Map<string, Map<string, number>>();
  for (const { vServerGroupId, selector, ports } of bindings) {
    const ofGroup = wanted.get(vServerGroupId) ?? new Map<string, number>();
    wanted.set(vServerGroupId, ofGroup);
    for (const instance of clouds.ecs.instances()) {
      if (instance.status !== 'Running' || !isWanted(clouds, selector, instance)) continue;
      for (const ofPort of ports) {
        const weight = weightOn(ofPort, instance.instanceId, instance)?.weight ?? ofPort.weight;
        ofGroup.set(`${instance.instanceId}:${ofPort.port}`, weight);
      }
    }
  }
  for (const [groupId, ofGroup] of wanted) {
    const listed = new Map(
      (clouds.slb.group(groupId)?.backends ?? []).map((backend) => [
        `${backend.serverId}:${backend.port}`,
        backend,
      ]),
    );
    for (const [key, weight] of ofGroup) {
      const backend = listed.get(key);
      if (backend === undefined) note(groupId, key, 'is missing');
      else if (backend.description.startsWith(MARK_PREFIX) && backend.weight !== weight) {
        note(groupId, key, `has weight ${backend.weight}, not ${weight}`);
      }
    }
    for (const { vServerGroupId, serverId, port, phase } of records.values()) {
      const key = `${serverId}:${port}`;
      if (vServerGroupId !== groupId || listed.has(key) || ofGroup.has(key)) continue;
      // Its events were lost, and SLB has dropped it: the next sweep forgets it.
      if (phase === 'in-service') note(groupId, key, 'is recorded as in service, and is not in the group');
    }
    for (const [key, { description, weight }] of listed) {
      if (!description.startsWith(MARK_PREFIX) || ofGroup.has(key)) continue;
      note(groupId, key, `is still there with weight ${weight}`);
    }
  }
  return found;
}

/** Whether somebody has asked for it for a time, after which it comes back. */
function isForATime({ orders }: BackendRecord): boolean {
  return orders.some(({ cause, untilMs }) => cause === 'change-request' && untilMs !== null);
}

/** The states in which a scaling group wants its instance to serve, or to prove that it could. */
const IN_ROTATION: ReadonlySet<LifecycleState> = new Set([
  'InService',
  'Protected',
  'Pending',
  'Pending:Wait',
]);
const LEAVING: ReadonlySet<LifecycleState> = new Set(['Removing', 'Removing:Wait']);

/** Whether the selector asks for the instance as it really is, and neither its scaling group nor the cloud takes it out. */
function isWanted({ ess }: MemoryClouds, selector: Selector, instance: Instance): boolean {
  if (instance.lockReasons?.includes('Recycling')) return false;
  const member = ess.member(instance.instanceId);
  if (selector.kind === 'scaling-group') {
    return member?.scalingGroupId === selector.scalingGroupId && IN_ROTATION.has(member.lifecycleState);
  }
  if (member !== null && LEAVING.has(member.lifecycleState)) return false;
  return selectorTags(selector).every(({ key, value }) =>
    instance.tags.some((tag) => tag.key === key && tag.value === value),
  );
}

/** Whether every lane has nothing to do before `untilMs`. */
export function areLanesIdle(clouds: MemoryClouds, untilMs: number): boolean {
  return rowsOf(clouds, 'lanes')
    .map(readLane)
    .every(
      ({ owner, dirty, handled, nextWakeUpMs }) =>
        owner === '' && handled >= dirty && (nextWakeUpMs === null || nextWakeUpMs > untilMs),
    );
}

/**
 * Whether nobody has anything left to do about a signal, a hook or an order: no lane is behind, no inbox holds one, no hook
 * has a row, no order about a pair waits.
 */
export function areSignalsHandled(clouds: MemoryClouds): boolean {
  const isBehind = rowsOf(clouds, 'lanes')
    .map(readLane)
    .some(({ owner, dirty, handled }) => owner === '' && handled < dirty);
  const isLeft = (table: string) => rowsOf(clouds, table).some((row) => !isGone(row));
  return !isBehind && !isLeft('inbox') && !isLeft('hooks') && ordersOf(clouds).length === 0;
}
