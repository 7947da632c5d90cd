import type { MakeInvariant } from './invariant.ts';
import { groupWriteOf } from './our-writes.ts';
import { BackendRecords, isLeaving } from './records.ts';

/** What another worker has decided may be unknown for as long as generations may be old when a call is sent. */
const GENERATION_AGE_MAX_MS = 2_000;

/** I3: once a drain has been decided, nothing that is planned later gives the backend weight in that generation. */
export const drained: MakeInvariant = ({ nowMs }, violate) => {
  const records = new BackendRecords();
  return {
    rowWritten: (change, by) => records.take(change, nowMs(), by?.worker ?? null),
    sent(call) {
      const write = groupWriteOf(call);
      if (write === null) return;
      for (const { key, weight } of write.backends) {
        const known = weight > 0 ? records.find(write.vServerGroupId, key) : null;
        if (known === null || !isLeaving(known.record)) continue;
        const sinceMs = nowMs() - known.turnedAtMs;
        if (known.turnedBy !== call.worker && sinceMs <= GENERATION_AGE_MAX_MS) continue;
        violate(
          `${call.worker} gives ${key} of ${write.vServerGroupId} weight ${weight}, which has been ${known.record.phase} in generation ${known.record.generation} for ${sinceMs} ms`,
        );
      }
    },
  };
};
