/** How many calls the account's API budget allows, and how finely it is dealt out. */
export interface ApiBudgetSettings {
  /** Calls of one operation in a region that the account may send in 60 s, everybody's together; from 1 to 10,000. */
  readonly limitPerMinute: number;
  /** How many of those are other people's and other tools'. At least one call a minute stays ours, whatever is said here. */
  readonly reserveForPeople: number;
  /** Length of a slot, the unit in which workers take calls; from 500 ms to 60 s. Shorter wastes less of the limit. */
  readonly slotMs: number;
}

/**
 * What the vendor lists for writes to server groups, with some of it left to others. Not every operation's limit is
 * public.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-quota
 */
export const DEFAULT_API_BUDGET: ApiBudgetSettings = {
  limitPerMinute: 90,
  reserveForPeople: 12,
  slotMs: 2_500,
};

/** Whose call goes first when there are not enough for all: the earlier in this list. */
export const PRIORITIES = ['drain', 'promote', 'join', 'tidy'] as const;

/** What a call is for. `tidy` is whatever can wait: removals without a deadline, corrections, leftovers. */
export type Priority = (typeof PRIORITIES)[number];

/** A stretch of table time that calls are counted in. */
export interface Slot {
  readonly startsAtMs: number;
  /** Last instant at which a call of this slot may be sent: a little before the slot's end. */
  readonly untilMs: number;
  /** The start of the next slot. */
  readonly endsAtMs: number;
}

/** What a worker got. */
export interface Reservation {
  /** Calls that may be sent; 0 = none. */
  readonly granted: number;
  /** Last instant at which they may be sent. What has not been sent by then is lost. */
  readonly untilMs: number;
  /** When asking again makes sense: in the next slot that has something, or when a throttled API may be called again. */
  readonly retryAtMs: number;
}
