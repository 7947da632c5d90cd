import type { SweepCalls } from './model.ts';

/** Counts the calls that this worker makes. */
export interface CallCounter {
  /** All since it was made; only differences say anything. */
  made(): SweepCalls;
}

/** What became of a start. `already`: an invocation of this task id was started before, by whoever it was. */
export type StartOutcome = 'started' | 'already';

/** A function that can be started in the background, once per task. */
export interface Invoker {
  /**
   * Starts an asynchronous invocation with a text of at most 128 KB. The task id, of letters, digits, `_` and `-`, begins
   * with a letter or `_` and has at most 128 characters; how long the platform remembers it is its secret, a day at a guess.
   * Throws TransientError (`throttled`, or `unknown-outcome`: start it again under the same id) or RejectedError.
   */
  start(taskId: string, payload: string): Promise<StartOutcome>;
}
