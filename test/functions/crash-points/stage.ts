import { createMemoryClouds, type MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import type { MemoryDeployment } from '../../../infra/local/memory/deployment.ts';
import { passTo, settled } from '../../../infra/local/memory/passage.ts';
import { DAY_BEGINS_MS } from '../../../infra/local/simulator/day.ts';
import { Watchers } from '../../../infra/local/simulator/play/watchers.ts';
import { VirtualClock } from '../../../infra/local/world/clock.ts';
import { QUEUES } from '../../../shared/adapters/mns/queues.ts';
import { isDone, isQuiet, messagesIn } from './end.ts';
import { type KeptWorld, StoryStore } from './kept-world.ts';
import type { Play, Protocol, Remains } from './play.ts';
import { Line, type Strike } from './strikes.ts';
import { Workers } from './workers.ts';

/** A story that takes longer does not come to rest. */
const VIRTUAL_MAX_MS = 60 * 60_000;

/** One world with the functions at work in it: streams, timers and workers as they are deployed. */
export class Stage {
  readonly clouds: MemoryClouds;
  readonly #play: Play;
  readonly #clock: VirtualClock;
  readonly #store: StoryStore;
  readonly #line: Line;
  readonly #workers: Workers;
  readonly #watchers = new Watchers();
  #protocol: Protocol;
  readonly #openings: number;
  #standstill: string | null = null;

  /** `null` = an empty world. */
  constructor(
    play: Play,
    deployment: MemoryDeployment,
    kept: KeptWorld | null,
    strikes: ReadonlyArray<Strike>,
  ) {
    const { config } = play;
    this.#play = play;
    this.#clock = new VirtualClock(kept?.atMs ?? DAY_BEGINS_MS);
    this.#openings = (kept?.openings ?? 0) + 1;
    const watchers = this.#watchers;
    this.#line = new Line(
      this.#clock,
      {
        sent: (call) => watchers.tell('sent', call),
        landed: (call) => {
          watchers.tell('landed', call);
          this.#protocol.landed(call);
        },
        heard: (call, answer) => watchers.heard(call, answer),
      },
      strikes,
    );
    this.#store = new StoryStore(kept, (change) => watchers.rowWritten(change, this.#line.landing));
    this.clouds = createMemoryClouds({
      clock: this.#clock,
      deployment,
      seed: this.#openings,
      switches: play.switches,
      store: this.#store,
      ecsTimings: { pendingMs: 100, startingMs: 1_000, stoppingMs: 1_000, releasingMs: 100 },
      run: (invocation) => this.#workers.run(invocation),
    });
    watchers.begin({ config, clouds: this.clouds, nowMs: () => this.#clock.nowMs() });
    for (const row of this.#store.watchedRows) watchers.rowWritten(row, null);
    this.#protocol = play.watch(this.clouds, kept?.memory ?? new Map());
    this.#workers = new Workers(config, this.clouds, this.#line, watchers, String(this.#openings));
  }

  get calls(): ReadonlyArray<string> {
    return this.#line.calls;
  }

  /** See `Line`. */
  get turns(): Line['turns'] {
    return this.#line.turns;
  }

  /** Broken invariants, breaches of protocol, and a story without an end. */
  get faults(): ReadonlyArray<string> {
    const broken = this.#watchers.violations.map(({ invariant, text }) => `${invariant}: ${text}`);
    return [...broken, ...this.#protocol.faults, ...(this.#standstill === null ? [] : [this.#standstill])];
  }

  /** Puts into the world what the story begins with. */
  async seed(): Promise<void> {
    const pass = (ms: number) => passTo(this.#clock, this.#clock.nowMs() + ms);
    await this.#play.seed(this.clouds, pass);
    this.#protocol = this.#play.watch(this.clouds, new Map());
  }

  /** Nothing is left to do. */
  isDone(): boolean {
    return this.#workers.busy === 0 && isDone(this.clouds);
  }

  /** Nobody is at work, and the world can be kept. */
  isQuiet(): boolean {
    return this.#workers.busy === 0 && isQuiet(this.clouds);
  }

  /** Lets time pass, one thing after the other, until it holds or a fault has shown. */
  async playUntil(isOver: () => boolean): Promise<void> {
    const endMs = this.#clock.nowMs() + VIRTUAL_MAX_MS;
    await settled();
    do {
      if (this.#clock.nowMs() > endMs || !this.#clock.runNext()) {
        this.#standstill = 'it does not come to rest';
        return;
      }
      await settled();
    } while (this.faults.length === 0 && !isOver());
  }

  /** Lets the wake-ups come that nobody needs any more. */
  async passLastWakeUps(): Promise<void> {
    while (messagesIn(this.clouds, QUEUES.wakeUps) > 0)
      await passTo(this.#clock, this.#clock.nowMs() + 1_000);
  }

  /** Has the invariants judge what is left when everything has come to rest. */
  rest(): void {
    if (this.faults.length === 0) this.#watchers.tell('rested');
  }

  /** How the story has left the world. */
  remains(): Remains {
    return this.#play.remains(this.clouds, this.#protocol.memory);
  }

  /** Ends the world; what it was. */
  async close(isBegun: boolean): Promise<KeptWorld> {
    const collections = this.#store.keep();
    await this.clouds.close();
    const { memory } = this.#protocol;
    return { atMs: this.#clock.nowMs(), openings: this.#openings, isBegun, memory, collections };
  }
}
