import type { MemoryClouds } from '../../memory/clouds.ts';
import type { WorkerCall } from '../play/calls.ts';
import { landedWriteOf } from './our-writes.ts';

/** Who made a member of a group what it is, as it really happened. */
export interface Authorship {
  /** Who put it into the group. */
  readonly addedBy: 'us' | 'others';
  /** Who wrote its weight last. */
  readonly setBy: 'us' | 'others';
  /** Of whichever happened last. */
  readonly atMs: number;
}

/** A backend as the timeline of the world names it. */
interface Named {
  readonly serverId: string;
  readonly port: number;
}

/** The authors of all members of all groups, from what took effect in the world. */
export class Authors {
  readonly #known = new Map<string, Authorship>();

  constructor({ foundation }: Pick<MemoryClouds, 'foundation'>) {
    foundation.timeline.onEntry(({ source, kind, atMs, details }) => {
      if (source !== 'slb' || !Array.isArray(details.backends)) return;
      // Taken for somebody else's until the call that did it turns out to be ours, which is at once.
      for (const { serverId, port } of details.backends as ReadonlyArray<Named>) {
        const id = idOf(String(details.vServerGroupId), `${serverId}:${port}`);
        const addedBy = kind === 'weights-set' ? (this.#known.get(id)?.addedBy ?? 'others') : 'others';
        if (kind === 'backends-removed') this.#known.delete(id);
        else this.#known.set(id, { addedBy, setBy: 'others', atMs });
      }
    });
  }

  /** To be told of every call that has landed. */
  landed(call: WorkerCall): void {
    const write = landedWriteOf(call);
    if (write === null || write.kind === 'remove') return;
    for (const { key } of write.backends) {
      const id = idOf(write.vServerGroupId, key);
      const known = this.#known.get(id);
      if (known === undefined) continue;
      const isNew = write.kind === 'add' && known.atMs === call.landedAtMs;
      this.#known.set(id, { addedBy: isNew ? 'us' : known.addedBy, setBy: 'us', atMs: known.atMs });
    }
  }

  /** `null` = it has not come into the group since the day began. */
  of(vServerGroupId: string, key: string): Authorship | null {
    return this.#known.get(idOf(vServerGroupId, key)) ?? null;
  }
}

function idOf(vServerGroupId: string, key: string): string {
  return `${vServerGroupId} ${key}`;
}
