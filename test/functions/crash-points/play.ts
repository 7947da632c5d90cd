import type { MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import type { WorkerCall } from '../../../infra/local/simulator/play/calls.ts';
import type { Switches } from '../../../infra/local/world/switches.ts';
import type { Config } from '../../../shared/config/load.ts';

/** A story as a stage needs it, whatever it is about: what it begins with, what happens then, and what must come of it. */
export interface Play {
  readonly name: string;
  readonly config: Config;
  readonly switches: Partial<Switches>;
  /** Puts what the story begins with into an empty world; `pass` lets the world live for so many ms. */
  seed(clouds: MemoryClouds, pass: (ms: number) => Promise<void>): Promise<void>;
  /** Whether the product knows all that was seeded; asked when nothing is left to do. */
  isSet(clouds: MemoryClouds): boolean;
  /** Puts in place what must come after everything else has come to rest. */
  dress(clouds: MemoryClouds): void;
  /** Sets faults of the clouds, which no world keeps: whenever the world is opened after the curtain has risen. */
  disturb(clouds: MemoryClouds): void;
  /** What happens, once. */
  begin(clouds: MemoryClouds): void | Promise<void>;
  /** Judges the calls from now on. `memory` = as another one of this story has left it. */
  watch(clouds: MemoryClouds, memory: ReadonlyMap<string, number>): Protocol;
  /** `memory` = what the protocol remembers of all that was called. */
  remains(clouds: MemoryClouds, memory: ReadonlyMap<string, number>): Remains;
}

/** What every write is held to, judged by what the clouds themselves show. */
export interface Protocol {
  readonly faults: ReadonlyArray<string>;
  /** What it has to remember from one opening of the world to the next. */
  readonly memory: ReadonlyMap<string, number>;
  /** To be told of every call when it has taken effect. */
  landed(call: WorkerCall): void;
}

/** How a story has left the world. */
export interface Remains {
  /** What must not be so; empty = it has converged. */
  readonly faults: ReadonlyArray<string>;
  /**
   * Entries of the index of members for instances that have left. An entry too many costs a look at the next event of
   * its instance, so the rows go first: a worker that dies in between leaves one.
   */
  readonly staleEntries: number;
}
