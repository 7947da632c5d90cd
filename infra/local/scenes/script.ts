import { sleep } from '../world/clock.ts';
import type { Foundation } from '../world/foundation.ts';

/** Something that a scene has looked at. */
export interface SceneCheck {
  /** What must hold, as a sentence. */
  readonly sentence: string;
  /** What is not so; empty = it holds. */
  readonly problems: ReadonlyArray<string>;
  /** What was counted or measured for it, by name; may be empty. */
  readonly figures: Readonly<Record<string, number>>;
}

/** What a scene is told with. */
export interface Script {
  /** Begins a part of the scene; the text says what happens now. */
  step(text: string): void;
  /** Notes what was found; problems make the scene fail, and it goes on. */
  check(sentence: string, problems: ReadonlyArray<string>, figures?: Readonly<Record<string, number>>): void;
  /** Waits for the condition. Throws {@link SceneStopped} after `timeoutMs`, with what `missing` says then. */
  until(what: string, timeoutMs: number, missing: () => ReadonlyArray<string>): Promise<void>;
  readonly checks: ReadonlyArray<SceneCheck>;
}

/** A scene cannot go on: something that it waited for did not happen. */
export class SceneStopped extends Error {
  override readonly name = 'SceneStopped';
}

const POLL_MS = 50;
const PROBLEMS_SHOWN_MAX = 5;

/** An empty script; steps go into the world's timeline, and `interrupt` ends every wait. */
export function createScript(
  { clock, timeline }: Pick<Foundation, 'clock' | 'timeline'>,
  interrupt: AbortSignal,
): Script {
  const checks: Array<SceneCheck> = [];
  return {
    checks,
    step: (text) => timeline.record({ source: 'scene', kind: 'step', text, details: {} }),
    check: (sentence, problems, figures = {}) => void checks.push({ sentence, problems, figures }),
    async until(what, timeoutMs, missing) {
      const endsAtMs = clock.nowMs() + timeoutMs;
      for (;;) {
        const problems = missing();
        if (problems.length === 0) return;
        if (interrupt.aborted) throw new SceneStopped(`interrupted while waiting for this: ${what}`);
        if (clock.nowMs() >= endsAtMs) {
          throw new SceneStopped(`waited ${timeoutMs / 1_000} s for this: ${what}. ${listed(problems)}`);
        }
        await sleep(clock, POLL_MS);
      }
    },
  };
}

/** The first few of the problems in one line. */
export function listed(problems: ReadonlyArray<string>): string {
  const rest = problems.length - PROBLEMS_SHOWN_MAX;
  return [...problems.slice(0, PROBLEMS_SHOWN_MAX), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
