import type { LocalCloudsOptions } from '../clouds.ts';
import type { Script } from './script.ts';
import type { Stage } from './stage.ts';

/** A fixed run of events against the deployed product, with what must come out of it. */
export interface Scene {
  /** What `--scene` is given. */
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** The configuration that is deployed for it. */
  readonly configFile: string;
  /** Completes the text of that file with what is made anew for each run, such as keys; absent = it is whole. */
  readonly completeConfig?: (text: string) => string;
  /** Speeds and switches of the clouds. */
  readonly clouds: LocalCloudsOptions;
  /** Plays it. Throws SceneStopped when it cannot go on. */
  play(stage: Stage, script: Script): Promise<void>;
}

/** Clouds that are quick enough to be watched, and leave two cores room for functions beside them. */
export const QUICK_CLOUDS = {
  ecsTimings: { pendingMs: 100, startingMs: 300, stoppingMs: 300, releasingMs: 300 },
  streamConcurrency: 2,
  streamTimings: { timeBasedWindowMs: 250 },
  timerEveryMs: 5_000,
} as const satisfies LocalCloudsOptions;
