import { createHash } from 'node:crypto';
import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import type { Switches } from '../switches.ts';
import { invalidArgument, messageNotExist, requireWithin } from './errors.ts';

/** A message as the world keeps it. */
export interface StoredMessage {
  readonly messageId: string;
  readonly queueName: string;
  /** The text exactly as it was sent. */
  readonly body: string;
  /** 1 to 16, lower first. */
  readonly priority: number;
  /** Order of sending within the world; messages of one priority come out in it. */
  readonly sequence: number;
  readonly enqueuedAtMs: number;
  readonly expiresAtMs: number;
  /** Hidden until then, by a delay or by a receive. */
  readonly visibleAtMs: number;
  readonly dequeueCount: number;
  /** `null` = never received. */
  readonly firstDequeuedAtMs: number | null;
  /** The only handle that is valid now, as long as the message is hidden; `null` = none was given out. */
  readonly receiptHandle: string | null;
}

/** A message to send. */
export interface OutgoingMessage {
  readonly body: string;
  /** 0 to 604,800; left out = the queue's. */
  readonly delaySeconds?: number;
  /** 1 to 16, lower first; left out = 8. */
  readonly priority?: number;
}

/** The answer to a send. */
export interface SentMessage {
  readonly messageId: string;
  readonly messageBodyMd5: string;
  /** Given for delayed messages only: deletes the message before it becomes visible. */
  readonly receiptHandle: string | null;
}

/** One message of a batch that was refused, in the words of the cloud. */
export interface BatchFailure {
  readonly errorCode: string;
  readonly errorMessage: string;
}

/** A message as a peek shows it. */
export interface PeekedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly messageBodyMd5: string;
  readonly enqueuedAtMs: number;
  /** `null` = never received. */
  readonly firstDequeuedAtMs: number | null;
  readonly dequeueCount: number;
  readonly priority: number;
}

/** A message as a receive hands it out. */
export interface ReceivedMessage extends PeekedMessage {
  /** Valid until {@link ReceivedMessage.nextVisibleAtMs}, or until it is replaced by a change of visibility. */
  readonly receiptHandle: string;
  readonly nextVisibleAtMs: number;
}

const DEFAULT_PRIORITY = 8;

// XML 1.0 cannot carry these at all, so that a receiver could not even read the answer.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the forbidden characters are the point.
const FORBIDDEN_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Throws `InvalidArgument` when the message breaks a bound. `maximumBytes` is the queue's. */
export function requireOutgoing(message: OutgoingMessage, maximumBytes: number): void {
  const bytes = Buffer.byteLength(message.body);
  if (bytes === 0 || bytes > maximumBytes) {
    throw invalidArgument(`The length of message should be larger than 0 and no more than ${maximumBytes}.`);
  }
  if (FORBIDDEN_IN_XML.test(message.body)) {
    throw invalidArgument('MessageBody holds a character that XML cannot carry.');
  }
  if (message.delaySeconds !== undefined) {
    requireWithin('DelaySeconds', message.delaySeconds, 0, 604_800, 'seconds');
  }
  if (message.priority !== undefined) requireWithin('Priority', message.priority, 1, 16, '');
}

/** The priority that the message gets. */
export function priorityOf(message: OutgoingMessage): number {
  return message.priority ?? DEFAULT_PRIORITY;
}

/**
 * A message id in the vendor's spelling (32 upper-case hex digits). It starts with the time, so that a world that is
 * opened again on its folder with the same seed never gives out an id twice.
 */
export function newMessageId({ clock, ids }: Pick<Foundation, 'clock' | 'ids'>): string {
  return `${clock.nowMs().toString(16).toUpperCase().padStart(12, '0')}${ids.hex(20)}`;
}

/** A new handle; only characters that stand in a URL as they are. */
export function newReceiptHandle(ids: Foundation['ids'], messageId: string, priority: number): string {
  return `${priority}-${messageId}-${ids.hex(12)}`;
}

/** The message id in a handle. Throws `ReceiptHandleError` (400) for text that can never have been a handle. */
export function messageIdOf(receiptHandle: string): string {
  const id = /^\d{1,2}-([0-9A-F]{32})-[0-9A-F]{12}$/.exec(receiptHandle)?.[1];
  if (id !== undefined) return id;
  throw new CloudError(400, 'ReceiptHandleError', 'The receipt handle you provide is not valid.');
}

/** Throws `MessageNotExist` unless the handle is the message's current one and the message is still hidden. */
export function requireCurrentHandle(message: StoredMessage, receiptHandle: string, nowMs: number): void {
  if (message.receiptHandle !== receiptHandle || message.visibleAtMs <= nowMs) throw messageNotExist();
}

/** `MessageBodyMD5`: upper-case hex, of the text or of what it decodes to (switch `mnsBodyMd5Of`). */
export function bodyMd5(body: string, switches: Switches): string {
  const bytes =
    switches.mnsBodyMd5Of === 'decoded-body' ? Buffer.from(body, 'base64') : Buffer.from(body, 'utf8');
  return createHash('md5').update(bytes).digest('hex').toUpperCase();
}
