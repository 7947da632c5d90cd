/** Cancels a run that was scheduled and has not begun; a second call does nothing. */
export type Cancel = () => void;

/**
 * The world's only source of time. Everything that happens later in the world is scheduled here, so that a
 * simulator can own it and a day can pass in a second.
 */
export interface WorldClock {
  /** Milliseconds since the epoch, UTC. */
  nowMs(): number;
  /** Runs `run` once at or after `atMs`; an instant in the past means as soon as possible. */
  at(atMs: number, run: () => void): Cancel;
}

// Node's timers overflow above 2^31-1 ms and then fire at once.
const LONGEST_TIMER_MS = 2_000_000_000;

/** The computer's own clock and timers. */
export function systemClock(): WorldClock {
  return {
    nowMs: () => Date.now(),
    at(atMs, run) {
      let timer: NodeJS.Timeout;
      const arm = () => {
        const waitMs = Math.max(0, atMs - Date.now());
        timer = globalThis.setTimeout(
          waitMs > LONGEST_TIMER_MS ? arm : run,
          Math.min(waitMs, LONGEST_TIMER_MS),
        );
      };
      arm();
      return () => globalThis.clearTimeout(timer);
    },
  };
}

/** A clock that moves only when told to. Runs that fall due at one instant run in the order they were scheduled. */
export class VirtualClock implements WorldClock {
  readonly #queue: Array<{ atMs: number; order: number; run: () => void }> = [];
  #nowMs: number;
  #order = 0;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => void): Cancel {
    const entry = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run };
    this.#queue.push(entry);
    return () => {
      const index = this.#queue.indexOf(entry);
      if (index >= 0) this.#queue.splice(index, 1);
    };
  }

  /** Moves to `toMs`, running everything that falls due on the way, each at its own instant. */
  advanceTo(toMs: number): void {
    for (;;) {
      this.#queue.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      const next = this.#queue[0];
      if (next === undefined || next.atMs > toMs) break;
      this.#queue.shift();
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = Math.max(this.#nowMs, toMs);
  }

  /** Moves forward by `ms`. See {@link VirtualClock.advanceTo}. */
  advanceBy(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }
}

/** Resolves after `ms` of the clock's time; `0` or less resolves without scheduling. */
export function sleep(clock: WorldClock, ms: number): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve) => clock.at(clock.nowMs() + ms, resolve));
}
