import type { Clock } from '../../clock.ts';

/** The time that all workers share: each one's own clock, corrected by the dates in Tablestore's answers. */
export interface TableTime extends Clock {
  /** Takes the `x-ots-date` of an answer to a call sent at `sentAtMs` of the own clock. An unreadable one is ignored. */
  learn(date: string | undefined, sentAtMs: number): void;
}

/**
 * Own time until the first answer; from then on table time, as exact as the fastest answer so far. Each answer proves
 * bounds, since its date was written between sending and receiving; a slower one only pulls the correction back into
 * them when one of the clocks has moved.
 */
export function createTableTime(own: Clock): TableTime {
  let offsetMs = 0;
  let uncertaintyMs = Number.POSITIVE_INFINITY;
  return {
    nowMs: () => own.nowMs() + offsetMs,
    learn(date, sentAtMs) {
      const serverMs = date === undefined ? Number.NaN : Date.parse(date);
      const receivedAtMs = own.nowMs();
      const roundTripMs = receivedAtMs - sentAtMs;
      // A negative round trip: the own clock was set back under the call, which then proves nothing.
      if (Number.isNaN(serverMs) || roundTripMs < 0) return;
      if (roundTripMs <= uncertaintyMs) {
        offsetMs = Math.round(serverMs - (sentAtMs + receivedAtMs) / 2);
        uncertaintyMs = roundTripMs;
      } else {
        offsetMs = Math.min(Math.max(offsetMs, serverMs - receivedAtMs), serverMs - sentAtMs);
      }
    },
  };
}
