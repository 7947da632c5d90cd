import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import {
  DEFAULT_QUEUE_ATTRIBUTES,
  type QueueAttributes,
  requireQueueAttributes,
  requireQueueName,
  sameQueueAttributes,
} from './attributes.ts';
import { invalidArgument, messageNotExist, queueNotExist, requireWithin } from './errors.ts';
import { longPoll, type TakeOptions } from './long-poll.ts';
import {
  type BatchFailure,
  bodyMd5,
  messageIdOf,
  newMessageId,
  newReceiptHandle,
  type OutgoingMessage,
  type PeekedMessage,
  priorityOf,
  type ReceivedMessage,
  requireCurrentHandle,
  requireOutgoing,
  type SentMessage,
  type StoredMessage,
} from './message.ts';
import type { Queue, QueueDescription } from './queue.ts';
import { createQueues } from './queues.ts';

/** Messages in one batch call. */
export const BATCH_MAX = 16;
/** Bytes of all bodies in one batch call. */
export const BATCH_BYTES_MAX = 65_536;

/**
 * The message queues of the account (MNS, now SMQ; API 2015-06-06). Nothing here judges the caller: skins do that at
 * the gate. Every method throws the cloud's own {@link CloudError}, `QueueNotExist` (404) among them.
 */
export interface Mns {
  /** `unchanged` = it exists with these very attributes. Throws `QueueAlreadyExist` (409) when they differ. */
  createQueue(queueName: string, attributes?: Partial<QueueAttributes>): 'created' | 'unchanged';
  /** Attributes left out stay as they are. */
  setQueueAttributes(queueName: string, attributes: Partial<QueueAttributes>): void;
  getQueueAttributes(queueName: string): QueueDescription;
  /** Deletes the queue with its messages; a queue that does not exist is fine. */
  deleteQueue(queueName: string): void;
  /** Queues in the order of their names, from after `marker` on. */
  listQueues(options: { prefix: string; marker: string; limit: number }): {
    queues: Array<QueueDescription>;
    nextMarker: string | null;
  };
  sendMessage(queueName: string, message: OutgoingMessage): SentMessage;
  /** 1 to 16 messages, 64 KB together; each one is sent or refused by itself. */
  sendMessages(
    queueName: string,
    messages: ReadonlyArray<OutgoingMessage>,
  ): Array<SentMessage | BatchFailure>;
  /** Up to `count` (1 to 16) messages; waits `waitSeconds` (0 to 30, left out = the queue's). Empty = nothing came. */
  receiveMessages(
    queueName: string,
    options: { count: number; waitSeconds?: number; signal?: AbortSignal },
  ): Promise<Array<ReceivedMessage>>;
  /** Shows up to `count` (1 to 16) active messages and changes nothing. */
  peekMessages(queueName: string, count: number): Array<PeekedMessage>;
  /** Throws `ReceiptHandleError` (400) or `MessageNotExist` (404). */
  deleteMessage(queueName: string, receiptHandle: string): void;
  /** 1 to 16 handles; `null` in the place of each one that was deleted. */
  deleteMessages(queueName: string, receiptHandles: ReadonlyArray<string>): Array<BatchFailure | null>;
  /** Hides the message for 1 to 43,200 seconds from now. The handle that is returned replaces the old one. */
  changeMessageVisibility(
    queueName: string,
    receiptHandle: string,
    visibilityTimeoutSeconds: number,
  ): { receiptHandle: string; nextVisibleAtMs: number };
  /** {@link Mns.receiveMessages} without its bounds. */
  take(queueName: string, options: TakeOptions): Promise<Array<ReceivedMessage>>;
  /** {@link Mns.changeMessageVisibility} without its bounds; 0 gives the message back at once. */
  hide(
    queueName: string,
    receiptHandle: string,
    forMs: number,
  ): { receiptHandle: string; nextVisibleAtMs: number };
  /** Ends all waits with empty answers and stops all timers; state stays as it is. */
  close(): void;
}

/** The queues kept in the foundation's store. Messages that were hidden stay hidden for what is left of their time. */
export function createMns(foundation: Foundation): Mns {
  const { clock, ids, switches } = foundation;
  const queues = createQueues(foundation);

  const describe = (queueName: string): QueueDescription => {
    const { queue, nowMs } = queues.open(queueName);
    queues.serve(queue, nowMs);
    return {
      ...queue.stored,
      activeMessages: queue.backlog.count('active'),
      inactiveMessages: queue.backlog.count('inactive'),
      delayMessages: queue.backlog.count('delayed'),
    };
  };

  const requireTarget = ({ DlqPolicy }: QueueAttributes) => {
    if (DlqPolicy?.Enabled === true && !queues.all.has(DlqPolicy.DeadLetterTargetQueue))
      throw queueNotExist();
  };

  const send = (queue: Queue, message: OutgoingMessage, nowMs: number): SentMessage => {
    const { attributes, name } = queue.stored;
    requireOutgoing(message, attributes.MaximumMessageSize);
    const delaySeconds = message.delaySeconds ?? attributes.DelaySeconds;
    const messageId = newMessageId(foundation);
    const priority = priorityOf(message);
    const receiptHandle = delaySeconds > 0 ? newReceiptHandle(ids, messageId, priority) : null;
    queues.keep(
      queue,
      {
        messageId,
        queueName: name,
        body: message.body,
        priority,
        sequence: queues.takeSequence(),
        enqueuedAtMs: nowMs,
        expiresAtMs: nowMs + attributes.MessageRetentionPeriod * 1_000,
        visibleAtMs: nowMs + delaySeconds * 1_000,
        dequeueCount: 0,
        firstDequeuedAtMs: null,
        receiptHandle,
      },
      nowMs,
    );
    return { messageId, messageBodyMd5: bodyMd5(message.body, switches), receiptHandle };
  };

  const current = (queue: Queue, receiptHandle: string, nowMs: number): StoredMessage => {
    const message = queue.backlog.get(messageIdOf(receiptHandle));
    if (message === undefined) throw messageNotExist();
    requireCurrentHandle(message, receiptHandle, nowMs);
    return message;
  };

  const hide: Mns['hide'] = (queueName, receiptHandle, forMs) => {
    const { queue, nowMs } = queues.open(queueName);
    const message = current(queue, receiptHandle, nowMs);
    const nextVisibleAtMs = nowMs + forMs;
    const replacement = newReceiptHandle(ids, message.messageId, message.priority);
    queues.keep(queue, { ...message, visibleAtMs: nextVisibleAtMs, receiptHandle: replacement }, nowMs);
    queues.serve(queue, nowMs);
    return { receiptHandle: replacement, nextVisibleAtMs };
  };

  const take: Mns['take'] = async (queueName, options) => {
    const { queue, nowMs } = queues.open(queueName);
    const messages = queues.receive(queue, options.count, options.visibilityTimeoutMs ?? null, nowMs);
    const mayWait = messages.length === 0 && options.waitMs > 0 && !queues.isClosed();
    const awaited = mayWait ? longPoll(queue, clock, options) : messages;
    queues.serve(queue, nowMs);
    return awaited;
  };

  return {
    createQueue(queueName, given = {}) {
      requireQueueName(queueName);
      const attributes = { ...DEFAULT_QUEUE_ATTRIBUTES, ...given };
      requireQueueAttributes(queueName, attributes);
      const existing = queues.all.get(queueName);
      if (existing !== undefined) {
        if (sameQueueAttributes(existing.stored.attributes, attributes)) return 'unchanged';
        throw new CloudError(
          409,
          'QueueAlreadyExist',
          'The queue you want to create is already exist, and has different attributes.',
        );
      }
      requireTarget(attributes);
      const nowMs = clock.nowMs();
      queues.save({ name: queueName, attributes, createdAtMs: nowMs, modifiedAtMs: nowMs });
      return 'created';
    },
    setQueueAttributes(queueName, given) {
      const { queue, nowMs } = queues.open(queueName);
      const attributes = { ...queue.stored.attributes, ...given };
      requireQueueAttributes(queueName, attributes);
      requireTarget(attributes);
      queues.save({ ...queue.stored, attributes, modifiedAtMs: nowMs });
      queues.serve(queue, nowMs);
    },
    getQueueAttributes: describe,
    deleteQueue(queueName) {
      const queue = queues.all.get(queueName);
      if (queue === undefined) return;
      queues.remove(queue);
    },
    listQueues({ prefix, marker, limit }) {
      requireWithin('x-mns-ret-number', limit, 1, 1_000, '');
      const names = [...queues.all.keys()].filter((name) => name.startsWith(prefix) && name > marker).sort();
      const page = names.slice(0, limit);
      return {
        queues: page.map(describe),
        nextMarker: names.length > page.length ? (page.at(-1) ?? null) : null,
      };
    },
    sendMessage(queueName, message) {
      const { queue, nowMs } = queues.open(queueName);
      const sent = send(queue, message, nowMs);
      queues.serve(queue, nowMs);
      return sent;
    },
    sendMessages(queueName, messages) {
      requireBatch(messages.length);
      const bytes = messages.reduce((total, { body }) => total + Buffer.byteLength(body), 0);
      if (bytes > BATCH_BYTES_MAX) {
        throw invalidArgument(`The length of all messages should be no more than ${BATCH_BYTES_MAX} bytes.`);
      }
      const { queue, nowMs } = queues.open(queueName);
      const results = messages.map((message) => orFailure(() => send(queue, message, nowMs)));
      queues.serve(queue, nowMs);
      return results;
    },
    async receiveMessages(queueName, { count, waitSeconds, ...rest }) {
      requireBatch(count);
      const wait = waitSeconds ?? queues.find(queueName).stored.attributes.PollingWaitSeconds;
      requireWithin('waitseconds', wait, 0, 30, 'seconds');
      return take(queueName, { count, waitMs: wait * 1_000, ...rest });
    },
    peekMessages(queueName, count) {
      requireBatch(count);
      const { queue, nowMs } = queues.open(queueName);
      queues.serve(queue, nowMs);
      return queue.backlog.firstActives(count).map(queues.show);
    },
    deleteMessage(queueName, receiptHandle) {
      const { queue, nowMs } = queues.open(queueName);
      queues.discard(queue, current(queue, receiptHandle, nowMs).messageId);
      queues.serve(queue, nowMs);
    },
    deleteMessages(queueName, receiptHandles) {
      requireBatch(receiptHandles.length);
      const { queue, nowMs } = queues.open(queueName);
      const results = receiptHandles.map((handle) =>
        orFailure(() => {
          queues.discard(queue, current(queue, handle, nowMs).messageId);
          return null;
        }),
      );
      queues.serve(queue, nowMs);
      return results;
    },
    changeMessageVisibility(queueName, receiptHandle, visibilityTimeoutSeconds) {
      requireWithin('VisibilityTimeout', visibilityTimeoutSeconds, 1, 43_200, 'seconds');
      return hide(queueName, receiptHandle, visibilityTimeoutSeconds * 1_000);
    },
    take,
    hide,
    close: queues.close,
  };
}

function requireBatch(count: number): void {
  requireWithin('numOfMessages', count, 1, BATCH_MAX, '');
}

/** The result, or the cloud's refusal as data; other errors pass. */
function orFailure<T>(run: () => T): T | BatchFailure {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return { errorCode: error.code, errorMessage: error.message };
  }
}
