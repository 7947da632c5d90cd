import type { EndedBy, LifecycleResult, LifecycleTransition } from '../../world/ess/model.ts';
import type { TimelineEntry } from '../../world/timeline.ts';

/** One token: a hook's wait in one activity, as the timeline tells it. */
export interface Wait {
  readonly token: string;
  readonly transition: LifecycleTransition;
  readonly instanceIds: ReadonlyArray<string>;
  readonly startedAtMs: number;
  /** Every time that it ended; once is right. */
  readonly ends: ReadonlyArray<{
    readonly atMs: number;
    readonly result: LifecycleResult;
    readonly by: EndedBy;
  }>;
}

/** Every wait, in order of beginning. */
export function waitsIn(entries: ReadonlyArray<TimelineEntry>): ReadonlyArray<Wait> {
  const waits = new Map<string, Wait>();
  for (const { source, kind, atMs, details } of entries) {
    if (source !== 'ess') continue;
    const { lifecycleActionToken: token, transition, instanceIds } = details as unknown as HookDetails;
    if (kind === 'hook-waiting') {
      waits.set(token, { token, transition, instanceIds, startedAtMs: atMs, ends: [] });
    }
    const wait = kind === 'hook-completed' ? waits.get(token) : undefined;
    if (wait === undefined) continue;
    const { result, by } = details as unknown as HookDetails;
    waits.set(token, { ...wait, ends: [...wait.ends, { atMs, result, by }] });
  }
  return [...waits.values()];
}

interface HookDetails {
  readonly lifecycleActionToken: string;
  readonly transition: LifecycleTransition;
  readonly instanceIds: ReadonlyArray<string>;
  readonly result: LifecycleResult;
  readonly by: EndedBy;
}
