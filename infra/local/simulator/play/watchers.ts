import { INVARIANTS } from '../invariants/list.ts';
import type { Invariant, InvariantName, Scene, Violation } from '../invariants/invariant.ts';
import { DAY_BEGINS_MS } from '../day.ts';

/** All invariants of a day at once, and what they have found. */
export class Watchers {
  readonly violations: Array<Violation> = [];
  #invariants: ReadonlyArray<Invariant> = [];
  #nowMs: () => number = () => DAY_BEGINS_MS;

  begin(scene: Scene): void {
    this.#nowMs = scene.nowMs;
    this.#invariants = INVARIANTS.map(([name, make]) => make(scene, (text) => this.violate(name, text)));
  }

  violate(invariant: InvariantName, text: string): void {
    this.violations.push({ invariant, atMs: this.#nowMs() - DAY_BEGINS_MS, text });
  }

  /** Tells every watcher that listens for it. */
  tell<Event extends keyof Invariant>(
    event: Event,
    ...facts: Parameters<NonNullable<Invariant[Event]>>
  ): void {
    for (const invariant of this.#invariants) {
      const listen = invariant[event] as ((...facts: ReadonlyArray<unknown>) => void) | undefined;
      listen?.apply(invariant, facts);
    }
  }
}
