import { emptyLane, type HeldLane, type LaneRow, NO_NOTES } from '../../../shared/lanes/model.ts';
import { changedLane, finishChange, lookAtLane, maySend, releaseChange } from '../../../shared/lanes/plan.ts';
import { type Random, seededRandom } from '../world/random.ts';

/** What a simulated day of one lane looks like. */
export interface LaneDay {
  readonly workers: number;
  readonly signals: number;
  readonly crashes: number;
  /** Steps at random before the faults end. */
  readonly steps: number;
}

/** How a seed ended. */
export interface LaneRun {
  readonly seed: number;
  readonly steps: number;
  /** Leases that ran out under their holder. */
  readonly takeovers: number;
  /** `null` = every invariant held. */
  readonly violation: string | null;
  /** What happened, in order. The same seed gives the same lines. */
  readonly trace: ReadonlyArray<string>;
}

/** A day with enough trouble to matter and short enough to run by the thousand. */
export const TROUBLED_DAY: LaneDay = { workers: 3, signals: 6, crashes: 3, steps: 250 };

/** The decisions that the model plays; a test plants a fault by replacing one. */
export interface LaneProtocol {
  readonly lookAtLane: typeof lookAtLane;
  readonly finishChange: typeof finishChange;
}

/** What production does. */
export const PROTOCOL: LaneProtocol = { lookAtLane, finishChange };

const TIMING = { leaseMs: 45_000, callTimeoutMs: 10_000 };
const START_MS = Date.UTC(2026, 3, 9);
const QUIET_STEPS_MAX = 2_000;

interface Worker {
  readonly name: string;
  /** What it has read of the row, and will decide from; it may be old. */
  seen: LaneRow | null;
  held: HeldLane | null;
  /** Signals that it read from the inbox and has not yet worked. */
  reading: ReadonlyArray<number> | null;
  attempts: number;
}

/**
 * Plays one seeded day of a lane on the transition functions that production uses: signals come in, workers look,
 * acquire, work and finish in any interleaving, die in between and come back, sleep through their leases. Afterwards
 * the faults end and ticks must bring everything to rest.
 */
export function simulateLaneDay(
  seed: number,
  day: LaneDay = TROUBLED_DAY,
  protocol: LaneProtocol = PROTOCOL,
): LaneRun {
  return new LaneModel(seed, day, protocol).run();
}

class LaneModel {
  readonly #protocol: LaneProtocol;
  readonly #seed: number;
  readonly #day: LaneDay;
  readonly #random: Random;
  readonly #trace: Array<string> = [];
  readonly #workers: ReadonlyArray<Worker>;
  readonly #inbox = new Set<number>();
  readonly #worked = new Set<number>();
  #row: LaneRow = emptyLane('lb-simulated');
  #nowMs = START_MS;
  #accepted = 0;
  #crashes = 0;
  #takeovers = 0;
  #steps = 0;

  constructor(seed: number, day: LaneDay, protocol: LaneProtocol) {
    this.#protocol = protocol;
    this.#seed = seed;
    this.#day = day;
    this.#random = seededRandom(seed);
    this.#workers = Array.from({ length: day.workers }, (_, index) => ({
      name: `worker-${index + 1}`,
      seen: null,
      held: null,
      reading: null,
      attempts: 0,
    }));
  }

  run(): LaneRun {
    while (this.#steps < this.#day.steps) {
      this.#somethingHappens();
      if (this.#twoHolders()) return this.#ended('two workers hold the lane at once');
    }
    while (this.#accepted < this.#day.signals) this.#signal();
    for (let quiet = 0; quiet < QUIET_STEPS_MAX; quiet++) {
      if (this.#isAtRest()) return this.#ended(this.#lostSignals());
      this.#turn(this.#pick());
      this.#nowMs += 1_000;
      if (this.#twoHolders()) return this.#ended('two workers hold the lane at once');
    }
    return this.#ended('the lane does not come to rest');
  }

  #somethingHappens(): void {
    this.#steps++;
    const dice = this.#random();
    if (dice < 0.08 && this.#accepted < this.#day.signals) this.#signal();
    else if (dice < 0.12 && this.#crashes < this.#day.crashes) this.#crash(this.#pick());
    else if (dice < 0.16) this.#sleep(60_000);
    else if (dice < 0.4) this.#sleep(2_000);
    else this.#turn(this.#pick());
  }

  /** Inbox first, then the count: who sees the count sees the signal. */
  #signal(): void {
    const signal = ++this.#accepted;
    this.#inbox.add(signal);
    this.#row = { ...this.#row, dirty: this.#row.dirty + 1 };
    this.#say(`signal ${signal} comes in`);
  }

  #crash(worker: Worker): void {
    this.#crashes++;
    this.#say(`${worker.name} dies${worker.held === null ? '' : ' while it holds the lane'}`);
    worker.seen = null;
    worker.held = null;
    worker.reading = null;
  }

  #sleep(atMostMs: number): void {
    const ms = Math.round(this.#random() * atMostMs);
    this.#nowMs += ms;
    this.#say(`${ms} ms pass`);
  }

  /** The worker's next single step; any other worker may come in between. */
  #turn(worker: Worker): void {
    if (worker.held !== null) this.#work(worker, worker.held);
    else if (worker.seen === null) worker.seen = this.#row;
    else this.#look(worker, worker.seen);
  }

  #look(worker: Worker, seen: LaneRow): void {
    worker.seen = null;
    const owner = `${worker.name}/${++worker.attempts}`;
    const look = this.#protocol.lookAtLane(seen, this.#nowMs, owner, TIMING.leaseMs);
    if (look.kind !== 'acquire') return;
    const changed = changedLane(this.#row, look.change);
    if (changed === null) {
      this.#say(`${worker.name} was not first`);
      return;
    }
    if (look.held.isTakeover) this.#takeovers++;
    this.#row = changed;
    worker.held = look.held;
    this.#say(`${worker.name} takes the lane with fence ${look.held.fence}, dirty ${look.held.dirty}`);
  }

  #work(worker: Worker, held: HeldLane): void {
    if (worker.reading === null) worker.reading = [...this.#inbox];
    else if (worker.reading.length === 0)
      this.#conclude(worker, this.#protocol.finishChange(held, null, NO_NOTES));
    // Records are conditional on the fence, so a worker that was overtaken gets no further than this.
    else if (this.#row.fence !== held.fence) this.#lose(worker);
    else if (!maySend(held, this.#nowMs, TIMING)) {
      this.#conclude(worker, releaseChange(held, this.#nowMs, NO_NOTES));
    } else {
      for (const signal of worker.reading) {
        this.#worked.add(signal);
        this.#inbox.delete(signal);
      }
      this.#say(`${worker.name} works the signals ${worker.reading.join(', ')}`);
      worker.reading = [];
    }
  }

  #conclude(worker: Worker, change: ReturnType<typeof finishChange>): void {
    const changed = changedLane(this.#row, change);
    worker.reading = null;
    if (changed !== null) {
      this.#row = changed;
      worker.held = null;
      this.#say(`${worker.name} gives the lane up, handled ${changed.handled} of ${changed.dirty}`);
    } else if (this.#row.fence !== worker.held?.fence) this.#lose(worker);
    // A signal came in: read again under the same lease.
    else worker.held = { ...worker.held, dirty: this.#row.dirty };
  }

  #lose(worker: Worker): void {
    this.#say(`${worker.name} finds that it lost the lane`);
    worker.held = null;
    worker.reading = null;
  }

  #twoHolders(): boolean {
    return this.#workers.filter(({ held }) => held !== null && held.leaseUntilMs > this.#nowMs).length > 1;
  }

  #isAtRest(): boolean {
    return (
      this.#row.handled === this.#row.dirty &&
      this.#row.owner === null &&
      this.#workers.every(({ held }) => held === null)
    );
  }

  #lostSignals(): string | null {
    const lost = Array.from({ length: this.#accepted }, (_, index) => index + 1).filter(
      (signal) => !this.#worked.has(signal),
    );
    return lost.length === 0 ? null : `signals ${lost.join(', ')} were never worked`;
  }

  #pick(): Worker {
    return this.#workers[Math.floor(this.#random() * this.#workers.length)] as Worker;
  }

  #say(what: string): void {
    this.#trace.push(`${String(this.#nowMs - START_MS).padStart(8)} ms  ${what}`);
  }

  #ended(violation: string | null): LaneRun {
    return {
      seed: this.#seed,
      steps: this.#steps,
      takeovers: this.#takeovers,
      violation,
      trace: this.#trace,
    };
  }
}
