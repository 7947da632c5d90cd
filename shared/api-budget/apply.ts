import { backoffMs } from '../backoff.ts';
import type { Clock, Random } from '../clock.ts';
import { describeError, TransientError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { ApiBudgetSettings, Priority, Reservation, Slot } from './model.ts';
import { allowanceOf, loanAllowanceOf, nextOpenSlot, shareOf, slotAt, slotsUntil } from './plan.ts';
import type { BudgetKey, BudgetStore } from './ports.ts';

/** What the API budget needs. */
export interface ApiBudgetDeps {
  readonly store: BudgetStore;
  /** Table time, the same for all workers; it must have seen an answer of the table store. */
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: ApiBudgetSettings;
  readonly regionId: string;
}

/** The calls that all workers of all functions share, as one worker sees them. */
export interface ApiBudget {
  readonly settings: ApiBudgetSettings;
  /** The instant by the clock that slots go by. */
  nowMs(): number;
  /**
   * Takes up to `want` calls of the operation, at least 1. None without a call to the table store where it is known that
   * none is left, or while the API is throttled. Throws TransientError when nobody can say what is left; an answer that got
   * lost is no error: its calls count as used.
   */
  reserve(api: string, want: number, priority: Priority): Promise<Reservation>;
  /**
   * Notes that the cloud throttled the operation: nobody takes calls of it before `retryAfterMs` are over, or a back-off
   * of ours when that is `null`, which doubles from 2 s to a minute. Returns when to ask again, jittered.
   */
  throttled(api: string, retryAfterMs: number | null): Promise<number>;
}

const THROTTLED_BASE_MS = 2_000;
const THROTTLED_MAX_MS = 60_000;
/** Throttled again within this time after a wait: it was too short. */
const THROTTLED_AGAIN_MS = 60_000;
/** Other workers are told for so many slots ahead; a longer wait is told again by whoever is throttled then. */
const SLOTS_TOLD_MAX = 100;

/** What refused workers of a slot spread over of the next one, so that they neither meet nor come too late. */
const SPREAD_SHARE = 0.25;

interface Throttle {
  readonly untilMs: number;
  readonly failures: number;
}

/** Opens the budget for one worker; what it remembers only saves calls. */
export function createApiBudget(deps: ApiBudgetDeps): ApiBudget {
  const budget = new SharedBudget(deps);
  return {
    settings: deps.settings,
    nowMs: () => deps.clock.nowMs(),
    reserve: (api, want, priority) => budget.reserve(api, want, priority),
    throttled: (api, retryAfterMs) => budget.throttled(api, retryAfterMs),
  };
}

class SharedBudget {
  readonly #deps: ApiBudgetDeps;
  readonly #throttles = new Map<string, Throttle>();
  /** By operation and start of slot: as many calls are taken there at least. */
  readonly #taken = new Map<string, { readonly slot: Slot; readonly atLeast: number }>();

  constructor(deps: ApiBudgetDeps) {
    this.#deps = deps;
  }

  async reserve(api: string, want: number, priority: Priority): Promise<Reservation> {
    const { clock, settings } = this.#deps;
    const nowMs = clock.nowMs();
    const throttledUntilMs = this.#throttles.get(api)?.untilMs ?? 0;
    if (throttledUntilMs > nowMs) {
      return { granted: 0, untilMs: nowMs, retryAtMs: this.#afterThrottle(throttledUntilMs) };
    }
    const slot = slotAt(settings, nowMs);
    const next = nextOpenSlot(settings, api, slot);
    this.#forgetBefore(slot);
    const regular =
      nowMs > slot.untilMs
        ? 0
        : await this.#take(api, slot, want, allowanceOf(settings, api, priority, slot));
    const lent =
      regular >= want
        ? 0
        : await this.#take(api, next, want - regular, loanAllowanceOf(settings, api, priority, next));
    // What was lent could wait longer; but it is asked for by those who do not want to wait.
    const untilMs = regular === 0 && lent > 0 ? next.untilMs : slot.untilMs;
    // The answers may have corrected the clock, the first one by minutes.
    const isInTime = clock.nowMs() >= slot.startsAtMs && clock.nowMs() <= untilMs;
    return {
      granted: isInTime ? regular + lent : 0,
      untilMs,
      retryAtMs: this.#withinSlot(next, priority),
    };
  }

  async throttled(api: string, retryAfterMs: number | null): Promise<number> {
    const { clock, random, store, logger, settings } = this.#deps;
    const nowMs = clock.nowMs();
    const before = this.#throttles.get(api);
    const failures = failuresAfter(before, nowMs);
    const waitMs = retryAfterMs ?? backoffMs(failures, random, THROTTLED_BASE_MS, THROTTLED_MAX_MS);
    const untilMs = Math.max(nowMs + waitMs, before?.untilMs ?? 0);
    this.#throttles.set(api, { untilMs, failures });
    const slots = slotsUntil(settings, slotAt(settings, nowMs), untilMs, SLOTS_TOLD_MAX);
    try {
      await store.spend(
        slots.map((slot) => this.#keyOf(api, slot)),
        shareOf(settings),
      );
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      // They will find out by themselves.
      logger.warn({ api }, `other workers could not be told of the throttling: ${describeError(error)}`);
    }
    return this.#afterThrottle(untilMs);
  }

  async #take(api: string, slot: Slot, want: number, cap: number): Promise<number> {
    const key = this.#keyOf(api, slot);
    const name = `${api} ${slot.startsAtMs}`;
    if (cap <= (this.#taken.get(name)?.atLeast ?? 0)) return 0;
    const granted = await this.#takeFromStore(key, Math.min(want, cap), cap);
    if (granted < Math.min(want, cap)) this.#taken.set(name, { slot, atLeast: cap });
    return granted;
  }

  async #takeFromStore(key: BudgetKey, want: number, cap: number): Promise<number> {
    try {
      return await this.#deps.store.take(key, want, cap);
    } catch (error) {
      if (!(error instanceof TransientError && error.reason === 'unknown-outcome')) throw error;
      this.#deps.logger.warn({ ...key, want }, `calls count as used: ${describeError(error)}`);
      return 0;
    }
  }

  #keyOf(api: string, { startsAtMs }: Slot): BudgetKey {
    return { regionId: this.#deps.regionId, api, slotStartsAtMs: startsAtMs };
  }

  #forgetBefore({ startsAtMs }: Slot): void {
    for (const [name, { slot }] of this.#taken) {
      if (slot.startsAtMs < startsAtMs) this.#taken.delete(name);
    }
  }

  /**
   * An instant early in the slot, yet not before a clock that is a little behind shows it; those in a hurry come before
   * the others.
   */
  #withinSlot({ startsAtMs, untilMs, endsAtMs }: Slot, priority: Priority): number {
    const guardMs = (endsAtMs - untilMs) / 2;
    const draw = this.#deps.random();
    const isUrgent = priority === 'drain' || priority === 'promote';
    const waitMs = isUrgent ? draw * guardMs : guardMs + draw * this.#deps.settings.slotMs * SPREAD_SHARE;
    return Math.round(startsAtMs + guardMs + waitMs);
  }

  #afterThrottle(untilMs: number): number {
    return Math.ceil(untilMs + this.#deps.random() * this.#deps.settings.slotMs);
  }
}

/** How many waits in a row were too short. Calls that were on their way when the API was throttled count once. */
function failuresAfter(before: Throttle | undefined, nowMs: number): number {
  if (before === undefined || nowMs > before.untilMs + THROTTLED_AGAIN_MS) return 1;
  return nowMs < before.untilMs ? before.failures : before.failures + 1;
}
