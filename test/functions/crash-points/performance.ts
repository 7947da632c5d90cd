import { createMemoryClouds, type MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import type { MemoryDeployment } from '../../../infra/local/memory/deployment.ts';
import { passTo, settled } from '../../../infra/local/memory/passage.ts';
import { DAY_BEGINS_MS } from '../../../infra/local/simulator/day.ts';
import { Watchers } from '../../../infra/local/simulator/play/watchers.ts';
import { VirtualClock } from '../../../infra/local/world/clock.ts';
import { isIdle, remains } from './end.ts';
import { type KeptWorld, StoryStore } from './kept-world.ts';
import { Protocol } from './protocol.ts';
import { GROUP, LOAD_BALANCER, PORT, type Story, startInstances } from './story.ts';
import { Line, type Strike } from './strikes.ts';
import { Workers } from './workers.ts';

/** How a story went. */
export interface Performance {
  /** The calls that were made, those that a dying worker did not make any more included. */
  readonly calls: ReadonlyArray<string>;
  /** What is not as it must be; empty = it converged and broke nothing. */
  readonly faults: ReadonlyArray<string>;
  readonly virtualMs: number;
}

/** A story that takes longer does not come to rest. */
const VIRTUAL_MAX_MS = 60 * 60_000;

/** One story that is told over and over: what precedes it is played once. */
export class Theatre {
  readonly #story: Story;
  readonly #deployment: MemoryDeployment;
  readonly #opening: KeptWorld;

  private constructor(story: Story, deployment: MemoryDeployment, opening: KeptWorld) {
    this.#story = story;
    this.#deployment = deployment;
    this.#opening = opening;
  }

  /** Puts what the story begins with on the stage, without any fault. */
  static async open(story: Story, deployment: MemoryDeployment): Promise<Theatre> {
    const stage = new Stage(story, deployment, null, []);
    await stage.seed();
    startInstances(stage.clouds, story.inService);
    await stage.playToRest();
    return new Theatre(story, deployment, await stage.close());
  }

  /** Tells the story with these strikes. */
  async play(strikes: ReadonlyArray<Strike>): Promise<Performance> {
    const stage = new Stage(this.#story, this.#deployment, this.#opening, strikes);
    const begunAtMs = stage.nowMs;
    this.#story.begin(stage.clouds);
    const faults = [...(await stage.playToRest()), ...stage.protocol.faults];
    if (faults.length === 0) faults.push(...remains(stage.clouds, this.#story));
    const virtualMs = stage.nowMs - begunAtMs;
    await stage.close();
    return { calls: stage.calls, faults, virtualMs };
  }
}

/** One world with the workers in it. */
class Stage {
  readonly clouds: MemoryClouds;
  readonly protocol: Protocol;
  readonly #clock: VirtualClock;
  readonly #store: StoryStore;
  readonly #line: Line;
  readonly #workers: Workers;
  readonly #watchers = new Watchers();

  constructor(
    { config }: Story,
    deployment: MemoryDeployment,
    kept: KeptWorld | null,
    strikes: ReadonlyArray<Strike>,
  ) {
    this.#clock = new VirtualClock(kept?.atMs ?? DAY_BEGINS_MS);
    const watchers = this.#watchers;
    this.#store = new StoryStore(kept, (change) => watchers.rowWritten(change, this.#line.landing));
    this.#line = new Line(
      this.#clock,
      {
        sent: (call) => watchers.tell('sent', call),
        landed: (call) => {
          watchers.tell('landed', call);
          this.protocol.landed(call);
        },
        heard: (call) => watchers.heard(call),
      },
      strikes,
    );
    this.clouds = createMemoryClouds({
      clock: this.#clock,
      deployment,
      // Ids of the opening must not come again.
      seed: kept === null ? 1 : 2,
      store: this.#store,
      ecsTimings: { pendingMs: 100, startingMs: 1_000, stoppingMs: 1_000, releasingMs: 100 },
      run: (invocation) => this.#workers.run(invocation),
    });
    this.protocol = new Protocol(this.clouds);
    this.#workers = new Workers(config, this.clouds, this.#line, watchers);
    watchers.begin({ config, clouds: this.clouds, nowMs: () => this.#clock.nowMs() });
  }

  get nowMs(): number {
    return this.#clock.nowMs();
  }

  get calls(): ReadonlyArray<string> {
    return this.#line.calls;
  }

  /** A load balancer with a checked listener, and a group in which a stranger's backend stands already. */
  async seed(): Promise<void> {
    const { slb, ecs } = this.clouds;
    const [serverId = ''] = ecs.runInstances({ amount: 1, tags: [{ key: 'role', value: 'other' }] });
    await passTo(this.#clock, this.nowMs + 5_000);
    slb.seedLoadBalancer({ loadBalancerId: LOAD_BALANCER });
    slb.seedVServerGroup({
      vServerGroupId: GROUP,
      loadBalancerId: LOAD_BALANCER,
      name: 'story',
      backends: [{ serverId, port: PORT, weight: 50, description: 'by-hand' }],
    });
    slb.seedListener({
      loadBalancerId: LOAD_BALANCER,
      listenerPort: 80,
      listenerProtocol: 'http',
      vServerGroupId: GROUP,
      settings: { HealthCheck: 'on' },
    });
  }

  /** Lets time pass until nothing is left to do; what kept it from that, if anything did. */
  async playToRest(): Promise<ReadonlyArray<string>> {
    const endMs = this.nowMs + VIRTUAL_MAX_MS;
    await settled();
    while (this.#watchers.violations.length === 0) {
      if (this.nowMs > endMs) return ['it does not come to rest'];
      if (!this.#clock.runNext()) return ['the world has come to a standstill'];
      await settled();
      if (this.#workers.busy === 0 && isIdle(this.clouds)) break;
    }
    return this.#watchers.violations.map(({ invariant, text }) => `${invariant}: ${text}`);
  }

  async close(): Promise<KeptWorld> {
    const kept = this.#store.keep(this.nowMs);
    await this.clouds.close();
    return kept;
  }
}
