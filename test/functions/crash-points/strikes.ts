import type { Carrier, Travel } from '../../../infra/local/memory/carrier.ts';
import type { CallWatch, WorkerCall } from '../../../infra/local/simulator/play/calls.ts';
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
  take(name: string): Way | null {
    return this.#strikes.get(this.calls.push(name)) ?? null;
  }
}

/** One way there and back, in ms. */
const TRIP_MS = { ots: 2, slb: 10, ecs: 10, mns: 3 } as const;

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
    const { watch, clock } = this.#line;
    const call: WorkerCall = {
      worker: this.#worker,
      travel,
      sentAtMs: clock.nowMs(),
      landedAtMs: null,
      outcome: null,
    };
    const tripMs = TRIP_MS[travel.product];
    return await this.pass(
      `${travel.product}.${travel.action}`,
      async () => {
        watch.sent(call);
        await sleep(clock, tripMs);
        try {
          return await this.#land(call, land);
        } finally {
          await sleep(clock, tripMs);
          if (!this.#isDead) watch.heard(call);
        }
      },
      () => {
        throw new ConnectionLost(call.outcome?.isOk === true);
      },
    );
  }

  async pause(ms: number): Promise<void> {
    await sleep(this.#line.clock, ms);
    if (this.#isDead) await never();
  }

  /** Makes a call of any kind, unless it is struck; `loseReply` is what the caller gets for an answer that is lost. */
  async pass<T>(name: string, make: () => Promise<T>, loseReply: () => T): Promise<T> {
    if (this.#isDead) return await never();
    const way = this.#line.take(name);
    if (way === 'before') return await this.#die(`before ${name}`);
    try {
      const answer = await make();
      if (way === 'after') return await this.#die(`after ${name}`);
      return way === 'reply lost' ? loseReply() : answer;
    } catch (error) {
      if (way === 'after') return await this.#die(`after ${name}`);
      if (this.#isDead) return await never();
      if (way === 'reply lost') return loseReply();
      throw error;
    } finally {
      // It may have died over another call of its own meanwhile.
      if (this.#isDead) await never();
    }
  }

  async #land<T>(call: WorkerCall, land: () => Promise<T>): Promise<T> {
    const { watch, clock } = this.#line;
    this.#line.landing = call;
    try {
      const body = await land();
      call.outcome = { isOk: true, body };
      return body;
    } catch (error) {
      call.outcome = { isOk: false, error };
      throw error;
    } finally {
      this.#line.landing = null;
      call.landedAtMs = clock.nowMs();
      watch.landed(call);
    }
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
