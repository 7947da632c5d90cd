import type { Clock } from '../../../shared/clock.ts';
import type { Principal } from '../world/identities.ts';
import type { Carrier } from './carrier.ts';

/** Who calls: one worker, with the clock on its own wall. */
export interface Caller {
  readonly principal: Principal;
  readonly ownClock: Clock;
  readonly carrier: Carrier;
  /** For one call with all its tries. */
  readonly timeoutMs: number;
}

/** How often and how patiently a client tries. */
export interface TryLimits {
  readonly triesMax: number;
  /** The wait before the second try; it grows by as much with each further one. */
  readonly waitMs: number;
}

/** A try with less of the time left than this is not made. */
const SHARE_MIN = 0.25;

/**
 * Runs `once` again as the clients of the real clouds do: while its failure may be repeated and a quarter of the time is
 * left, by the caller's own clock. Then throws the last failure.
 */
export async function withTries<T>(
  { ownClock, carrier, timeoutMs }: Caller,
  { triesMax, waitMs }: TryLimits,
  mayRepeat: (error: unknown) => boolean,
  once: (leftMs: number) => Promise<T>,
): Promise<T> {
  const endMs = ownClock.nowMs() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    const leftMs = attempt === 1 ? timeoutMs : endMs - ownClock.nowMs();
    try {
      return await once(leftMs);
    } catch (error) {
      const pauseMs = waitMs * attempt;
      const nextLeftMs = endMs - ownClock.nowMs() - pauseMs;
      if (attempt >= triesMax || nextLeftMs < timeoutMs * SHARE_MIN || !mayRepeat(error)) throw error;
      await carrier.pause(pauseMs);
    }
  }
}
