import type { Clock } from '../../clock.ts';

/** The time that all workers share: each one's own clock, corrected by the dates in Tablestore's answers. */
export interface TableTime extends Clock {
  /** Takes the `x-ots-date` of an answer to a call sent at `sentAtMs` of the own clock. An unreadable one is ignored. */
  learn(date: string | undefined, sentAtMs: number): void;
}

/** A correction smaller than a call's own uncertainty is noise; a measure this much older is replaced anyway. */
const MEASURE_AGE_MAX_MS = 60_000;

/** Own time until the first answer; from then on table time, as exact as the fastest recent answer. */
export function createTableTime(own: Clock): TableTime {
  let offsetMs = 0;
  let uncertaintyMs = Number.POSITIVE_INFINITY;
  let measuredAtMs = 0;
  return {
    nowMs: () => own.nowMs() + offsetMs,
    learn(date, sentAtMs) {
      const serverMs = date === undefined ? Number.NaN : Date.parse(date);
      if (Number.isNaN(serverMs)) return;
      const receivedAtMs = own.nowMs();
      const roundTripMs = receivedAtMs - sentAtMs;
      const isBetter = roundTripMs <= uncertaintyMs || receivedAtMs - measuredAtMs > MEASURE_AGE_MAX_MS;
      if (!isBetter) return;
      offsetMs = Math.round(serverMs - (sentAtMs + receivedAtMs) / 2);
      uncertaintyMs = roundTripMs;
      measuredAtMs = receivedAtMs;
    },
  };
}
