import type { MakeInvariant } from './invariant.ts';
import { groupWriteOf } from './our-writes.ts';
import { BackendRecords } from './records.ts';

/** I4: within one generation our weights of a backend never fall, unless it leaves. */
export const ramp: MakeInvariant = ({ nowMs }, violate) => {
  const records = new BackendRecords();
  /** By backend: the highest weight that was accepted, and in which generation. */
  const highest = new Map<string, { generation: number; weight: number }>();
  return {
    rowWritten: (change, by) => records.take(change, nowMs(), by?.worker ?? null),
    sent(call) {
      const write = groupWriteOf(call);
      if (write === null) return;
      for (const { key, weight } of write.backends) {
        const id = `${write.vServerGroupId} ${key}`;
        const generation = records.find(write.vServerGroupId, key)?.record.generation;
        const last = highest.get(id);
        if (weight === 0 || generation === undefined || last?.generation !== generation) continue;
        if (weight >= last.weight) continue;
        violate(
          `${call.worker} lowers ${key} of ${write.vServerGroupId} to ${weight} within generation ${generation}, after ${last.weight}`,
        );
      }
    },
    heard(call) {
      const write = call.outcome?.isOk === true ? groupWriteOf(call) : null;
      if (write === null) return;
      for (const { key, weight } of write.backends) {
        const id = `${write.vServerGroupId} ${key}`;
        const generation = records.find(write.vServerGroupId, key)?.record.generation;
        if (weight > 0 && generation !== undefined) highest.set(id, { generation, weight });
      }
    },
  };
};
