import type { EndedBy, LifecycleResult, LifecycleTransition } from '../../world/ess/model.ts';
import type { BackendServer } from '../../world/slb/model.ts';
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

/** One backend's life, as the timeline tells it. */
export interface BackendLife {
  readonly vServerGroupId: string;
  readonly serverId: string;
  readonly port: number;
  /** Its weights, each since when. */
  readonly weights: ReadonlyArray<{ readonly atMs: number; readonly weight: number }>;
  /** `null` = it is there. */
  readonly removedAtMs: number | null;
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

/** Every life of every backend; one that was removed and added again has two. */
export function backendLivesIn(entries: ReadonlyArray<TimelineEntry>): ReadonlyArray<BackendLife> {
  const lives: Array<BackendLife> = [];
  const current = new Map<string, number>();
  for (const { source, kind, atMs, details } of entries) {
    if (source !== 'slb' || !Array.isArray(details.backends)) continue;
    const vServerGroupId = String(details.vServerGroupId);
    for (const { serverId, port, weight } of details.backends as ReadonlyArray<BackendServer>) {
      const key = `${vServerGroupId} ${serverId}:${port}`;
      const index = current.get(key);
      const life = index === undefined ? undefined : lives[index];
      const since = { atMs, weight };
      if (kind === 'backends-added') {
        current.set(key, lives.length);
        lives.push({ vServerGroupId, serverId, port, weights: [since], removedAtMs: null });
      } else if (life !== undefined && index !== undefined) {
        if (kind === 'weights-set') lives[index] = { ...life, weights: [...life.weights, since] };
        if (kind !== 'backends-removed') continue;
        lives[index] = { ...life, removedAtMs: atMs };
        current.delete(key);
      }
    }
  }
  return lives;
}

/** The backend's weight at that instant; `null` = it was not there. */
export function weightAt({ weights, removedAtMs }: BackendLife, atMs: number): number | null {
  if (removedAtMs !== null && removedAtMs <= atMs) return null;
  return weights.findLast((since) => since.atMs <= atMs)?.weight ?? null;
}

/** How long it had been at weight 0 when it was removed; `null` = it had weight, or is there. */
export function drainedMs({ weights, removedAtMs }: BackendLife): number | null {
  const lastWithWeight = weights.findLastIndex(({ weight }) => weight > 0);
  const zero = weights[lastWithWeight + 1];
  return removedAtMs === null || zero === undefined ? null : removedAtMs - zero.atMs;
}

interface HookDetails {
  readonly lifecycleActionToken: string;
  readonly transition: LifecycleTransition;
  readonly instanceIds: ReadonlyArray<string>;
  readonly result: LifecycleResult;
  readonly by: EndedBy;
}
