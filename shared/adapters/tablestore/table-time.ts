import type { Clock } from '../../clock.ts';
import { type FailureOrigin, TransientError } from '../../errors.ts';

/** The time that all workers share: each one's own clock, corrected by the dates in Tablestore's answers. */
export interface TableTime extends Clock {
  /**
   * Takes the date of an answer, in ms since the epoch, to a call sent at `sentAtMs` of the own clock. `NaN` = the answer
   * had none that could be read, and proves nothing.
   */
  learn(answeredAtMs: number, sentAtMs: number): void;
  /**
   * All that is known comes from answers that took long, or slept under their caller: half of that is the doubt, and no
   * lease may be judged by it.
   */
  readonly isDoubtful: boolean;
}

/**
 * Answers slower than this teach no time that may be acted on. Two workers are then apart by no more, well within the
 * margin of a lease (`LEASE_MARGIN_MS`).
 */
const UNCERTAINTY_MAX_MS = 2_000;

/**
 * Own time until the first answer; from then on table time, as exact as the fastest answer so far. Each answer proves
 * bounds, since its date was written between sending and receiving; a slower one only pulls the correction back into
 * them when one of the clocks has moved.
 */
export function createTableTime(own: Clock): TableTime {
  let offsetMs = 0;
  let uncertaintyMs = Number.POSITIVE_INFINITY;
  let isDoubtful = false;
  return {
    nowMs: () => own.nowMs() + offsetMs,
    get isDoubtful() {
      return isDoubtful;
    },
    learn(serverMs, sentAtMs) {
      if (Number.isNaN(serverMs)) return;
      const receivedAtMs = own.nowMs();
      const roundTripMs = receivedAtMs - sentAtMs;
      // A negative round trip: the own clock was set back under the call, which then proves nothing.
      if (roundTripMs >= 0 && roundTripMs <= uncertaintyMs) {
        offsetMs = Math.round(serverMs - (sentAtMs + receivedAtMs) / 2);
        uncertaintyMs = roundTripMs;
      } else if (roundTripMs >= 0) {
        offsetMs = Math.min(Math.max(offsetMs, serverMs - receivedAtMs), serverMs - sentAtMs);
      }
      isDoubtful = uncertaintyMs > UNCERTAINTY_MAX_MS;
    },
  };
}

/** Throws TransientError while the time is in doubt: ask again, since the next answer is most likely faster. */
export function requireCertainTime(time: TableTime, origin: FailureOrigin): void {
  if (!time.isDoubtful) return;
  const message = 'Tablestore has answered too slowly until now to tell the time by';
  throw new TransientError(message, 'unavailable', origin);
}
