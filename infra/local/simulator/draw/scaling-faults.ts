import type { CallFault, DayFault } from '../day.ts';
import type { Dice } from '../dice.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

const KINDS = [
  'crash',
  'crash',
  'zombie',
  'lost-reply',
  'lost-reply',
  'lost-request',
  'late-call',
  'throttle',
  'busy',
  'partial-read',
  'api-error',
] as const;

const ACTIONS = [
  'Complete',
  'Complete',
  'Record',
  'DescribeScalingActivities',
  'DescribeScalingInstances',
  'DescribeLifecycle',
  null,
] as const;

/** How likely a cloud is down, and how many calls that may cost. */
const DOWN = 0.25;
const DOWN_CALLS = 100_000;

/** What goes wrong with calls of Auto Scaling and with the messages of its hooks, mostly near `busyAtMs`. */
export function drawScalingFaults(
  dice: Dice,
  endsAtMs: number,
  busyAtMs: ReadonlyArray<number>,
): ReadonlyArray<DayFault> {
  const drawAtMs = () => {
    if (busyAtMs.length === 0 || dice.chance(0.3)) return dice.whole(10 * SECOND_MS, endsAtMs);
    return Math.max(SECOND_MS, dice.pick(busyAtMs) + dice.whole(-10 * SECOND_MS, 2 * MINUTE_MS));
  };
  const calls = Array.from({ length: dice.whole(2, 5) }, () => drawCallFault(dice, drawAtMs()));
  const messages = Array.from({ length: dice.whole(1, 2) }, () => drawMessageFault(dice, drawAtMs()));
  // One of the clouds that a hook is not answered by is down for as long as a short hook waits, and longer.
  return dice.chance(DOWN) ? [...calls, ...messages, drawDown(dice, drawAtMs())] : [...calls, ...messages];
}

function drawDown(dice: Dice, atMs: number): DayFault {
  const untilMs = atMs + dice.whole(2 * MINUTE_MS, 8 * MINUTE_MS);
  const product = dice.pick(['slb', 'slb', 'ecs'] as const);
  const call = { atMs, untilMs, product, action: null, times: DOWN_CALLS };
  // It refuses, or it does not answer at all.
  if (dice.chance(0.5)) return { kind: 'late-call', ...call, forMs: MINUTE_MS };
  return { kind: 'api-error', ...call, status: 503, code: 'ServiceUnavailable', retryAfterMs: null };
}

function drawMessageFault(dice: Dice, aroundMs: number): DayFault {
  const atMs = Math.max(0, aroundMs - MINUTE_MS);
  const untilMs = atMs + dice.whole(2 * MINUTE_MS, 15 * MINUTE_MS);
  const kind = dice.pick(['hook-loss', 'hook-loss', 'hook-duplicate', 'hook-delay'] as const);
  switch (kind) {
    case 'hook-loss':
      return { kind, atMs, untilMs, notifications: { lossProbability: dice.pick([0.5, 1]) } };
    case 'hook-duplicate':
      return { kind, atMs, untilMs, notifications: { duplicateTimes: dice.whole(2, 3) } };
    case 'hook-delay':
      return { kind, atMs, untilMs, notifications: { delayMs: dice.skewed(SECOND_MS, 15 * MINUTE_MS) } };
  }
}

function drawCallFault(dice: Dice, atMs: number): DayFault {
  const kind = dice.pick(KINDS);
  const call = (times: number, forMs = 10 * MINUTE_MS): CallFault => {
    return { atMs, untilMs: atMs + forMs, product: 'ess', action: dice.pick(ACTIONS), times };
  };
  const refusal = (status: number, code: string) => ({ status, code, retryAfterMs: null });
  switch (kind) {
    case 'crash':
      return { kind, ...call(1), when: dice.pick(['before', 'after']) };
    case 'zombie': {
      const forMs = dice.skewed(20 * SECOND_MS, 20 * MINUTE_MS);
      return { kind, ...call(1), forMs, hearsAnswer: dice.chance(0.5) };
    }
    case 'lost-reply':
    case 'lost-request':
      return { kind, ...call(dice.whole(1, 3)) };
    case 'late-call':
      return { kind, ...call(1), forMs: dice.skewed(11 * SECOND_MS, 2 * MINUTE_MS) };
    case 'throttle':
      return { kind, ...call(dice.whole(1, 8), MINUTE_MS), ...refusal(400, 'Throttling.User') };
    case 'busy':
    case 'partial-read':
      return { kind, ...call(dice.whole(1, 6), 2 * MINUTE_MS), ...refusal(503, 'ServiceUnavailable') };
    case 'api-error':
      return { kind, ...call(dice.whole(1, 4), 2 * MINUTE_MS), ...refusal(503, 'InternalError') };
  }
}
