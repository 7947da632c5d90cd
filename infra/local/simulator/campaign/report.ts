import type { FaultKind } from '../day.ts';
import type { PlayedDay } from '../play/play-day.ts';
import type { BrokenDay } from './shrink.ts';

/** What many days came to. Everything but the CPU time is the same for the same seeds, however many processes play. */
export interface SimulationReport {
  readonly seeds: number;
  readonly firstSeed: number;
  /** Days that broke an invariant, shrunk. */
  readonly violations: ReadonlyArray<BrokenDay>;
  readonly virtualHours: number;
  /** Of these, idle time that was jumped over. */
  readonly jumpedHours: number;
  /** Of all processes, with their start and with the shrinking of broken days. */
  readonly cpuMsPerSeed: number;
  /** Idle time that was jumped over does not count. */
  readonly virtualHoursPerCpuSecond: number;
  readonly calls: number;
  readonly events: number;
  readonly pairs: {
    /** Days that have any. */
    readonly days: number;
    /** Changes that came to their end as they were meant to. */
    readonly changes: number;
  };
  readonly requests: {
    /** Days that have any. */
    readonly days: number;
    /** Change requests that were put on the queue, copies not counted. */
    readonly sent: number;
  };
  /** Fewest of any day: what every day had at least. */
  readonly least: {
    readonly virtualMinutes: number;
    readonly backends: number;
    readonly events: number;
    readonly faults: number;
  };
  /** How often each kind of fault has struck. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
}

/** Sums up days one by one. */
export class Tally {
  #seeds = 0;
  #virtualMs = 0;
  #jumpedMs = 0;
  #calls = 0;
  #events = 0;
  #daysWithPairs = 0;
  #pairChanges = 0;
  #daysWithRequests = 0;
  #requests = 0;
  #least = {
    virtualMinutes: Number.POSITIVE_INFINITY,
    backends: Number.POSITIVE_INFINITY,
    events: Number.POSITIVE_INFINITY,
    faults: Number.POSITIVE_INFINITY,
  };
  readonly #faults: Partial<Record<FaultKind, number>> = {};
  readonly #violations: Array<BrokenDay> = [];

  get seeds(): number {
    return this.#seeds;
  }

  get broken(): number {
    return this.#violations.length;
  }

  take(day: Omit<PlayedDay, 'trace'>, broken: BrokenDay | null): void {
    this.#seeds++;
    this.#virtualMs += day.virtualMs;
    this.#jumpedMs += day.jumpedMs;
    this.#calls += day.calls;
    this.#events += day.events;
    if (day.pairs > 0) this.#daysWithPairs++;
    this.#pairChanges += day.pairChanges;
    if (day.requests > 0) this.#daysWithRequests++;
    this.#requests += day.requests;
    let struck = 0;
    for (const [kind, count] of Object.entries(day.faults)) {
      const known = this.#faults[kind as FaultKind] ?? 0;
      this.#faults[kind as FaultKind] = known + count;
      struck += count;
    }
    if (broken !== null) {
      this.#violations.push(broken);
      // A day that ended early says nothing of how long days are.
      return;
    }
    const least = this.#least;
    this.#least = {
      virtualMinutes: Math.min(least.virtualMinutes, Math.floor(day.virtualMs / 60_000)),
      backends: Math.min(least.backends, day.backends),
      events: Math.min(least.events, day.events),
      faults: Math.min(least.faults, struck),
    };
  }

  /** `cpuMs` is what all of it has cost. */
  report(firstSeed: number, cpuMs: number): SimulationReport {
    const hours = (ms: number) => ms / 3_600_000;
    const round = (value: number, digits: number) => Number(value.toFixed(digits));
    const finite = (value: number) => (Number.isFinite(value) ? value : 0);
    const cpuSeconds = cpuMs / 1_000;
    return {
      seeds: this.#seeds,
      firstSeed,
      violations: [...this.#violations].sort((a, b) => a.seed - b.seed),
      virtualHours: round(hours(this.#virtualMs), 2),
      jumpedHours: round(hours(this.#jumpedMs), 2),
      cpuMsPerSeed: round(cpuMs / Math.max(1, this.#seeds), 1),
      virtualHoursPerCpuSecond: round(finite(hours(this.#virtualMs - this.#jumpedMs) / cpuSeconds), 2),
      calls: this.#calls,
      events: this.#events,
      pairs: { days: this.#daysWithPairs, changes: this.#pairChanges },
      requests: { days: this.#daysWithRequests, sent: this.#requests },
      least: {
        virtualMinutes: finite(this.#least.virtualMinutes),
        backends: finite(this.#least.backends),
        events: finite(this.#least.events),
        faults: finite(this.#least.faults),
      },
      faults: Object.fromEntries(Object.entries(this.#faults).sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }
}
