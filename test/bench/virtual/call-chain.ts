import type { TravelledCall } from './stage.ts';

/** How many calls were made one after the other: the most of them no two of which overlap in time. */
export function sequentialCalls(calls: ReadonlyArray<TravelledCall>): number {
  let count = 0;
  let untilMs = -Infinity;
  // Taking whoever ends first leaves the most room for those that come after.
  for (const { sentAtMs, answeredAtMs } of [...calls].sort((a, b) => a.answeredAtMs - b.answeredAtMs)) {
    if (sentAtMs < untilMs) continue;
    count++;
    untilMs = answeredAtMs;
  }
  return count;
}
