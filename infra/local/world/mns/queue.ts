import type { Cancel, WorldClock } from '../clock.ts';
import type { QueueAttributes } from './attributes.ts';
import { Backlog } from './backlog.ts';
import type { ReceivedMessage } from './message.ts';

/** A queue as the world keeps it. */
export interface StoredQueue {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

/** What GetQueueAttributes answers. */
export interface QueueDescription extends StoredQueue {
  readonly activeMessages: number;
  readonly inactiveMessages: number;
  readonly delayMessages: number;
}

/** A receive that found nothing and waits. */
export interface Waiter {
  readonly count: number;
  readonly visibilityTimeoutMs: number | null;
  readonly finish: (messages: Array<ReceivedMessage>) => void;
  readonly fail: (error: Error) => void;
}

/** A queue at work: what is kept, plus what is derived from it and dies with the process. */
export class Queue {
  readonly backlog = new Backlog();
  /** Oldest first; the oldest is served first. */
  readonly waiters = new Set<Waiter>();
  stored: StoredQueue;
  readonly #clock: WorldClock;
  #alarm: { readonly atMs: number; readonly cancel: Cancel } | null = null;

  constructor(stored: StoredQueue, clock: WorldClock) {
    this.stored = stored;
    this.#clock = clock;
  }

  /** Sees to it that `run` is called once at `atMs`, instead of what was asked for before; `null` = not at all. */
  setAlarm(atMs: number | null, run: () => void = () => {}): void {
    if (this.#alarm?.atMs === atMs) return;
    this.#alarm?.cancel();
    this.#alarm = null;
    if (atMs === null) return;
    const cancel = this.#clock.at(atMs, () => {
      this.#alarm = null;
      run();
    });
    this.#alarm = { atMs, cancel };
  }
}
