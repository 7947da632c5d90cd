import type { MemoryDeployment } from '../../../infra/local/memory/deployment.ts';
import type { KeptWorld } from './kept-world.ts';
import type { Play } from './play.ts';
import { Stage } from './stage.ts';
import type { Line, Strike } from './strikes.ts';

/** A part of a story as it was told. */
export interface Telling {
  /** The calls that were made, `product.action` each, those that a dying worker did not make any more included. */
  readonly calls: ReadonlyArray<string>;
  /** See `Line`. */
  readonly turns: Line['turns'];
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
  readonly #play: Play;
  readonly #deployment: MemoryDeployment;

  private constructor(play: Play, deployment: MemoryDeployment, opening: KeptWorld) {
    this.#play = play;
    this.#deployment = deployment;
    this.opening = opening;
  }

  /** Puts what the story begins with on the stage, without any fault. */
  static async open(play: Play, deployment: MemoryDeployment): Promise<Theatre> {
    const stage = new Stage(play, deployment, null, []);
    await stage.seed();
    await stage.playUntil(() => stage.isDone() && play.isSet(stage.clouds));
    play.dress(stage.clouds);
    // Nor shall a wake-up of the opening come in the middle of the story.
    await stage.passLastWakeUps();
    if (stage.faults.length > 0) throw new Error(`"${play.name}" cannot begin: ${stage.faults.join('; ')}`);
    return new Theatre(play, deployment, await stage.close(false));
  }

  /**
   * Tells the story on, with strikes at calls counted from there: to its end, or, with `pause`, to the first moment
   * behind the last strike at which nobody is at work.
   */
  async tell(from: KeptWorld, strikes: ReadonlyArray<Strike>, until: 'end' | 'pause'): Promise<Telling> {
    const stage = new Stage(this.#play, this.#deployment, from, strikes);
    this.#play.disturb(stage.clouds);
    if (!from.isBegun) await this.#play.begin(stage.clouds);
    const callsMin = Math.max(1, ...strikes.map(({ call }) => call));
    const mayPause = () => until === 'pause' && stage.calls.length >= callsMin && stage.isQuiet();
    await stage.playUntil(() => stage.isDone() || mayPause());
    const isEnd = stage.isDone();
    if (isEnd) stage.rest();
    const faults = [...stage.faults];
    const remains = isEnd ? stage.remains() : null;
    if (faults.length === 0) faults.push(...(remains?.faults ?? []));
    const { calls, turns } = stage;
    const kept = await stage.close(true);
    return { calls, turns, faults, staleEntries: remains?.staleEntries ?? 0, next: isEnd ? null : kept };
  }
}
