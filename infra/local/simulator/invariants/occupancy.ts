import type { MemoryClouds } from '../../memory/clouds.ts';
import type { RowWritten } from '../play/observed-store.ts';
import { readBackend } from '../play/tables.ts';

/** When a member of a group, or its record, last became what it is. */
export interface Standing {
  readonly changedAtMs: number;
  /** Since when it has been at weight 0; `null` = it has weight, or has had weight 0 since before anybody looked. */
  readonly zeroSinceMs: number | null;
}

interface Named {
  readonly serverId: string;
  readonly port: number;
  readonly weight: number;
}

/** Since when the members of all groups and their records are as they are. */
export class Occupancy {
  readonly #members = new Map<string, Standing>();
  readonly #recordsAtMs = new Map<string, number>();
  readonly #nowMs: () => number;

  constructor({ foundation }: Pick<MemoryClouds, 'foundation'>, nowMs: () => number) {
    this.#nowMs = nowMs;
    foundation.timeline.onEntry(({ source, kind, atMs, details }) => {
      if (source !== 'slb' || !Array.isArray(details.backends)) return;
      for (const { serverId, port, weight } of details.backends as ReadonlyArray<Named>) {
        const id = `${String(details.vServerGroupId)} ${serverId}:${port}`;
        const known = this.#members.get(id)?.zeroSinceMs ?? null;
        const isAtZero = weight === 0 && kind !== 'backends-removed';
        this.#members.set(id, { changedAtMs: atMs, zeroSinceMs: isAtZero ? (known ?? atMs) : null });
      }
    });
  }

  /** To be told of every change of a row. */
  rowWritten({ table, before, after }: RowWritten): void {
    const row = after ?? before;
    if (table !== 'backends' || row === null) return;
    const { vServerGroupId, serverId, port } = readBackend(row);
    this.#recordsAtMs.set(`${vServerGroupId} ${serverId}:${port}`, this.#nowMs());
  }

  /** `key` is `i-…:8080`. */
  of(vServerGroupId: string, key: string): Standing {
    return this.#members.get(`${vServerGroupId} ${key}`) ?? { changedAtMs: -Infinity, zeroSinceMs: null };
  }

  /** When its record was last written or deleted. */
  recordedAtMs(vServerGroupId: string, key: string): number {
    return this.#recordsAtMs.get(`${vServerGroupId} ${key}`) ?? -Infinity;
  }
}
