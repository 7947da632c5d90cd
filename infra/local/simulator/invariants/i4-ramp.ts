import { Authors } from './authors.ts';
import type { MakeInvariant } from './invariant.ts';
import { groupWriteOf, landedWriteOf } from './our-writes.ts';

/**
 * I4: within one generation, without a drain and without another writer, our weight writes never fall. What counts is the
 * weight that the worker saw, if a write of ours in the same generation has made it.
 */
export const ramp: MakeInvariant = ({ clouds, knowledge, records }, violate) => {
  const authors = new Authors(clouds);
  /** By backend: the generation in which our last write that took effect was sent. */
  const generations = new Map<string, number>();
  const sentIn = new WeakMap<object, ReadonlyMap<string, number>>();
  return {
    sent(call) {
      const write = groupWriteOf(call);
      if (write === null || write.kind === 'remove') return;
      const { vServerGroupId } = write;
      const seen = knowledge.of(call.worker).groups.get(vServerGroupId);
      const generationsNow = new Map<string, number>();
      sentIn.set(call, generationsNow);
      for (const { key, weight } of write.backends) {
        const generation = records.find(vServerGroupId, key)?.generation;
        if (generation === undefined) continue;
        generationsNow.set(key, generation);
        const before = seen?.backends.get(key)?.weight ?? 0;
        const isOurs = authors.of(vServerGroupId, key)?.setBy === 'us';
        const isSame = generations.get(`${vServerGroupId} ${key}`) === generation;
        if (weight === 0 || weight >= before || !isOurs || !isSame) continue;
        violate(
          `${call.worker} lowers ${key} of ${vServerGroupId} from ${before} to ${weight} within generation ${generation}`,
        );
        return;
      }
    },
    landed(call) {
      authors.landed(call);
      const write = landedWriteOf(call);
      for (const { key } of write?.backends ?? []) {
        const generation = sentIn.get(call)?.get(key);
        if (generation !== undefined) generations.set(`${write?.vServerGroupId} ${key}`, generation);
      }
    },
    rowWritten({ table, before, after }) {
      // A backend that comes again after its record was forgotten begins with the first generation again.
      if (table !== 'backends' || after !== null || before === null) return;
      const [group = '', backend = ''] = before.key;
      generations.delete(`${group} ${backend}`);
    },
  };
};
