import type { MemoryDeployment } from '../../../infra/local/memory/deployment.ts';
import { remainsOf } from './end.ts';
import type { KeptWorld } from './kept-world.ts';
import { Stage } from './stage.ts';
import { instancesOf, SCALING_GROUP, type Story, seedScalingGroup, startInstances } from './story.ts';
import type { Strike } from './strikes.ts';

/** A part of a story as it was told. */
export interface Telling {
  /** The calls that were made, `product.action` each, those that a dying worker did not make any more included. */
  readonly calls: ReadonlyArray<string>;
  /** What is not as it must be; empty = until here, or to the end, all is well. */
  readonly faults: ReadonlyArray<string>;
  /** See `Remains`. */
  readonly staleEntries: number;
  /** From where the story can be told on; `null` = it has come to its end. */
  readonly next: KeptWorld | null;
}

/** One story, which is told over and over. What comes before a point is played once for all that strikes after it. */
export class Theatre {
  /** Where the story begins. */
  readonly opening: KeptWorld;
  readonly #story: Story;
  readonly #deployment: MemoryDeployment;

  private constructor(story: Story, deployment: MemoryDeployment, opening: KeptWorld) {
    this.#story = story;
    this.#deployment = deployment;
    this.opening = opening;
  }

  /** Puts what the story begins with on the stage, without any fault. */
  static async open(story: Story, deployment: MemoryDeployment): Promise<Theatre> {
    const stage = new Stage(story, deployment, null, []);
    await stage.seed();
    if (story.inService > 0) startInstances(stage.clouds, story.inService);
    await stage.playUntil(() => stage.isDone());
    if (story.isScaled) {
      const instanceIds = instancesOf(stage.clouds);
      seedScalingGroup(stage.clouds);
      stage.clouds.ess.attachInstances({ scalingGroupId: SCALING_GROUP, instanceIds });
    }
    // Nor shall a wake-up of the opening come in the middle of the story.
    await stage.passLastWakeUps();
    if (stage.faults.length > 0) throw new Error(`"${story.name}" cannot begin: ${stage.faults.join('; ')}`);
    return new Theatre(story, deployment, await stage.close(false));
  }

  /**
   * Tells the story on, with strikes at calls counted from there: to its end, or, with `pause`, to the first moment
   * behind the last strike at which nobody is at work.
   */
  async tell(from: KeptWorld, strikes: ReadonlyArray<Strike>, until: 'end' | 'pause'): Promise<Telling> {
    const stage = new Stage(this.#story, this.#deployment, from, strikes);
    if (!from.isBegun) this.#story.begin(stage.clouds);
    const callsMin = Math.max(1, ...strikes.map(({ call }) => call));
    const mayPause = () => until === 'pause' && stage.calls.length >= callsMin && stage.isQuiet();
    await stage.playUntil(() => stage.isDone() || mayPause());
    const isEnd = stage.isDone();
    if (isEnd) stage.rest();
    const faults = [...stage.faults];
    const remains = isEnd ? remainsOf(stage.clouds, this.#story) : null;
    if (faults.length === 0) faults.push(...(remains?.faults ?? []));
    const { calls } = stage;
    const kept = await stage.close(true);
    return { calls, faults, staleEntries: remains?.staleEntries ?? 0, next: isEnd ? null : kept };
  }
}
