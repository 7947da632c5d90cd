/** Cuts a list into parts of at most `size`, in order. */
export function chunksOf<T>(items: ReadonlyArray<T>, size: number): Array<ReadonlyArray<T>> {
  const chunks: Array<ReadonlyArray<T>> = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}

/** The items by key, in order. */
export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, Array<T>> {
  const groups = new Map<K, Array<T>>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
