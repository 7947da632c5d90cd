import type { WorldClock } from '../../world/clock.ts';
import { DAY_BEGINS_MS } from '../day.ts';

/** What happened on a day, line by line. Texts are made only when somebody keeps them. */
export class Trace {
  readonly lines: Array<string> = [];
  readonly #clock: WorldClock;
  readonly #isKept: boolean;

  constructor(clock: WorldClock, isKept: boolean) {
    this.#clock = clock;
    this.#isKept = isKept;
  }

  /** Adds a line about `who`. */
  note(who: string, text: () => string): void {
    if (this.#isKept) this.lines.push(`${dayTime(this.#clock.nowMs())} ${who.padEnd(8)} ${text()}`);
  }
}

/** `+00:12:03.456` after the day's beginning; days that take longer count their hours on. */
export function dayTime(atMs: number): string {
  const sinceMs = Math.round(atMs - DAY_BEGINS_MS);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const hours = two(sinceMs / 3_600_000);
  const minutes = two((sinceMs / 60_000) % 60);
  const seconds = two((sinceMs / 1_000) % 60);
  return `+${hours}:${minutes}:${seconds}.${String(sinceMs % 1_000).padStart(3, '0')}`;
}
