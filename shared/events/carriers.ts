import { parseForm } from './form.ts';
import { isObject, type JsonObject, own } from './json.ts';

/** Largest payload that is parsed, in bytes: what FC hands to a synchronous invocation at most. */
export const PAYLOAD_BYTES_MAX = 32 * 1024 * 1024;
/** Largest single message that is parsed, in bytes: EventBridge's limit; an MNS message has 64 KB at most. */
export const MESSAGE_BYTES_MAX = 256 * 1024;
/** Messages taken from one payload: the largest batch window of an event stream. */
export const MESSAGES_MAX = 10_000;
/** Carriers and texts that may lie around one message; documented trips need five. */
export const WRAPPINGS_MAX = 8;

/** One message, out of all its wrappings. */
export interface CarriedMessage {
  readonly kind: 'carried';
  /** The queue's or topic's id, with `#n` behind it for the n-th of several events in one message; else `null`. */
  readonly messageId: string | null;
  readonly content: JsonObject;
  /** The message as its innermost carrier held it, before Base64 and JSON were undone. */
  readonly text: string;
}

/** One message, or a whole payload, that cannot be unwrapped. */
export interface UnreadableMessage {
  readonly kind: 'unreadable';
  readonly messageId: string | null;
  /** As above; for a payload that is not UTF-8 its Base64, for one that is too large its beginning. */
  readonly text: string;
  readonly reason: string;
}

/** The messages of a payload, in its order. Nothing is dropped: each ends as one of the two kinds. */
export type UnwrapResult = ReadonlyArray<CarriedMessage | UnreadableMessage>;

/** Where unwrapping stands. */
interface Place {
  readonly messageId: string | null;
  /** `null`: no text of its own yet, as for an object in an array. */
  readonly text: string | null;
  readonly wrappings: number;
}

/**
 * Takes the messages out of the bytes that FC hands to a function, through every documented carrier, in any nesting:
 *
 * - an array, its items objects or JSON texts (event streams always deliver arrays, even for one message);
 * - a CloudEvent of an MNS queue (`data.messageBody`), or that `data` alone (event schema `RawData`);
 * - the JSON envelope of an MNS topic (`Message`), or `{"body", "attrs"}` (STREAM with attributes);
 * - text: JSON or the form of an alarm (`name=value&…`), or else the strict Base64 of either.
 *
 * What is none of these is a message's content. One bad message never spoils the others; sizes are checked before
 * anything is parsed; nothing is thrown.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc-3-0/user-guide/trigger-event-format
 */
export function unwrap(payload: Buffer): UnwrapResult {
  if (payload.byteLength > PAYLOAD_BYTES_MAX) {
    const text = payload.toString('utf8', 0, MESSAGE_BYTES_MAX);
    return [unreadable(null, text, `payload larger than ${PAYLOAD_BYTES_MAX} bytes`)];
  }
  const text = decodeUtf8(payload);
  if (text === null) return [unreadable(null, payload.toString('base64'), 'payload is not UTF-8 text')];
  const parsed = parseText(text);
  if (parsed === undefined) return [unreadable(null, text, `payload is ${NOT_READABLE}`)];
  const unwrapping = new Unwrapping(text);
  unwrapping.open(parsed, { messageId: null, text, wrappings: 0 });
  return unwrapping.messages;
}

/** One run over one payload: collects the messages in order. */
class Unwrapping {
  readonly messages: Array<CarriedMessage | UnreadableMessage> = [];
  readonly #payloadText: string;

  constructor(payloadText: string) {
    this.#payloadText = payloadText;
  }

  open(value: unknown, place: Place): void {
    if (place.wrappings > WRAPPINGS_MAX)
      this.#refuse(value, place, `wrapped more than ${WRAPPINGS_MAX} times`);
    else if (typeof value === 'string') this.#openText(value, place);
    else if (Array.isArray(value)) this.#openArray(value, place);
    else if (isObject(value)) this.#openObject(value, place);
    else this.#refuse(value, place, 'neither an object nor a list');
  }

  #openText(text: string, place: Place): void {
    if (isTooLarge(text)) {
      this.#refuse(text, place, TOO_LARGE);
      return;
    }
    const parsed = parseText(text);
    if (parsed === undefined) this.#refuse(text, place, NOT_READABLE);
    else this.open(parsed, { ...place, text: place.text ?? text, wrappings: place.wrappings + 1 });
  }

  #openArray(items: ReadonlyArray<unknown>, place: Place): void {
    // An empty batch holds no message; an empty list inside a message is all that the message says.
    if (items.length === 0 && place.wrappings > 0) this.#refuse(items, place, 'an empty list');
    for (const [index, item] of items.entries()) {
      if (this.messages.length >= MESSAGES_MAX) {
        const rest = { ...place, text: null };
        this.#refuse(items.slice(index), rest, `beyond ${MESSAGES_MAX} messages in one payload`);
        return;
      }
      this.open(item, {
        messageId: place.messageId === null ? null : `${place.messageId}#${index}`,
        text: typeof item === 'string' ? item : null,
        wrappings: place.wrappings + 1,
      });
    }
  }

  #openObject(object: JsonObject, place: Place): void {
    const carrier = readCarrier(object);
    if (carrier === null) {
      this.#keep(object, place);
      return;
    }
    this.open(carrier.body, {
      messageId: carrier.messageId ?? place.messageId,
      text: typeof carrier.body === 'string' ? carrier.body : null,
      wrappings: place.wrappings + 1,
    });
  }

  #keep(content: JsonObject, place: Place): void {
    const text = place.text ?? this.#print(content);
    if (isTooLarge(text)) this.#refuse(content, { ...place, text }, TOO_LARGE);
    else this.messages.push({ kind: 'carried', messageId: place.messageId, content, text });
  }

  #refuse(value: unknown, place: Place, reason: string): void {
    this.messages.push(unreadable(place.messageId, place.text ?? this.#print(value), reason));
  }

  /** JSON text of a value; the whole payload's when the value is nested too deeply to be printed. */
  #print(value: unknown): string {
    return isDeeperThan(PRINTED_NESTING, value) ? this.#payloadText : JSON.stringify(value);
  }
}

/**
 * Deeper values are not printed. `JSON.stringify` looks through all that a value is in for each value, so that its time grows
 * with the square of the depth, before it finds the stack exhausted.
 */
const PRINTED_NESTING = 200;

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member));
}

const NOT_READABLE = 'neither JSON nor the form of an alarm, nor Base64 of either';
const TOO_LARGE = `larger than ${MESSAGE_BYTES_MAX} bytes`;

function isTooLarge(text: string): boolean {
  return Buffer.byteLength(text) > MESSAGE_BYTES_MAX;
}

/** What the object carries, and under which message id; `null` when it is no carrier but content. */
function readCarrier(object: JsonObject): { body: unknown; messageId: string | null } | null {
  const data = own(object, 'data');
  if (isObject(data) && isBody(own(data, 'messageBody'))) {
    return { body: own(data, 'messageBody'), messageId: messageIdOf(own(data, 'messageId')) };
  }
  const isRawData = Object.hasOwn(object, 'messageId') || Object.hasOwn(object, 'requestId');
  if (isRawData && isBody(own(object, 'messageBody'))) {
    return { body: own(object, 'messageBody'), messageId: messageIdOf(own(object, 'messageId')) };
  }
  const isTopic = ['TopicName', 'TopicOwner', 'SubscriptionName'].some((name) => Object.hasOwn(object, name));
  if (isTopic && isBody(own(object, 'Message'))) {
    return { body: own(object, 'Message'), messageId: messageIdOf(own(object, 'MessageId')) };
  }
  const isStream = Object.hasOwn(object, 'attrs') || Object.keys(object).length === 1;
  if (isStream && isBody(own(object, 'body'))) return { body: own(object, 'body'), messageId: null };
  return null;
}

/** Bodies are documented as text; an object is what a carrier that parses for us would leave. */
function isBody(value: unknown): boolean {
  return typeof value === 'string' || isObject(value);
}

/** Message ids end up in table keys: anything but a short plain word is no id. */
function messageIdOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\w.:-]{1,128}$/.test(value) ? value : null;
}

/** The text itself if it can be read as it is, or if nothing can be made of it; else what its strict Base64 holds. */
export function plainText(text: string): string {
  if (parsePlain(text) !== undefined) return text;
  const bytes = decodeBase64(text.trim());
  const decoded = bytes === null ? null : decodeUtf8(bytes);
  return decoded ?? text;
}

/** The value of a text, or of the strict Base64 of one; `undefined` when it is neither. */
function parseText(text: string): unknown {
  const plain = parsePlain(text);
  if (plain !== undefined) return plain;
  const bytes = decodeBase64(text.trim());
  if (bytes === null) return undefined;
  const decoded = decodeUtf8(bytes);
  return decoded === null ? undefined : parsePlain(decoded);
}

function parsePlain(text: string): unknown {
  const json = parseJson(text);
  return json === undefined ? parseForm(text) : json;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Node decodes anything; only text that it would write back the same way was Base64. */
function decodeBase64(text: string): Buffer | null {
  if (text.length === 0 || text.length % 4 !== 0) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 text without its byte order mark; `null` when the bytes are not UTF-8. */
function decodeUtf8(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

function unreadable(messageId: string | null, text: string, reason: string): UnreadableMessage {
  return { kind: 'unreadable', messageId, text, reason };
}
