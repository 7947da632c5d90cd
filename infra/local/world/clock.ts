import { Heap } from './heap.ts';

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

/**
 * The same clock, of which everything that was scheduled through it can be cancelled at once: what is closed must neither
 * go on nor keep a process alive. Nothing can be scheduled through it any more then.
 */
export function closableClock(clock: WorldClock): WorldClock & { close(): void } {
  const pending = new Set<Cancel>();
  let isClosed = false;
  return {
    nowMs: () => clock.nowMs(),
    at(atMs, run) {
      if (isClosed) return () => {};
      const cancel = clock.at(atMs, () => {
        pending.delete(cancel);
        run();
      });
      pending.add(cancel);
      return () => {
        pending.delete(cancel);
        cancel();
      };
    },
    close() {
      isClosed = true;
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}

interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  /** `null` = cancelled, or run already. */
  run: (() => void) | null;
}

/** A clock that moves only when told to. Runs that fall due at one instant run in the order they were scheduled. */
export class VirtualClock implements WorldClock {
  // Cancelled runs stay until they surface: taking them out would cost a search.
  readonly #queue = new Heap<Scheduled>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
  );
  #nowMs: number;
  #order = 0;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => void): Cancel {
    // Whole milliseconds, like every computer's clock.
    const entry: Scheduled = { atMs: Math.ceil(Math.max(atMs, this.#nowMs)), order: this.#order++, run };
    this.#queue.push(entry);
    return () => {
      entry.run = null;
    };
  }

  /** When the next run falls due; `null` = nothing is scheduled. */
  nextAtMs(): number | null {
    return this.#next()?.atMs ?? null;
  }

  /** Moves to the next run's instant and runs it, that one alone. `false` = nothing was scheduled. */
  runNext(): boolean {
    const next = this.#next();
    if (next === undefined) return false;
    this.#queue.pop();
    this.#nowMs = next.atMs;
    const { run } = next;
    next.run = null;
    run?.();
    return true;
  }

  /** Moves to `toMs`, running everything that falls due on the way, each at its own instant. */
  advanceTo(toMs: number): void {
    for (;;) {
      const atMs = this.nextAtMs();
      if (atMs === null || atMs > toMs) break;
      this.runNext();
    }
    this.#nowMs = Math.max(this.#nowMs, toMs);
  }

  /** Moves forward by `ms`. See {@link VirtualClock.advanceTo}. */
  advanceBy(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }

  #next(): Scheduled | undefined {
    for (;;) {
      const next = this.#queue.peek();
      if (next === undefined || next.run !== null) return next;
      this.#queue.pop();
    }
  }
}

/** Resolves after `ms` of the clock's time; `0` or less resolves without scheduling. */
export function sleep(clock: WorldClock, ms: number): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve) => clock.at(clock.nowMs() + ms, resolve));
}
