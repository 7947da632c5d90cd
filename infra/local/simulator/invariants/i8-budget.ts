import type { MakeInvariant } from './invariant.ts';
import { groupWriteOf } from './our-writes.ts';
import { pairWriteOf } from './pair-writes.ts';

const WINDOW_MS = 60_000;

/** I8: calls of one write operation that are sent in any sliding 60 s, by all workers together, stay within our share. */
export const budget: MakeInvariant = ({ config, nowMs }, violate) => {
  const { callsPerMinute, reserveForPeople } = config.limits;
  const share = Math.max(1, callsPerMinute - reserveForPeople);
  /** By operation, the oldest first. */
  const sentAtMs = new Map<string, Array<number>>();
  return {
    sent(call) {
      if (groupWriteOf(call) === null && pairWriteOf(call) === null) return;
      const { action } = call.travel;
      const recent = sentAtMs.get(action) ?? [];
      sentAtMs.set(action, recent);
      recent.push(nowMs());
      while ((recent[0] ?? 0) <= nowMs() - WINDOW_MS) recent.shift();
      if (recent.length > share) {
        violate(
          `${call.worker} sends call ${recent.length} of ${action} within 60 s, and our share is ${share}`,
        );
      }
    },
  };
};
