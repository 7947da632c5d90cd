import { DAY_BEGINS_MS } from '../day.ts';
import type { Invariant, InvariantName, Scene, Violation } from '../invariants/invariant.ts';
import { AllKnowledge } from '../invariants/knowledge.ts';
import { INVARIANTS } from '../invariants/list.ts';
import { BackendRecords, HookRecords, PairRecords } from '../invariants/records.ts';
import type { CallOutcome, WorkerCall } from './calls.ts';
import type { RowWritten } from './observed-store.ts';
import { isGone } from './tables.ts';

/** All invariants of a day at once, and what they have found. */
export class Watchers {
  readonly violations: Array<Violation> = [];
  #invariants: ReadonlyArray<Invariant> = [];
  readonly #listeners = new Map<keyof Invariant, ReadonlyArray<(...facts: ReadonlyArray<unknown>) => void>>();
  readonly pairs = new PairRecords();
  readonly #knowledge = new AllKnowledge();
  readonly #records = new BackendRecords();
  readonly #hooks = new HookRecords();
  #nowMs: () => number = () => DAY_BEGINS_MS;

  begin(place: Pick<Scene, 'config' | 'clouds' | 'nowMs'>): void {
    this.#nowMs = place.nowMs;
    const scene = {
      ...place,
      knowledge: this.#knowledge,
      records: this.#records,
      hooks: this.#hooks,
      pairs: this.pairs,
    };
    this.#invariants = INVARIANTS.map(([name, make]) => make(scene, (text) => this.violate(name, text)));
  }

  violate(invariant: InvariantName, text: string): void {
    this.violations.push({ invariant, atMs: this.#nowMs() - DAY_BEGINS_MS, text });
  }

  heard(call: WorkerCall, answer: CallOutcome): void {
    this.#knowledge.heard(call, answer);
    this.tell('heard', call, answer);
  }

  rowWritten({ table, before, after }: RowWritten, by: WorkerCall | null): void {
    // What keeps the place of a deleted record is none.
    const was = before === null || isGone(before) ? null : before;
    const is = after === null || isGone(after) ? null : after;
    if (was === null && is === null) return;
    const change = { table, before: was, after: is };
    this.#records.take(change);
    this.#hooks.take(change);
    this.pairs.take(change);
    this.tell('rowWritten', change, by);
  }

  /** Tells every watcher that listens for it. */
  tell<Event extends keyof Invariant>(
    event: Event,
    ...facts: Parameters<NonNullable<Invariant[Event]>>
  ): void {
    let listeners = this.#listeners.get(event);
    if (listeners === undefined) {
      listeners = this.#invariants.flatMap((invariant) => {
        const listen = invariant[event] as ((...facts: ReadonlyArray<unknown>) => void) | undefined;
        return listen === undefined ? [] : [listen.bind(invariant)];
      });
      this.#listeners.set(event, listeners);
    }
    for (const listen of listeners) listen(...facts);
  }
}
