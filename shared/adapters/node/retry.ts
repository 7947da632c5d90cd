import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a call may take with all its tries, and how they follow each other. */
export interface RetryLimits {
  /** For the call as a whole: a try gets what the ones before it have left. */
  readonly timeoutMs: number;
  readonly triesMax: number;
  /** The wait before the second try; it grows by as much with each further one. */
  readonly waitMs: number;
}

/** A try with less of the time left than this could only replace the error that is known by a worse one. */
const SHARE_MIN = 0.25;

/**
 * Runs `once` again while its failure may be repeated and enough time is left; then throws the last failure. A call
 * that hung until its time was over is therefore not tried again.
 */
export async function withRetries<T>(
  { timeoutMs, triesMax, waitMs }: RetryLimits,
  mayRepeat: (error: unknown) => boolean,
  once: (leftMs: number) => Promise<T>,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    const leftMs = attempt === 1 ? timeoutMs : endMs - performance.now();
    try {
      return await once(leftMs);
    } catch (error) {
      const pauseMs = waitMs * attempt;
      const nextLeftMs = endMs - performance.now() - pauseMs;
      if (attempt >= triesMax || nextLeftMs < timeoutMs * SHARE_MIN || !mayRepeat(error)) throw error;
      await delay(pauseMs);
    }
  }
}
