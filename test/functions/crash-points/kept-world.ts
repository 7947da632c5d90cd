import {
  observedStore,
  type RowWritten,
  readStored,
} from '../../../infra/local/simulator/play/observed-store.ts';
import { WATCHED_TABLES } from '../../../infra/local/simulator/play/play-day.ts';
import type { Collection, WorldStore } from '../../../infra/local/world/store.ts';
import type { StoredRow } from '../../../infra/local/world/tablestore/rows.ts';

/** All state of a world at an instant at which nobody was at work. */
export interface KeptWorld {
  readonly atMs: number;
  /** How often it has been opened, so that nobody's name and no id comes twice. */
  readonly openings: number;
  /** Whether the story has begun. */
  readonly isBegun: boolean;
  /** What the story's protocol remembers. */
  readonly memory: ReadonlyMap<string, number>;
  readonly collections: Collections;
}

type Collections = ReadonlyMap<string, ReadonlyArray<readonly [string, unknown]>>;

/** State that begins with what was kept and can be kept itself. Values are never changed in place, so they are shared. */
export class StoryStore implements WorldStore {
  readonly #inner: WorldStore;
  readonly #open = new Map<string, Collection<unknown>>();

  constructor(kept: KeptWorld | null, onWrite: (change: RowWritten) => void) {
    let isFilled = false;
    this.#inner = observedStore(WATCHED_TABLES, (change) => {
      if (isFilled) onWrite(change);
    });
    for (const [name, entries] of kept?.collections ?? []) {
      const collection = this.collection<unknown>(name);
      for (const [key, value] of entries) collection.set(key, value);
    }
    isFilled = true;
  }

  /** The rows that the invariants watch, each as if it had just been written. */
  get watchedRows(): ReadonlyArray<RowWritten> {
    return [...WATCHED_TABLES].flatMap((table) =>
      [...this.collection<StoredRow>(`ots-rows/${table}`).values()].map((row) => ({
        table,
        before: null,
        after: readStored(row),
      })),
    );
  }

  collection<T>(name: string): Collection<T> {
    const collection = this.#inner.collection<T>(name);
    this.#open.set(name, collection as Collection<unknown>);
    return collection;
  }

  close(): void {
    this.#inner.close();
  }

  /** Everything as it is now. */
  keep(): Collections {
    return new Map([...this.#open].map(([name, opened]) => [name, [...opened.entries()]] as const));
  }
}
