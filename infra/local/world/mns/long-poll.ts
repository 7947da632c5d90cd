import type { WorldClock } from '../clock.ts';
import type { ReceivedMessage } from './message.ts';
import type { Queue, Waiter } from './queue.ts';

/** How messages are taken from a queue by the clouds themselves, outside the bounds of the API. */
export interface TakeOptions {
  readonly count: number;
  /** How long to wait for the first message; `Infinity` = until there is one. */
  readonly waitMs: number;
  /** How long the messages stay hidden; left out = the queue's `VisibilityTimeout`. */
  readonly visibilityTimeoutMs?: number;
  /** Ends the wait with an empty answer. */
  readonly signal?: AbortSignal;
}

/**
 * Lines up at the queue. Resolves with the first messages that become visible, or with none when the time is over or
 * the signal fires; rejects with `QueueNotExist` when the queue is deleted meanwhile.
 */
export function longPoll(
  queue: Queue,
  clock: WorldClock,
  { count, waitMs, visibilityTimeoutMs, signal }: TakeOptions,
): Promise<Array<ReceivedMessage>> {
  if (signal?.aborted === true) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const leave = () => {
      queue.waiters.delete(waiter);
      signal?.removeEventListener('abort', giveUp);
      cancelTimeout?.();
    };
    const waiter: Waiter = {
      count,
      visibilityTimeoutMs: visibilityTimeoutMs ?? null,
      finish: (messages) => {
        leave();
        resolve(messages);
      },
      fail: (error) => {
        leave();
        reject(error);
      },
    };
    const giveUp = () => waiter.finish([]);
    const cancelTimeout = Number.isFinite(waitMs) ? clock.at(clock.nowMs() + waitMs, giveUp) : null;
    signal?.addEventListener('abort', giveUp);
    queue.waiters.add(waiter);
  });
}
