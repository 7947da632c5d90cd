import { selectorTags } from '../../../../shared/config/binding.ts';
import type { Config } from '../../../../shared/config/load.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import { type BackendRecord, backendsOf, readLane, rowsOf } from './tables.ts';

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
export function differences(clouds: MemoryClouds, { bindings }: Config): ReadonlyArray<Difference> {
  const found: Array<Difference> = [];
  const records = new Map<string, BackendRecord>();
  for (const record of backendsOf(clouds)) {
    records.set(`${record.vServerGroupId} ${record.serverId}:${record.port}`, record);
  }
  const nowMs = clouds.foundation.clock.nowMs();
  const note = (groupId: string, key: string, text: string) => {
    const record = records.get(`${groupId} ${key}`);
    const isSetBack = record !== undefined && (record.notBeforeMs ?? 0) > nowMs;
    const isKeptOut = record?.phase === 'removed';
    const excuse = record?.held ?? (isSetBack ? 'set back' : isKeptOut ? 'kept out' : null);
    found.push({ text: `${groupId} ${key} ${text}`, excuse });
  };
  const wanted = new Map<string, Map<string, number>>();
  for (const { vServerGroupId, selector, ports } of bindings) {
    const ofGroup = wanted.get(vServerGroupId) ?? new Map<string, number>();
    wanted.set(vServerGroupId, ofGroup);
    const tags = selectorTags(selector);
    for (const instance of clouds.ecs.instances()) {
      if (instance.status !== 'Running') continue;
      if (
        !tags.every(({ key, value }) => instance.tags.some((tag) => tag.key === key && tag.value === value))
      )
        continue;
      for (const { port, weight } of ports) ofGroup.set(`${instance.instanceId}:${port}`, weight);
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
    for (const [key, { description, weight }] of listed) {
      if (!description.startsWith(MARK_PREFIX) || ofGroup.has(key)) continue;
      note(groupId, key, `is still there with weight ${weight}`);
    }
  }
  return found;
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

/** Whether nobody has anything left to do about a signal: no lane is behind, and no inbox holds one. */
export function areSignalsHandled(clouds: MemoryClouds): boolean {
  const isBehind = rowsOf(clouds, 'lanes')
    .map(readLane)
    .some(({ owner, dirty, handled }) => owner === '' && handled < dirty);
  return !isBehind && rowsOf(clouds, 'inbox').length === 0;
}
