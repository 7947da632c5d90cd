import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../shared/adapters/node/system.ts';
import type { Clock } from '../../shared/clock.ts';
import { describeError, RejectedError } from '../../shared/errors.ts';
import { Lines } from './lines.ts';
import type { Screen } from './terminal.ts';

/** The time of whoever watches. */
export interface Pace {
  readonly clock: Clock;
  /** Resolves after so long, or as soon as the signal fires. */
  pause(ms: number, stop: AbortSignal | null): Promise<void>;
}

/** This machine's time. */
export const SYSTEM_PACE: Pace = {
  clock: systemClock,
  async pause(ms, stop) {
    // Nothing but the signal ends it early.
    await delay(ms, undefined, stop === null ? {} : { signal: stop }).catch(() => {});
  },
};

/** What one look has shown. */
export type Look<End> =
  | { readonly kind: 'ended'; readonly end: End }
  /** `remark` is shown below the lines; `slow` is what to look at if it stays like this for too long, `null` = nothing. */
  | { readonly kind: 'going-on'; readonly remark: string; readonly slow: string | null };

/** How something is watched. */
export interface Watching<End> {
  readonly screen: Screen;
  readonly pace: Pace;
  readonly limitMs: number;
  /** Ends the watching, and nothing else; `null` = nobody can. */
  readonly stop: AbortSignal | null;
  /** What cannot be read, where a look fails: `the row of orders-db`. */
  readonly subject: string;
  /** Looks once and tells what is new. A TransientError is waited for, RejectedError ends the watching. */
  look(lines: Lines): Promise<Look<End>>;
}

/** How watching ended. */
export type Watched<End> =
  | { readonly kind: 'ended'; readonly end: End }
  /** `why` = the last look failed. */
  | { readonly kind: 'time-is-up'; readonly why: string | null }
  | { readonly kind: 'stopped' };

const LOOK_EVERY_MS = 500;
/** The tick looks at everything that is due once a minute: when it has not, somebody should look at the functions. */
const SLOW_MS = 75_000;

/**
 * Looks twice a second until the end, and tells each step in a line; how long it has been going on stands below, where the
 * cursor can be moved. Tablestore that does not answer for a while is waited for.
 */
export async function watch<End>(watching: Watching<End>): Promise<Watched<End>> {
  const { screen, pace, limitMs, stop, subject } = watching;
  const lines = new Lines(screen, pace.clock);
  let looked: Look<End> = { kind: 'going-on', remark: '', slow: null };
  try {
    for (;;) {
      let why: string | null = null;
      try {
        looked = await watching.look(lines);
        if (looked.kind === 'ended') return looked;
      } catch (error) {
        if (error instanceof RejectedError) throw error;
        why = describeError(error);
        lines.add(`${subject} cannot be read just now: ${why}`);
      }
      if (stop?.aborted) return { kind: 'stopped' };
      const waitedMs = lines.elapsedMs;
      if (looked.kind === 'going-on') {
        if (looked.slow !== null && waitedMs > SLOW_MS) lines.add(looked.slow);
        lines.wait(looked.remark);
      }
      if (waitedMs >= limitMs) return { kind: 'time-is-up', why };
      await pace.pause(Math.min(LOOK_EVERY_MS, limitMs - waitedMs), stop);
      if (stop?.aborted) return { kind: 'stopped' };
    }
  } finally {
    lines.end();
  }
}
