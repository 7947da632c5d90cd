/**
 * Runs `run` over the items, at most `limit` at a time, and gives the results in the items' order. When one fails, no
 * new one is begun and the first failure is thrown, but only after every one that was begun has ended: nothing is
 * left in flight behind the caller's back.
 */
export async function mapBounded<T, R>(
  items: ReadonlyArray<T>,
  limit: number,
  run: (item: T) => Promise<R>,
): Promise<Array<R>> {
  const results: Array<R> = new Array(items.length);
  let next = 0;
  let failure: { error: unknown } | null = null;
  const worker = async () => {
    while (failure === null && next < items.length) {
      const index = next++;
      try {
        results[index] = await run(items[index] as T);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failure !== null) throw (failure as { error: unknown }).error;
  return results;
}

/** All results, or the first failure once all of them have ended: nothing is left in flight behind the caller's back. */
export async function allOrFailure<Values extends ReadonlyArray<unknown>>(
  promises: {
    readonly [Index in keyof Values]: Promise<Values[Index]>;
  },
): Promise<Values> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as Values;
}

/** What is answered, or `null` when the failure is of this kind and so is an answer, too: what was asked for does not exist. */
export async function nullWhen<T>(
  // biome-ignore lint/suspicious/noExplicitAny: whatever the errors of this kind are made with
  Kind: abstract new (...args: any) => Error,
  answer: Promise<T>,
): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Kind) return null;
    throw error;
  }
}
