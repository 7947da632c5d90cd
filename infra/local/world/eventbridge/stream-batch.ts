import type { Foundation } from '../foundation.ts';
import type { ReceivedMessage } from '../mns/message.ts';
import type { Mns } from '../mns/mns.ts';
import { cloudEventForMessage, newEventId } from './cloud-event.ts';
import type { EventStream } from './event-stream.ts';
import { HeldMessages } from './held-messages.ts';

/** One message of a batch with its text in the payload. */
interface BatchItem {
  readonly message: ReceivedMessage;
  readonly element: string;
  /** Of the element with its comma. */
  readonly bytes: number;
}

/** Messages that are delivered together. */
export interface StreamBatch {
  readonly messages: ReadonlyArray<ReceivedMessage>;
  /** One JSON array. */
  readonly payload: Buffer;
  readonly held: HeldMessages;
}

/** Longest payload of a synchronous invocation. */
export const PAYLOAD_BYTES_MAX = 32 * 1_024 * 1_024;
// The queue hands out 16 messages at a time.
const MESSAGES_PER_RECEIVE = 16;
const BRACKETS_BYTES = 2;

/** Gathers batches from a queue, one after the other. */
export interface BatchGatherer {
  /**
   * The next batch: waits for a first message, then gathers until the count, the time or the size is reached. `null` =
   * `signal` fired first, and what was gathered is back in the queue. Throws the queue's errors.
   */
  next(signal: AbortSignal): Promise<StreamBatch | null>;
  /** Gives back what was taken for the next batch. */
  close(): void;
}

/** The gatherer of one stream. */
export function createBatchGatherer(
  foundation: Foundation,
  deps: { mns: Mns; stream: EventStream; windowMs: number; visibilityTimeoutMs: number },
): BatchGatherer {
  const { clock } = foundation;
  const { mns, stream, windowMs, visibilityTimeoutMs } = deps;
  const { queueName } = stream;
  const { countBasedWindow } = stream.batchWindow;
  const hold = () => new HeldMessages({ mns, clock, queueName, visibilityTimeoutMs });
  // What did not fit into the batch before.
  let surplus: Array<BatchItem> = [];
  let surplusHeld = hold();

  const receive = async (count: number, waitMs: number, signal: AbortSignal): Promise<Array<BatchItem>> => {
    const messages = await mns.take(queueName, {
      count: Math.min(MESSAGES_PER_RECEIVE, count),
      waitMs,
      visibilityTimeoutMs,
      signal,
    });
    const requestId = foundation.ids.hex(24);
    return messages.map((message) => {
      const element = elementFor(foundation, stream, message, requestId);
      return { message, element, bytes: Buffer.byteLength(element) + 1 };
    });
  };

  const close = () => {
    surplusHeld.release();
    surplus = [];
  };

  return {
    close,
    async next(signal) {
      const held = surplusHeld;
      const items = surplus;
      let bytes = sizeOf(items);
      surplus = [];
      surplusHeld = hold();
      const gather = (more: ReadonlyArray<BatchItem>) => {
        held.add(more.map(({ message }) => message));
        items.push(...more);
        bytes += sizeOf(more);
      };
      try {
        if (items.length === 0) {
          gather(await receive(countBasedWindow, Number.POSITIVE_INFINITY, signal));
        }
        const endsAtMs = clock.nowMs() + windowMs;
        while (!signal.aborted && items.length < countBasedWindow && bytes < PAYLOAD_BYTES_MAX) {
          const more = await receive(countBasedWindow - items.length, endsAtMs - clock.nowMs(), signal);
          if (more.length === 0) break;
          gather(more);
        }
      } catch (error) {
        held.release();
        throw error;
      }
      if (signal.aborted || items.length === 0) {
        held.release();
        return null;
      }
      surplus = items.splice(fitting(items));
      held.moveTo(
        surplusHeld,
        surplus.map(({ message }) => message),
      );
      return {
        messages: items.map(({ message }) => message),
        payload: Buffer.from(`[${items.map(({ element }) => element).join(',')}]`, 'utf8'),
        held,
      };
    },
  };
}

/** How many of the items, from the first on, a payload can hold; at least one. */
function fitting(items: ReadonlyArray<BatchItem>): number {
  let total = BRACKETS_BYTES;
  const excess = items.findIndex(({ bytes }) => {
    total += bytes;
    return total > PAYLOAD_BYTES_MAX;
  });
  return excess < 0 ? items.length : Math.max(1, excess);
}

function sizeOf(items: ReadonlyArray<BatchItem>): number {
  return items.reduce((total, { bytes }) => total + bytes, 0);
}

function elementFor(
  foundation: Foundation,
  stream: EventStream,
  message: ReceivedMessage,
  requestId: string,
): string {
  const { switches } = foundation;
  const event = cloudEventForMessage(foundation, {
    id: switches.streamEventId === 'stable' ? stableId(message.messageId) : newEventId(foundation),
    streamName: stream.name,
    queueName: stream.queueName,
    requestId,
    messageId: message.messageId,
    messageBody:
      stream.isBase64Decode === false ? message.body : decodeBody(message.body, switches.streamNonBase64Body),
    enqueuedAtMs: message.enqueuedAtMs,
  });
  return JSON.stringify(stream.eventSchema === 'RawData' ? event.data : event);
}

function stableId(messageId: string): string {
  const hex = messageId.toLowerCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function decodeBody(body: string, otherwise: 'as-is' | 'garbled'): string {
  const isBase64 = body.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(body);
  return isBase64 || otherwise === 'garbled' ? Buffer.from(body, 'base64').toString('utf8') : body;
}
