import type { Assumptions } from '../../../shared/config/load.ts';
import { extendedDeadlineMs, planHeartbeat, type Wait } from '../../../shared/scaling/hook/heartbeats.ts';

/** How a hook is kept waiting. */
export interface Heartbeats {
  readonly count: number;
  /** The longest of them; 0 without any. */
  readonly longestSeconds: number;
}

/**
 * The heartbeats with which the functions keep a hook waiting for `neededMs`, by playing their own plan; `null` = ESS does
 * not wait so long, whatever is sent.
 */
export function heartbeatsFor(
  timeoutSeconds: number,
  neededMs: number,
  { heartbeatCountsFrom }: Pick<Assumptions, 'heartbeatCountsFrom'>,
): Heartbeats | null {
  let wait: Wait = {
    startedAtMs: 0,
    deadlineMs: timeoutSeconds * 1_000,
    heartbeats: 0,
    heartbeatMaxSeconds: null,
  };
  let longestSeconds = 0;
  for (let nowMs = 0; nowMs < neededMs; ) {
    const plan = planHeartbeat(wait, { timeoutSeconds }, neededMs, nowMs);
    if (plan.kind === 'time-is-up') return null;
    if (plan.kind === 'wait') nowMs = plan.atMs;
    else {
      const deadlineMs = extendedDeadlineMs(wait, plan.seconds, nowMs, heartbeatCountsFrom);
      wait = { ...wait, deadlineMs, heartbeats: wait.heartbeats + 1 };
      longestSeconds = Math.max(longestSeconds, plan.seconds);
    }
  }
  return { count: wait.heartbeats, longestSeconds };
}
