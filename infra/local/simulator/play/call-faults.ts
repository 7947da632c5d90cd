import type { Travel } from '../../memory/carrier.ts';
import type { WorldClock } from '../../world/clock.ts';
import { type CallFault, DAY_BEGINS_MS, type DayFault, type FaultKind } from '../day.ts';

/** A fault that strikes single calls. */
export type StrikingFault = Extract<DayFault, CallFault>;

/** The faults of a day that strike calls, and how often each kind of fault has struck. */
export class CallFaults {
  readonly struck: Partial<Record<FaultKind, number>> = {};
  /** When the last of what has struck until now is over. */
  lastEndMs = Number.NEGATIVE_INFINITY;
  readonly #clock: WorldClock;
  readonly #waiting: Array<{ readonly fault: StrikingFault; left: number }>;

  constructor(clock: WorldClock, faults: ReadonlyArray<DayFault>) {
    this.#clock = clock;
    this.#waiting = faults.flatMap((fault) => ('times' in fault ? [{ fault, left: fault.times }] : []));
  }

  /** The fault that strikes this call; counts it. The first one that matches comes before the others. */
  strike(travel: Travel): StrikingFault | null {
    if (this.#waiting.length === 0) return null;
    const atMs = this.#clock.nowMs() - DAY_BEGINS_MS;
    const index = this.#waiting.findIndex(({ fault }) => isFor(fault, travel, atMs));
    const entry = this.#waiting[index];
    if (entry === undefined) return null;
    entry.left--;
    if (entry.left <= 0) this.#waiting.splice(index, 1);
    this.count(entry.fault.kind);
    const lastsMs = 'forMs' in entry.fault ? entry.fault.forMs : 0;
    this.lastEndMs = Math.max(this.lastEndMs, this.#clock.nowMs() + lastsMs);
    return entry.fault;
  }

  /** Whether nothing can strike any more, and what has struck is over. */
  isOver(): boolean {
    const nowMs = this.#clock.nowMs();
    const isOpen = this.#waiting.some(({ fault }) => fault.untilMs > nowMs - DAY_BEGINS_MS);
    return !isOpen && this.lastEndMs <= nowMs;
  }

  count(kind: FaultKind): void {
    this.struck[kind] = (this.struck[kind] ?? 0) + 1;
  }
}

function isFor(fault: StrikingFault, { product, action }: Travel, atMs: number): boolean {
  return (
    fault.atMs <= atMs &&
    atMs < fault.untilMs &&
    (fault.product === null || fault.product === product) &&
    (fault.action === null || action.startsWith(fault.action))
  );
}
