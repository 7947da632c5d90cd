import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  extendedDeadlineMs,
  lastSafeMs,
  planHeartbeat,
  type Wait,
} from '../../../../shared/scaling/hook/heartbeats.ts';
import { NOW_MS } from '../../../support/builders.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A wait that has just begun, under a hook with this timeout. */
const aWait = (timeoutSeconds: number, overrides: Partial<Wait> = {}): Wait => ({
  startedAtMs: NOW_MS,
  deadlineMs: NOW_MS + timeoutSeconds * SECOND_MS,
  heartbeats: 0,
  heartbeatMaxSeconds: null,
  ...overrides,
});

describe('a heartbeat', () => {
  it('is not due as long as two ticks remain', () => {
    const plan = planHeartbeat(
      aWait(600),
      { timeoutSeconds: 600 },
      NOW_MS + HOUR_MS,
      NOW_MS + 479 * SECOND_MS,
    );

    expect(plan).toEqual({ kind: 'wait', atMs: NOW_MS + 480 * SECOND_MS });
  });

  it('asks for the timeout of its hook, since nobody wants a stuck group to be stuck for longer', () => {
    const plan = planHeartbeat(
      aWait(600),
      { timeoutSeconds: 600 },
      NOW_MS + HOUR_MS,
      NOW_MS + 480 * SECOND_MS,
    );

    expect(plan).toEqual({ kind: 'beat', seconds: 600 });
  });

  it('asks for more when the heartbeats that are left would not do', () => {
    const neededUntilMs = NOW_MS + 5 * HOUR_MS;
    const plan = planHeartbeat(aWait(180), { timeoutSeconds: 180 }, neededUntilMs, NOW_MS + 60 * SECOND_MS);

    // 17,940 s over 18 heartbeats, each of them with 120 s of the one before.
    expect(plan).toEqual({ kind: 'beat', seconds: 1_117 });
  });

  it('asks for something useful where the timeout is too short for anybody', () => {
    const plan = planHeartbeat(aWait(60), { timeoutSeconds: 60 }, NOW_MS + MINUTE_MS, NOW_MS);

    expect(plan).toEqual({ kind: 'beat', seconds: 600 });
  });

  it('asks for no more than ESS has refused to grant', () => {
    const wait = aWait(600, { heartbeatMaxSeconds: 300 });
    const plan = planHeartbeat(wait, { timeoutSeconds: 600 }, NOW_MS + HOUR_MS, NOW_MS + 480 * SECOND_MS);

    expect(plan).toEqual({ kind: 'beat', seconds: 300 });
  });

  it('is never the 21st', () => {
    const wait = aWait(600, { heartbeats: 20 });

    expect(planHeartbeat(wait, { timeoutSeconds: 600 }, NOW_MS + HOUR_MS, NOW_MS + 480 * SECOND_MS)).toEqual({
      kind: 'time-is-up',
    });
    expect(lastSafeMs(wait)).toBe(NOW_MS + 480 * SECOND_MS);
  });

  it('is none when it gains nothing: the six hours are nearly over', () => {
    const nowMs = NOW_MS + 6 * HOUR_MS - 100 * SECOND_MS;
    const wait = aWait(600, { deadlineMs: nowMs + 100 * SECOND_MS });

    expect(planHeartbeat(wait, { timeoutSeconds: 600 }, nowMs + HOUR_MS, nowMs)).toEqual({
      kind: 'time-is-up',
    });
  });

  it('leaves two ticks of the six hours', () => {
    expect(lastSafeMs(aWait(600))).toBe(NOW_MS + 6 * HOUR_MS - 2 * MINUTE_MS);
  });
});

describe('what a heartbeat gains', () => {
  const wait = aWait(600);
  const sentAtMs = NOW_MS + 480 * SECOND_MS;

  it.each([
    ['now', 480 + 600],
    ['old-deadline', 600 + 600],
    ['unknown', 480 + 600],
  ] as const)('counted from %s', (countsFrom, seconds) => {
    expect(extendedDeadlineMs(wait, 600, sentAtMs, countsFrom)).toBe(NOW_MS + seconds * SECOND_MS);
  });

  it('is never less than what was there: a short one sent early takes nothing away from what we count on', () => {
    expect(extendedDeadlineMs(wait, 30, NOW_MS, 'now')).toBe(NOW_MS + 600 * SECOND_MS);
  });
});

describe('a whole wait', () => {
  /** Plays a wait that ends at `needMs`, looked at with delays of up to a tick; how it went. */
  const play = (timeoutSeconds: number, needMs: number, delaysMs: ReadonlyArray<number>) => {
    let wait = aWait(timeoutSeconds);
    let nowMs = NOW_MS;
    let looks = 0;
    const endMs = NOW_MS + needMs;
    while (nowMs < endMs) {
      const plan = planHeartbeat(wait, { timeoutSeconds }, endMs, nowMs);
      if (plan.kind === 'time-is-up') return { wait, endedAtMs: nowMs, isInTime: false };
      const delayMs = delaysMs[looks++ % delaysMs.length] ?? 0;
      if (plan.kind === 'wait') {
        nowMs = Math.min(endMs, plan.atMs + delayMs);
        continue;
      }
      const deadlineMs = extendedDeadlineMs(wait, plan.seconds, nowMs, 'now');
      // What must never be: that ESS has stopped waiting before the heartbeat came.
      if (nowMs > (wait.deadlineMs ?? 0)) return { wait, endedAtMs: nowMs, isInTime: false };
      wait = { ...wait, deadlineMs, heartbeats: wait.heartbeats + 1 };
    }
    return { wait, endedAtMs: nowMs, isInTime: nowMs <= (wait.deadlineMs ?? 0) };
  };

  it('of any length that fits is got through with twenty heartbeats at most, looked at a tick late or not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 180, max: 21_600 }),
        fc.integer({ min: 0, max: 6 * HOUR_MS - 3 * MINUTE_MS }),
        fc.array(fc.integer({ min: 0, max: MINUTE_MS }), { minLength: 1, maxLength: 30 }),
        (timeoutSeconds, needMs, delaysMs) => {
          const { wait, isInTime } = play(timeoutSeconds, needMs, delaysMs);

          expect(isInTime).toBe(true);
          expect(wait.heartbeats).toBeLessThanOrEqual(20);
        },
      ),
      { numRuns: 2_000, seed: 20260409 },
    );
  });

  it('takes as few heartbeats as its timeout allows, where these are enough', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 7_200 }),
        fc.integer({ min: 0, max: 15 }),
        (timeoutSeconds, times) => {
          // One that ends a second before the n-th heartbeat would be due.
          const needMs = ((times + 1) * (timeoutSeconds - 120) - 1) * SECOND_MS;
          fc.pre(needMs < 6 * HOUR_MS - 3 * MINUTE_MS);
          const { wait } = play(timeoutSeconds, needMs, [0]);

          expect(wait.heartbeats).toBe(times);
        },
      ),
      { numRuns: 500, seed: 20260409 },
    );
  });
});
