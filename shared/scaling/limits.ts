const MINUTE_MS = 60_000;

/** A tick is a minute; what must not be missed is done two of them before it is too late. */
export const HEARTBEAT_MARGIN_MS: number = 2 * MINUTE_MS;
/** ESS grants an action so many heartbeats. */
export const HEARTBEATS_MAX = 20;
/** And has it wait so long in all. */
export const WAIT_MAX_MS: number = 6 * 60 * MINUTE_MS;
/** Bounds of one heartbeat, in seconds. */
export const HEARTBEAT_SECONDS = { least: 30, most: 21_600 } as const;
/** Hooks with a shorter timeout cannot be answered safely: a lost message and the tick that finds it take longer. */
export const HOOK_TIMEOUT_LEAST_SECONDS = 180;
