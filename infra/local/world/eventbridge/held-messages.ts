import type { Cancel, WorldClock } from '../clock.ts';
import { CloudError } from '../errors.ts';
import type { ReceivedMessage } from '../mns/message.ts';
import type { Mns } from '../mns/mns.ts';

/** Messages that a stream has taken from its queue and keeps hidden, until it deletes them or gives them back. */
export class HeldMessages {
  readonly #mns: Mns;
  readonly #clock: WorldClock;
  readonly #queueName: string;
  readonly #visibilityTimeoutMs: number;
  /** Current receipt handles by message id. */
  readonly #handles = new Map<string, string>();
  #cancelRenewal: Cancel = () => {};

  constructor(deps: { mns: Mns; clock: WorldClock; queueName: string; visibilityTimeoutMs: number }) {
    this.#mns = deps.mns;
    this.#clock = deps.clock;
    this.#queueName = deps.queueName;
    this.#visibilityTimeoutMs = deps.visibilityTimeoutMs;
  }

  add(messages: ReadonlyArray<ReceivedMessage>): void {
    const isFirst = this.#handles.size === 0;
    for (const { messageId, receiptHandle } of messages) this.#handles.set(messageId, receiptHandle);
    if (isFirst && this.#handles.size > 0) this.#renewLater();
  }

  /** Moves these messages to another holder. */
  moveTo(other: HeldMessages, messages: ReadonlyArray<ReceivedMessage>): void {
    const moved = messages.map((message) => ({
      ...message,
      receiptHandle: this.#handles.get(message.messageId) ?? message.receiptHandle,
    }));
    for (const { messageId } of messages) this.#handles.delete(messageId);
    other.add(moved);
  }

  /** Deletes them from the queue; `messageIds` left out = all. */
  delete(messageIds: Iterable<string> = [...this.#handles.keys()]): void {
    for (const messageId of messageIds) {
      this.#withHandle(messageId, (handle) => this.#mns.deleteMessage(this.#queueName, handle));
      this.#handles.delete(messageId);
    }
    if (this.#handles.size === 0) this.#cancelRenewal();
  }

  /** Gives all of them back to the queue, to be received again at once. */
  release(): void {
    this.#cancelRenewal();
    for (const messageId of [...this.#handles.keys()]) {
      this.#withHandle(messageId, (handle) => this.#mns.hide(this.#queueName, handle, 0));
    }
    this.#handles.clear();
  }

  /** Stops renewing: they come back when their hidden time ends. */
  abandon(): void {
    this.#cancelRenewal();
    this.#handles.clear();
  }

  #renewLater(): void {
    this.#cancelRenewal();
    this.#cancelRenewal = this.#clock.at(this.#clock.nowMs() + this.#visibilityTimeoutMs / 2, () => {
      for (const messageId of [...this.#handles.keys()]) {
        this.#withHandle(messageId, (handle) => {
          const renewed = this.#mns.hide(this.#queueName, handle, this.#visibilityTimeoutMs);
          this.#handles.set(messageId, renewed.receiptHandle);
        });
      }
      if (this.#handles.size > 0) this.#renewLater();
    });
  }

  /** A message that has expired, or whose queue is gone, is no longer held and no error. */
  #withHandle(messageId: string, run: (receiptHandle: string) => void): void {
    const handle = this.#handles.get(messageId);
    if (handle === undefined) return;
    try {
      run(handle);
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      this.#handles.delete(messageId);
    }
  }
}
