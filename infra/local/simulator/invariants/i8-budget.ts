import type { MakeInvariant } from './invariant.ts';
import { groupWriteOf } from './our-writes.ts';

const WINDOW_MS = 60_000;

/** I8: calls of one write operation that are sent in any sliding 60 s stay within our share. */
export const budget: MakeInvariant = ({ config, nowMs }, violate) => {
  const { callsPerMinute, reserveForPeople } = config.limits;
  const share = callsPerMinute - reserveForPeople;
  const sentAtMs = new Map<string, Array<number>>();
  return {
    sent(call) {
      if (groupWriteOf(call) === null) return;
      const { action } = call.travel;
      const recent = (sentAtMs.get(action) ?? []).filter((atMs) => atMs > nowMs() - WINDOW_MS);
      recent.push(nowMs());
      sentAtMs.set(action, recent);
      if (recent.length > share) {
        violate(`${recent.length} calls of ${action} within 60 s, our share is ${share}`);
      }
    },
  };
};
