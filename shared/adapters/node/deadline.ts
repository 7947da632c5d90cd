import { setTimeout as delay } from 'node:timers/promises';

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
  const timer = new AbortController();
  const expired = delay(timeoutMs, 'expired' as const, { signal: timer.signal }).catch(
    () => 'cancelled' as const,
  );
  try {
    const first = await Promise.race([promise.then((value) => ({ value })), expired]);
    if (typeof first !== 'string') return first.value;
    abort();
    throw new DeadlineError(`${what} did not answer within ${Math.round(timeoutMs)} ms`);
  } finally {
    timer.abort();
  }
}
