import {
  HEARTBEAT_MARGIN_MS,
  HEARTBEAT_SECONDS,
  HEARTBEATS_MAX,
  HOOK_TIMEOUT_LEAST_SECONDS,
  WAIT_MAX_MS,
} from '../limits.ts';
import type { HookRow, LifecycleHook } from '../model.ts';

const SECOND_MS = 1_000;
/** What a heartbeat asks for where the hook's own timeout is too short to be of use. */
const USEFUL_SECONDS = 600;
/** Heartbeats that are not planned with: a reply may get lost, a look may come late. */
const RESERVE = 2;

/** What is to be done to keep a hook waiting. */
export type HeartbeatPlan =
  | { readonly kind: 'beat'; readonly seconds: number }
  /** Nothing until then. */
  | { readonly kind: 'wait'; readonly atMs: number }
  /** ESS will not wait longer: whatever is to be answered has to be answered now. */
  | { readonly kind: 'time-is-up' };

/** A hook as far as heartbeats depend on it. */
export type Wait = Pick<HookRow, 'deadlineMs' | 'startedAtMs' | 'heartbeats' | 'heartbeatMaxSeconds'>;

/**
 * Plans the heartbeats of a hook that is to wait until `neededUntilMs`. One is due two ticks before ESS would stop waiting,
 * so none is sent for a wait that ends before. It asks for the hook's own timeout, so that a stuck group is never stuck for
 * longer than its owner has said; for more only when the heartbeats that are left would not do.
 */
export function planHeartbeat(
  wait: Wait,
  hook: Pick<LifecycleHook, 'timeoutSeconds'>,
  neededUntilMs: number,
  nowMs: number,
): HeartbeatPlan {
  const { deadlineMs, heartbeats } = wait;
  if (deadlineMs === null) return { kind: 'wait', atMs: nowMs };
  const atMs = deadlineMs - HEARTBEAT_MARGIN_MS;
  if (nowMs < atMs) return { kind: 'wait', atMs };
  const left = HEARTBEATS_MAX - heartbeats;
  if (left <= 0) return { kind: 'time-is-up' };
  const seconds = Math.min(lengthOf(hook, neededUntilMs - nowMs, left), mostSeconds(wait, nowMs));
  // One that gains nothing over what ESS waits anyway is none.
  const isUseful = seconds >= HEARTBEAT_SECONDS.least && nowMs + seconds * SECOND_MS > deadlineMs;
  return isUseful ? { kind: 'beat', seconds } : { kind: 'time-is-up' };
}

/** The last instant at which the hook can safely be answered, with all the heartbeats that there are. */
export function lastSafeMs({ startedAtMs, deadlineMs, heartbeats }: Wait): number {
  const endMs = startedAtMs === null ? Infinity : startedAtMs + WAIT_MAX_MS;
  const isSpent = heartbeats >= HEARTBEATS_MAX && deadlineMs !== null;
  return (isSpent ? Math.min(endMs, deadlineMs) : endMs) - HEARTBEAT_MARGIN_MS;
}

function lengthOf(
  { timeoutSeconds }: Pick<LifecycleHook, 'timeoutSeconds'>,
  needMs: number,
  left: number,
): number {
  const own = timeoutSeconds < HOOK_TIMEOUT_LEAST_SECONDS ? USEFUL_SECONDS : timeoutSeconds;
  const usable = Math.max(1, left - RESERVE);
  // Each is sent with the margin left of the one before, so that much of it is no gain.
  const needed = Math.ceil((needMs / usable + HEARTBEAT_MARGIN_MS) / SECOND_MS);
  return Math.min(HEARTBEAT_SECONDS.most, Math.max(own, needed));
}

/** What ESS can still grant: the whole wait has an end, and what it has refused is too much. */
function mostSeconds({ startedAtMs, heartbeatMaxSeconds }: Wait, nowMs: number): number {
  const endMs = (startedAtMs ?? nowMs) + WAIT_MAX_MS;
  return Math.min(Math.floor((endMs - nowMs) / SECOND_MS), heartbeatMaxSeconds ?? Infinity);
}

/** The end of the wait after a heartbeat that was granted, at the earliest that ESS may mean by it. */
export function extendedDeadlineMs(
  { deadlineMs }: Wait,
  seconds: number,
  sentAtMs: number,
  countsFrom: 'unknown' | 'now' | 'old-deadline',
): number {
  const fromMs = countsFrom === 'old-deadline' ? (deadlineMs ?? sentAtMs) : sentAtMs;
  return Math.max(deadlineMs ?? -Infinity, fromMs + seconds * SECOND_MS);
}
