import type { Binding } from '../../../../shared/config/binding.ts';
import { selectorTags } from '../../../../shared/config/binding.ts';
import type { WorkerCall } from '../play/calls.ts';
import type { RowWritten } from '../play/observed-store.ts';
import { type HookRecord, readHook } from '../play/tables.ts';
import type { Scene } from './invariant.ts';
import { instancesSince } from './knowledge.ts';
import { Occupancy } from './occupancy.ts';
import { MARK_PREFIX } from './our-writes.ts';

/** What a decision is made from is at most this old: an observation is read, and then written about. */
const LOOK_AGE_MAX_MS = 10_000;

/** One (group, port) where an instance of a hook belongs, or is. */
interface Place {
  readonly binding: Binding;
  readonly key: string;
  /** Of the port, by the configuration. */
  readonly weight: number;
}

/**
 * Watches the decisions about hooks: CONTINUE on the way out only once none of the instances is a backend of ours with weight,
 * or in its drain, and on the way in only once each that the bindings select serves; or by the settings for when its time is
 * up. What has changed since the worker looked is not held against it.
 */
export class HookDecisions {
  readonly #scene: Scene;
  readonly #violate: (text: string) => void;
  readonly #occupancy: Occupancy;

  constructor(scene: Scene, violate: (text: string) => void) {
    this.#scene = scene;
    this.#violate = violate;
    this.#occupancy = new Occupancy(scene.clouds, () => scene.nowMs());
  }

  rowWritten(change: RowWritten, by: WorkerCall | null): void {
    this.#occupancy.rowWritten(change);
    const { table, before, after } = change;
    if (table !== 'hooks' || after === null || by === null) return;
    const hook = readHook(after);
    const isNew = before === null || readHook(before).answer === null;
    if (hook.answer === null || hook.answer.result === 'ROLLBACK' || !isNew) return;
    if (hook.transition === 'SCALE_IN') this.#judgeLeaving(hook, by);
    else if (hook.answer.result === 'CONTINUE') this.#judgeComing(hook, by);
  }

  #judgeLeaving(hook: HookRecord, by: WorkerCall): void {
    const { config, records, nowMs } = this.#scene;
    const isTimeUp = hook.answer?.reason.startsWith('its time is up') === true;
    if (isTimeUp && config.scaling.policy.whenTimeIsUp === 'continue') return;
    for (const place of this.#placesOf(hook)) {
      const { binding, key } = place;
      const present = this.#memberAt(place);
      if (present === undefined || !present.description.startsWith(MARK_PREFIX)) continue;
      const { changedAtMs, zeroSinceMs } = this.#occupancy.of(binding.vServerGroupId, key);
      if (changedAtMs >= this.#lookedAtMs(by, binding.vServerGroupId)) continue;
      const where = `${key} of ${binding.vServerGroupId}`;
      const what = `${by.worker} lets ${hook.lifecycleHookId} continue (${hook.answer?.reason})`;
      if (present.weight > 0) {
        this.#violate(`${what}, while ${where} has weight ${present.weight}`);
        return;
      }
      const orders = records.find(binding.vServerGroupId, key)?.orders ?? [];
      const hasComeDue = orders.some(({ deadlineAtMs }) => deadlineAtMs !== null && deadlineAtMs <= nowMs());
      const leftMs = (zeroSinceMs ?? -Infinity) + binding.drain.timeMs - nowMs();
      if (leftMs <= 0 || hasComeDue) continue;
      this.#violate(`${what}, ${leftMs} ms before the drain of ${where} is over`);
      return;
    }
  }

  #judgeComing(hook: HookRecord, by: WorkerCall): void {
    const { config, knowledge, records } = this.#scene;
    const isReady = hook.answer?.reason === 'every instance serves where it belongs';
    if (!isReady && config.scaling.policy.whenNotReady === 'continue') return;
    const members = knowledge.of(by.worker).members.get(hook.scalingGroupId);
    for (const place of this.#placesOf(hook)) {
      const { binding, key, weight } = place;
      const instanceId = key.slice(0, key.indexOf(':'));
      if (members?.has(instanceId) !== true || !this.#isSelected(instanceId, binding, by)) continue;
      const { vServerGroupId } = binding;
      const sinceMs = this.#lookedAtMs(by, vServerGroupId);
      if (this.#occupancy.of(vServerGroupId, key).changedAtMs >= sinceMs) continue;
      if (this.#occupancy.recordedAtMs(vServerGroupId, key) >= sinceMs) continue;
      const present = this.#memberAt(place);
      const record = records.find(vServerGroupId, key);
      const isProven = record === null || record.phase === 'ramping' || record.phase === 'in-service';
      if (isProven && present !== undefined && (present.weight > 0 || weight === 0)) continue;
      const state = `${record?.phase ?? 'unknown'} with weight ${present?.weight ?? 'none'}`;
      this.#violate(
        `${by.worker} lets ${hook.lifecycleHookId} continue (${hook.answer?.reason}), while ${key} of ${vServerGroupId} is ${state}`,
      );
      return;
    }
  }

  #placesOf({ instanceIds }: HookRecord): ReadonlyArray<Place> {
    return instanceIds.flatMap((id) =>
      this.#scene.config.bindings.flatMap((binding) =>
        binding.ports.map(({ port, weight }) => ({ binding, key: `${id}:${port}`, weight })),
      ),
    );
  }

  #memberAt({ binding, key }: Place) {
    const group = this.#scene.clouds.slb.group(binding.vServerGroupId);
    return group?.backends.find(({ serverId, port }) => `${serverId}:${port}` === key);
  }

  /** Whether the binding selects it, as it really is, unless the worker was told otherwise. */
  #isSelected(instanceId: string, { selector }: Binding, { worker }: WorkerCall): boolean {
    const { clouds, knowledge, nowMs } = this.#scene;
    if (selector.kind === 'scaling-group') {
      return clouds.ess.member(instanceId)?.scalingGroupId === selector.scalingGroupId;
    }
    const told = instancesSince(knowledge.of(worker), nowMs() - LOOK_AGE_MAX_MS)
      .get(instanceId)
      ?.at(-1);
    const tags = clouds.ecs.find(instanceId)?.tags ?? [];
    return selectorTags(selector).every(
      ({ key, value }) =>
        tags.some((tag) => tag.key === key && tag.value === value) &&
        (told === undefined || told === null || told.tags[key] === value),
    );
  }

  /** Since when what has changed may be news to the worker. */
  #lookedAtMs({ worker }: WorkerCall, vServerGroupId: string): number {
    const { knowledge, nowMs } = this.#scene;
    const earliestMs = nowMs() - LOOK_AGE_MAX_MS;
    return Math.max(earliestMs, knowledge.of(worker).groups.get(vServerGroupId)?.readAtMs ?? earliestMs);
  }
}
