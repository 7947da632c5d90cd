import { describe, expect, it } from 'vitest';
import { heartbeatsFor } from '../../../../infra/operator/doctor/heartbeats.ts';
import { ASSUME } from '../../../support/builders.ts';

const MINUTE_MS = 60_000;

describe('the heartbeats that a wait needs', () => {
  it('are none when it ends two ticks before the hook’s own timeout', () => {
    expect(heartbeatsFor(600, 8 * MINUTE_MS, ASSUME)).toEqual({ count: 0, longestSeconds: 0 });
  });

  it('are one as soon as it ends later', () => {
    expect(heartbeatsFor(600, 8 * MINUTE_MS + 1, ASSUME)).toEqual({ count: 1, longestSeconds: 600 });
  });

  it('count by what remains of each: two ticks before the end of the one before', () => {
    // Sent at 8, 16 and 24 minutes; safe until 8, 16, 24 and 32.
    expect(heartbeatsFor(600, 30 * MINUTE_MS, ASSUME)).toEqual({ count: 3, longestSeconds: 600 });
  });

  it('are fewer when they count from the old deadline', () => {
    // Deadlines at 10, 20 and 30 minutes: sent at 8, 18 and 28.
    const assume = { heartbeatCountsFrom: 'old-deadline' } as const;

    expect(heartbeatsFor(600, 27 * MINUTE_MS, assume)).toEqual({ count: 2, longestSeconds: 600 });
  });

  it('are enough for the longest wait whatever the timeout is', () => {
    for (const timeoutSeconds of [30, 119, 120, 180, 600, 3_600, 21_600]) {
      const longest = heartbeatsFor(timeoutSeconds, 358 * MINUTE_MS, ASSUME);

      expect(longest?.count, `${timeoutSeconds} s`).toBeLessThanOrEqual(20);
    }
    // Of the hook's own length there would have to be hundreds.
    expect(heartbeatsFor(180, 358 * MINUTE_MS, ASSUME)?.longestSeconds).toBeGreaterThan(1_000);
  });

  it('do not exist for more than six hours less two ticks', () => {
    expect(heartbeatsFor(600, 358 * MINUTE_MS + 1, ASSUME)).toBeNull();
    expect(heartbeatsFor(21_600, 358 * MINUTE_MS + 1, ASSUME)).toBeNull();
    expect(heartbeatsFor(21_600, 358 * MINUTE_MS, ASSUME)).toEqual({ count: 0, longestSeconds: 0 });
  });
});
