import { Heap } from '../heap.ts';
import type { StoredMessage } from './message.ts';

/** How a message stands: waiting for its delay, ready to be received, or received and hidden. */
export type MessagePhase = 'delayed' | 'active' | 'inactive';

interface Entry {
  readonly message: StoredMessage;
  readonly phase: MessagePhase;
}

/**
 * The messages of one queue, ordered for receiving, for becoming visible and for expiring; every step costs a
 * logarithm of their number. It decides nothing: phases are given to it.
 */
export class Backlog {
  readonly #entries = new Map<string, Entry>();
  readonly #counts: Record<MessagePhase, number> = { delayed: 0, active: 0, inactive: 0 };
  // The heaps keep replaced entries until they surface, or until they are the majority.
  readonly #active = new Heap<Entry>(
    (a, b) =>
      a.message.priority < b.message.priority ||
      (a.message.priority === b.message.priority && a.message.sequence < b.message.sequence),
  );
  readonly #hidden = new Heap<Entry>(
    (a, b) =>
      a.message.visibleAtMs < b.message.visibleAtMs ||
      (a.message.visibleAtMs === b.message.visibleAtMs && a.message.sequence < b.message.sequence),
  );
  readonly #expiring = new Heap<Entry>((a, b) => a.message.expiresAtMs < b.message.expiresAtMs);

  count(phase: MessagePhase): number {
    return this.#counts[phase];
  }

  get(messageId: string): StoredMessage | undefined {
    return this.#entries.get(messageId)?.message;
  }

  messages(): Array<StoredMessage> {
    return [...this.#entries.values()].map((entry) => entry.message);
  }

  /** Adds the message, or replaces what the backlog knows about it. */
  put(message: StoredMessage, phase: MessagePhase): void {
    this.remove(message.messageId);
    const entry: Entry = { message, phase };
    this.#entries.set(message.messageId, entry);
    this.#counts[phase] += 1;
    this.#push(phase === 'active' ? this.#active : this.#hidden, entry);
    this.#push(this.#expiring, entry);
  }

  remove(messageId: string): void {
    const entry = this.#entries.get(messageId);
    if (entry === undefined) return;
    this.#entries.delete(messageId);
    this.#counts[entry.phase] -= 1;
  }

  /** The next message to receive, left in place. */
  firstActive(): StoredMessage | undefined {
    return this.#top(this.#active)?.message;
  }

  /** Up to `count` active messages in the order of receiving, left in place. */
  firstActives(count: number): Array<StoredMessage> {
    const taken: Array<Entry> = [];
    while (taken.length < count) {
      const entry = this.#top(this.#active);
      if (entry === undefined) break;
      this.#active.pop();
      taken.push(entry);
    }
    for (const entry of taken) this.#active.push(entry);
    return taken.map((entry) => entry.message);
  }

  /** The hidden message that becomes visible next. */
  firstHidden(): StoredMessage | undefined {
    return this.#top(this.#hidden)?.message;
  }

  /** The message that expires next. */
  firstExpiring(): StoredMessage | undefined {
    return this.#top(this.#expiring)?.message;
  }

  #isCurrent(entry: Entry): boolean {
    return this.#entries.get(entry.message.messageId) === entry;
  }

  #top(heap: Heap<Entry>): Entry | undefined {
    for (;;) {
      const entry = heap.peek();
      if (entry === undefined || this.#isCurrent(entry)) return entry;
      heap.pop();
    }
  }

  #push(heap: Heap<Entry>, entry: Entry): void {
    if (heap.size > 64 && heap.size > 2 * this.#entries.size) heap.retain((held) => this.#isCurrent(held));
    heap.push(entry);
  }
}
