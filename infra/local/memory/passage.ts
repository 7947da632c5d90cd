import type { VirtualClock } from '../world/clock.ts';

/**
 * Resolves when everything that can happen without time has happened: all promises that are settled have been followed
 * to where they wait for the clock. Nothing in a world without HTTP waits for anything else. A tick comes when no
 * microtask is left, which is the very moment; a turn of the event loop would come then too, at many times the cost.
 */
export function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Lets the world live until `toMs`: one scheduled run after the other, each followed to its end. */
export async function passTo(clock: VirtualClock, toMs: number): Promise<void> {
  await settled();
  for (;;) {
    const nextAtMs = clock.nextAtMs();
    if (nextAtMs === null || nextAtMs > toMs) break;
    clock.runNext();
    await settled();
  }
  clock.advanceTo(toMs);
}

/** Lets the world live until `work` has ended. Rejects as it does, and when nothing is scheduled that could end it. */
export async function passUntil<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  const end: { outcome: PromiseSettledResult<T> | null } = { outcome: null };
  void work.then(
    (value) => {
      end.outcome = { status: 'fulfilled', value };
    },
    (reason: unknown) => {
      end.outcome = { status: 'rejected', reason };
    },
  );
  await settled();
  while (end.outcome === null) {
    if (!clock.runNext()) throw new Error('the work waits for something that will never happen');
    await settled();
  }
  if (end.outcome.status === 'rejected') throw end.outcome.reason;
  return end.outcome.value;
}
