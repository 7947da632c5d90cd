import type { BackendServer } from '../world/slb/model.ts';
import type { TimelineEntry } from '../world/timeline.ts';

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
