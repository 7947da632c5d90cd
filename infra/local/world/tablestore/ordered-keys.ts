const CHUNK_MAX = 512;

/**
 * A set of row keys in order. Finding, adding and removing stay fast with hundreds of thousands of keys: they lie in
 * chunks of at most {@link CHUNK_MAX}, so that an insertion moves one chunk only.
 */
export class OrderedKeys {
  // Never empty chunks; the keys of each are below those of the next.
  #chunks: Array<Array<string>> = [];

  /** Takes keys in any order, each once. */
  constructor(keys: ReadonlyArray<string> = []) {
    const sorted = [...keys].sort();
    for (let from = 0; from < sorted.length; from += CHUNK_MAX / 2) {
      this.#chunks.push(sorted.slice(from, from + CHUNK_MAX / 2));
    }
  }

  /** Adds a key that is not in the set. */
  add(key: string): void {
    const index = this.#chunkOf(key);
    const chunk = this.#chunks[index];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      return;
    }
    chunk.splice(firstNotBelow(chunk, key), 0, key);
    if (chunk.length > CHUNK_MAX) this.#chunks.splice(index + 1, 0, chunk.splice(CHUNK_MAX / 2));
  }

  /** Removes a key; one that is not in the set is ignored. */
  delete(key: string): void {
    const index = this.#chunkOf(key);
    const chunk = this.#chunks[index];
    if (chunk === undefined) return;
    const position = firstNotBelow(chunk, key);
    if (chunk[position] !== key) return;
    chunk.splice(position, 1);
    if (chunk.length === 0) this.#chunks.splice(index, 1);
  }

  /** Keys from `start` upwards, those below `end`. The set must not change meanwhile. */
  *upwards(start: string, end: string): Generator<string> {
    for (let index = this.#chunkOf(start); index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index] ?? [];
      for (let at = firstNotBelow(chunk, start); at < chunk.length; at++) {
        const key = chunk[at] as string;
        if (key >= end) return;
        yield key;
      }
    }
  }

  /** Keys from `start` downwards, those above `end`. The set must not change meanwhile. */
  *downwards(start: string, end: string): Generator<string> {
    for (let index = this.#chunkOf(start); index >= 0; index--) {
      const chunk = this.#chunks[index] ?? [];
      const notBelow = firstNotBelow(chunk, start);
      for (let at = chunk[notBelow] === start ? notBelow : notBelow - 1; at >= 0; at--) {
        const key = chunk[at] as string;
        if (key <= end) return;
        yield key;
      }
    }
  }

  /** The last chunk that begins at or below the key, else the first. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.[0] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

function firstNotBelow(keys: ReadonlyArray<string>, key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
