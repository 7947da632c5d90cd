import type { Carrier, Travel } from '../../../infra/local/memory/carrier.ts';
import type { CallOutcome, CallWatch, WorkerCall } from '../../../infra/local/simulator/play/calls.ts';
import { sleep, type VirtualClock } from '../../../infra/local/world/clock.ts';
import { ConnectionLost } from '../../../infra/local/world/errors.ts';

/** How a call goes wrong: its worker dies before it or after it took effect, or the worker lives and hears no answer. */
export const WAYS = ['before', 'after', 'reply lost'] as const;
/** @see WAYS */
export type Way = (typeof WAYS)[number];

/** A crash point: the call of that number in its story, whoever makes it, counted from 1. */
export interface Strike {
  readonly call: number;
  readonly way: Way;
}

/** What the calls of all workers of one story pass through, in the order in which they are made. */
export class Line {
  /** Each call as `product.action`. */
  readonly calls: Array<string> = [];
  /** Of each call, in the same order: who sent it at which instant, and whether it can have changed anything. */
  readonly turns: Array<{ readonly worker: string; readonly atMs: number; readonly isRead: boolean }> = [];
  /** The call that is taking effect right now; `null` = none is. */
  landing: WorkerCall | null = null;
  readonly clock: VirtualClock;
  readonly watch: CallWatch;
  readonly #strikes: ReadonlyMap<number, Way>;

  constructor(clock: VirtualClock, watch: CallWatch, strikes: ReadonlyArray<Strike>) {
    this.clock = clock;
    this.watch = watch;
    this.#strikes = new Map(strikes.map(({ call, way }) => [call, way]));
  }

  /** Counts a call; how it goes wrong, `null` = it does not. */
  take(worker: string, name: string): Way | null {
    this.turns.push({ worker, atMs: this.clock.nowMs(), isRead: READ.test(name) });
    return this.#strikes.get(this.calls.push(name)) ?? null;
  }
}

const READ = /\.(?:Describe|Get|BatchGet|Probe)/;
/** One way there and back, in ms. */
const TRIP_MS = { ots: 2, slb: 10, ecs: 10, ess: 10, mns: 3, fc: 3, vpc: 1 } as const;

/** The calls of one worker. Once it is dead nothing of it goes on, while what it has sent still arrives. */
export class MortalCarrier implements Carrier {
  readonly #worker: string;
  readonly #line: Line;
  readonly #onDeath: (reason: string) => void;
  #isDead = false;

  constructor(worker: string, line: Line, onDeath: (reason: string) => void) {
    this.#worker = worker;
    this.#line = line;
    this.#onDeath = onDeath;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  async carry<T>(travel: Travel, land: () => Promise<T>): Promise<T> {
    if (this.#isDead) return await never();
    const { clock, watch } = this.#line;
    const name = `${travel.product}.${travel.action}`;
    const way = this.#line.take(this.#worker, name);
    if (way === 'before') return await this.#die(`before ${name}`);
    const call: WorkerCall = {
      worker: this.#worker,
      travel,
      sentAtMs: clock.nowMs(),
      landedAtMs: null,
      outcome: null,
    };
    watch.sent(call);
    const tripMs = TRIP_MS[travel.product];
    await sleep(clock, tripMs);
    const outcome = await this.#land(call, land);
    if (way === 'after') return await this.#die(`after ${name}`);
    await sleep(clock, tripMs);
    // It may have died over another call of its own meanwhile.
    if (this.#isDead) return await never();
    const answer: CallOutcome =
      way === 'reply lost' ? { isOk: false, error: new ConnectionLost(outcome.isOk) } : outcome;
    watch.heard(call, answer);
    if (!answer.isOk) throw answer.error;
    return answer.body as T;
  }

  async pause(ms: number): Promise<void> {
    await sleep(this.#line.clock, ms);
    if (this.#isDead) await never();
  }

  async #land(call: WorkerCall, land: () => Promise<unknown>): Promise<CallOutcome> {
    const { watch, clock } = this.#line;
    this.#line.landing = call;
    let outcome: CallOutcome;
    try {
      outcome = { isOk: true, body: await land() };
    } catch (error) {
      outcome = { isOk: false, error };
    }
    this.#line.landing = null;
    call.landedAtMs = clock.nowMs();
    call.outcome = outcome;
    watch.landed(call);
    return outcome;
  }

  async #die(reason: string): Promise<never> {
    this.#isDead = true;
    this.#onDeath(`died ${reason}`);
    return await never();
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
