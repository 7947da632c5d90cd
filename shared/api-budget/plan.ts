import type { ApiBudgetSettings, Priority, Slot } from './model.ts';

const MINUTE_MS = 60_000;

/**
 * The operations that drains need while others want them too. Adds are none of them: nothing urgent waits behind a join
 * there.
 */
const DRAIN_APIS: ReadonlySet<string> = new Set([
  'SetVServerGroupAttribute',
  'RemoveVServerGroupBackendServers',
]);

/** A part of the slot's end in which nothing is sent; see {@link slotAt}. */
const MARGIN_MS = 250;
const MARGIN_SHARE = 0.1;

/** Loans are given as far as the budget can still be used to 1 / 1.085; the rest up to 1.1 is for what gets lost. */
const WASTE_MAX = 1.085;

/** Calls of one operation that all our workers may send in any 60 s together; at least 1. */
export function shareOf({ limitPerMinute, reserveForPeople }: ApiBudgetSettings): number {
  return Math.max(1, limitPerMinute - Math.max(0, reserveForPeople));
}

/**
 * The slot that an instant lies in. Its last 250 ms (a tenth of it, if that is less) stay empty: as long as the workers'
 * table times and the ways of their calls differ by no more than that together, no 60 s touch one slot more.
 */
export function slotAt({ slotMs }: ApiBudgetSettings, nowMs: number): Slot {
  const startsAtMs = Math.floor(nowMs / slotMs) * slotMs;
  const endsAtMs = startsAtMs + slotMs;
  return { startsAtMs, untilMs: endsAtMs - Math.min(MARGIN_MS, slotMs * MARGIN_SHARE), endsAtMs };
}

/** How many slots 60 s can touch at most: one more than fit into them. */
export function slotsPerWindow({ slotMs }: ApiBudgetSettings): number {
  return Math.ceil(MINUTE_MS / slotMs) + 1;
}

/**
 * How many calls drains may take of the next slot when theirs is used up. 0 for operations that drains do not use, and
 * where there is one call a minute anyway.
 */
export function loansOf(settings: ApiBudgetSettings, api: string): number {
  const share = shareOf(settings);
  if (!DRAIN_APIS.has(api) || share < 2) return 0;
  const neededForUse = (share * slotsPerWindow(settings) * settings.slotMs) / MINUTE_MS / WASTE_MAX;
  return Math.max(1, Math.floor(share - neededForUse));
}

/**
 * How many calls of an operation the workers may take in a slot, loans apart.
 *
 * 60 s touch n = ⌈60 s ÷ slot⌉ + 1 slots. What is sent in them was taken in these n slots, or lent by the one after
 * them. So any n slots in a row hold exactly share − loans calls, spread as evenly as whole numbers can be, and with the
 * loans no 60 s see more than the share.
 *
 * With 90 − 12 = 78 calls and slots of 2.5 s, n = 25. Operations that drains use have 3 loans, (78 − 3) ÷ 25 = 3 calls a
 * slot, 72 a minute = 78 ÷ 1.083; the others have 78 in 25 slots, 74.9 a minute = 78 ÷ 1.042. With slots of 5 s, n = 13:
 * 1 loan and 77 in 13 slots, 71.1 a minute = 78 ÷ 1.097; the others 6 a slot, 72 a minute. Under 20 calls a minute
 * the one loan costs more than a tenth. When a share is smaller than n, some slots have none.
 */
export function capOf(settings: ApiBudgetSettings, api: string, { startsAtMs }: Slot): number {
  const window = slotsPerWindow(settings);
  const regular = shareOf(settings) - loansOf(settings, api);
  const place = (startsAtMs / settings.slotMs) % window;
  return Math.floor(((place + 1) * regular) / window) - Math.floor((place * regular) / window);
}

/**
 * Up to how many taken calls in all a priority may still take some of a slot. Drains, promotions and joins have the
 * whole of it, since drains can borrow from the next; tidying leaves one to the others wherever there are two.
 */
export function allowanceOf(
  settings: ApiBudgetSettings,
  api: string,
  priority: Priority,
  slot: Slot,
): number {
  const cap = capOf(settings, api, slot);
  return priority === 'tidy' && cap > 1 ? cap - 1 : cap;
}

/**
 * Up to how many taken calls in all a priority may borrow of {@link nextOpenSlot}. The next slot gives what it has at
 * most; promotions leave one to drains wherever there are two.
 */
export function loanAllowanceOf(
  settings: ApiBudgetSettings,
  api: string,
  priority: Priority,
  lender: Slot,
): number {
  if (priority !== 'drain' && priority !== 'promote') return 0;
  const loans = Math.min(loansOf(settings, api), capOf(settings, api, lender));
  return priority === 'promote' && loans > 1 ? loans - 1 : loans;
}

/** The first slot after this one that has calls at all. Every n slots in a row have one. */
export function nextOpenSlot(settings: ApiBudgetSettings, api: string, slot: Slot): Slot {
  let next = slotAt(settings, slot.endsAtMs);
  for (let left = slotsPerWindow(settings); left > 0 && capOf(settings, api, next) === 0; left--) {
    next = slotAt(settings, next.endsAtMs);
  }
  return next;
}

/** The slots that begin before `untilMs`, this one first; at most `count`. */
export function slotsUntil(
  settings: ApiBudgetSettings,
  first: Slot,
  untilMs: number,
  count: number,
): ReadonlyArray<Slot> {
  const slots = [first];
  for (let last = first; last.endsAtMs < untilMs && slots.length < count; ) {
    last = slotAt(settings, last.endsAtMs);
    slots.push(last);
  }
  return slots;
}
