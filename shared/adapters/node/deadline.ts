import { clearTimeout, setTimeout } from 'node:timers';

/** The call did not end in time; whether it took effect is not known. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * The promise's result, or {@link DeadlineError} after `timeoutMs`. `abort` is called then, to end what is in flight:
 * the SDKs' own timeouts have gaps (a reply cut after its headers never settles).
 */
export async function withDeadline<T>(
  promise: Promise<T>,
  timeoutMs: number,
  what: string,
  abort: () => void = () => {},
): Promise<T> {
  // Not the promise of `node:timers/promises`: to cancel that one takes an AbortController for every call.
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    const first = await Promise.race([promise.then((value) => ({ value })), expired]);
    if (first !== null) return first.value;
    abort();
    throw new DeadlineError(`${what} did not answer within ${Math.round(timeoutMs)} ms`);
  } finally {
    clearTimeout(timer);
  }
}
