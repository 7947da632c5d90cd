import type { Foundation } from '../foundation.ts';
import { queueNotExist } from './errors.ts';
import {
  bodyMd5,
  newReceiptHandle,
  type PeekedMessage,
  type ReceivedMessage,
  type StoredMessage,
} from './message.ts';
import { Queue, type StoredQueue } from './queue.ts';

/** The queues with their messages: what becomes of a message as time passes. It knows no bounds and no batches. */
export interface Queues {
  readonly all: ReadonlyMap<string, Queue>;
  /** Throws `QueueNotExist`. */
  find(queueName: string): Queue;
  /** The queue as it stands now: expired messages gone, hidden ones visible or dead-lettered when their time came. */
  open(queueName: string): { queue: Queue; nowMs: number };
  save(stored: StoredQueue): Queue;
  /** Forgets the queue and its messages; whoever waits there gets `QueueNotExist`. */
  remove(queue: Queue): void;
  /** Sequence numbers rise over the life of the world. */
  takeSequence(): number;
  /** Adds the message or replaces it. */
  keep(queue: Queue, message: StoredMessage, nowMs: number): void;
  discard(queue: Queue, messageId: string): void;
  /** Up to `count` visible messages, hidden from now on; `null` = for the queue's own time. */
  receive(
    queue: Queue,
    count: number,
    visibilityTimeoutMs: number | null,
    nowMs: number,
  ): Array<ReceivedMessage>;
  /** To be called after each change: hands messages to those who wait and sets the queue's alarm. */
  serve(queue: Queue, nowMs: number): void;
  show(message: StoredMessage): PeekedMessage;
  isClosed(): boolean;
  close(): void;
}

/** The queues kept in the foundation's store. */
export function createQueues(foundation: Foundation): Queues {
  const { clock, ids, store, switches, timeline } = foundation;
  const storedQueues = store.collection<StoredQueue>('mns-queues');
  const storedMessages = store.collection<StoredMessage>('mns-messages');
  const all = new Map<string, Queue>();
  let nextSequence = 0;
  let closed = false;

  const find = (queueName: string): Queue => {
    const queue = all.get(queueName);
    if (queue === undefined) throw queueNotExist();
    return queue;
  };

  const hidden = (queue: Queue, message: StoredMessage) =>
    queue.backlog.put(message, message.dequeueCount === 0 ? 'delayed' : 'inactive');
  const keep: Queues['keep'] = (queue, message, nowMs) => {
    storedMessages.set(message.messageId, message);
    hidden(queue, message);
    // What is due at once is settled too, since it may be a dead letter.
    if (message.visibleAtMs <= nowMs) settle(queue, nowMs);
  };
  const discard: Queues['discard'] = (queue, messageId) => {
    queue.backlog.remove(messageId);
    storedMessages.delete(messageId);
  };

  /** Moves the message to the dead-letter queue if it has had its receives; says whether it did. */
  const deadLetter = (queue: Queue, message: StoredMessage, nowMs: number): boolean => {
    const policy = queue.stored.attributes.DlqPolicy;
    if (policy === null || !policy.Enabled || message.dequeueCount < policy.MaxReceiveCount) return false;
    const target = all.get(policy.DeadLetterTargetQueue);
    // Without its dead-letter queue a message has nowhere to go and stays.
    if (target === undefined) return false;
    queue.backlog.remove(message.messageId);
    const moved: StoredMessage = {
      ...message,
      queueName: target.stored.name,
      sequence: nextSequence++,
      enqueuedAtMs: nowMs,
      expiresAtMs: nowMs + target.stored.attributes.MessageRetentionPeriod * 1_000,
      visibleAtMs: nowMs,
      dequeueCount: 0,
      firstDequeuedAtMs: null,
      receiptHandle: null,
    };
    keep(target, moved, nowMs);
    timeline.record({
      source: 'mns',
      kind: 'message-dead-lettered',
      text: `message ${message.messageId} moved from ${queue.stored.name} to ${target.stored.name} after ${message.dequeueCount} receives`,
      details: { queueName: queue.stored.name, target: target.stored.name, messageId: message.messageId },
    });
    serve(target, nowMs);
    return true;
  };

  /** Brings the queue up to `nowMs`: expired messages go, hidden ones whose time has come turn visible. */
  const settle = (queue: Queue, nowMs: number) => {
    const { backlog } = queue;
    for (;;) {
      const expired = backlog.firstExpiring();
      if (expired === undefined || expired.expiresAtMs > nowMs) break;
      discard(queue, expired.messageId);
    }
    for (;;) {
      const due = backlog.firstHidden();
      if (due === undefined || due.visibleAtMs > nowMs) break;
      if (!deadLetter(queue, due, nowMs)) backlog.put(due, 'active');
    }
  };

  const show: Queues['show'] = (message) => ({
    messageId: message.messageId,
    body: message.body,
    messageBodyMd5: bodyMd5(message.body, switches),
    enqueuedAtMs: message.enqueuedAtMs,
    firstDequeuedAtMs: message.firstDequeuedAtMs,
    dequeueCount: message.dequeueCount,
    priority: message.priority,
  });

  const receive: Queues['receive'] = (queue, count, visibilityTimeoutMs, nowMs) => {
    const received: Array<ReceivedMessage> = [];
    const hideForMs = visibilityTimeoutMs ?? queue.stored.attributes.VisibilityTimeout * 1_000;
    while (received.length < count) {
      const message = queue.backlog.firstActive();
      if (message === undefined) break;
      // A policy that was set while the message was visible.
      if (deadLetter(queue, message, nowMs)) continue;
      const receiptHandle = newReceiptHandle(ids, message.messageId, message.priority);
      const taken: StoredMessage = {
        ...message,
        dequeueCount: message.dequeueCount + 1,
        firstDequeuedAtMs: message.firstDequeuedAtMs ?? nowMs,
        visibleAtMs: nowMs + hideForMs,
        receiptHandle,
      };
      keep(queue, taken, nowMs);
      received.push({ ...show(taken), receiptHandle, nextVisibleAtMs: taken.visibleAtMs });
    }
    return received;
  };

  /** Hands visible messages to those who wait, and sees to it that the queue is looked at again in time. */
  const serve: Queues['serve'] = (queue, nowMs) => {
    for (const waiter of queue.waiters) {
      const messages = receive(queue, waiter.count, waiter.visibilityTimeoutMs, nowMs);
      if (messages.length === 0) break;
      waiter.finish(messages);
    }
    // Without someone waiting, here or at the dead-letter queue, it is enough to look at the next call.
    const isWatched = queue.waiters.size > 0 || queue.stored.attributes.DlqPolicy?.Enabled === true;
    const wakeAtMs = isWatched && !closed ? (queue.backlog.firstHidden()?.visibleAtMs ?? null) : null;
    queue.setAlarm(wakeAtMs, () => {
      const dueMs = Math.max(clock.nowMs(), wakeAtMs ?? 0);
      settle(queue, dueMs);
      serve(queue, dueMs);
    });
  };

  for (const stored of storedQueues.values()) all.set(stored.name, new Queue(stored, clock));
  for (const message of [...storedMessages.values()]) {
    nextSequence = Math.max(nextSequence, message.sequence + 1);
    const queue = all.get(message.queueName);
    if (queue === undefined) storedMessages.delete(message.messageId);
    else hidden(queue, message);
  }
  const openedAtMs = clock.nowMs();
  for (const queue of all.values()) {
    settle(queue, openedAtMs);
    serve(queue, openedAtMs);
  }

  return {
    all,
    find,
    keep,
    discard,
    receive,
    serve,
    show,
    open(queueName) {
      const queue = find(queueName);
      const nowMs = clock.nowMs();
      settle(queue, nowMs);
      return { queue, nowMs };
    },
    save(stored) {
      storedQueues.set(stored.name, stored);
      const queue = all.get(stored.name) ?? new Queue(stored, clock);
      queue.stored = stored;
      all.set(stored.name, queue);
      return queue;
    },
    remove(queue) {
      for (const message of queue.backlog.messages()) storedMessages.delete(message.messageId);
      queue.setAlarm(null);
      all.delete(queue.stored.name);
      storedQueues.delete(queue.stored.name);
      for (const waiter of queue.waiters) waiter.fail(queueNotExist());
    },
    takeSequence: () => nextSequence++,
    isClosed: () => closed,
    close() {
      closed = true;
      for (const queue of all.values()) {
        queue.setAlarm(null);
        for (const waiter of queue.waiters) waiter.finish([]);
      }
    },
  };
}
