import type { Random } from '../random.ts';

/**
 * How EventBridge repeats a delivery that failed: 3 times after a random 10 to 20 s each, or 176 times after 1, 2, 4 …
 * 512 s and then every 512 s, a day in all.
 */
export type PushRetryStrategy = 'BACKOFF_RETRY' | 'EXPONENTIAL_DECAY_RETRY';

/** The waits of both strategies, in ms. How often they retry is not a setting. */
export interface PushRetryTimings {
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  readonly exponentialFirstMs: number;
  readonly exponentialMaxMs: number;
}

/** The waits of the real cloud. */
export const PUSH_RETRY_TIMINGS: PushRetryTimings = {
  backoffMinMs: 10_000,
  backoffMaxMs: 20_000,
  exponentialFirstMs: 1_000,
  exponentialMaxMs: 512_000,
};

const BACKOFF_RETRIES = 3;
const EXPONENTIAL_RETRIES = 176;

/** How long to wait after the `failures`-th failure (from 1); `null` = no further try. */
export function nextPushRetryMs(
  strategy: PushRetryStrategy,
  failures: number,
  timings: PushRetryTimings,
  random: Random,
): number | null {
  if (strategy === 'BACKOFF_RETRY') {
    if (failures > BACKOFF_RETRIES) return null;
    return timings.backoffMinMs + random() * (timings.backoffMaxMs - timings.backoffMinMs);
  }
  if (failures > EXPONENTIAL_RETRIES) return null;
  return Math.min(timings.exponentialFirstMs * 2 ** (failures - 1), timings.exponentialMaxMs);
}
