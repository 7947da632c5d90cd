import * as z from 'zod';
import { ChangeRequestSchema, REQUEST_BYTES_MAX, REQUEST_KIND } from '../requests/document.ts';
import type { CarriedMessage } from './carriers.ts';
import { canonicalFault, canonicalHash, isObject, type JsonObject, own } from './json.ts';
import type { ChangeRequested, NotUnderstood } from './model.ts';
import { faultsOf } from './schema-faults.ts';

/** Marks a change request that we have put on its queue again, because nobody could take it in. */
export const REQUEST_AGAIN_KIND = 'slb-autopilot/change-request-again';

/** Attempts that a request may have behind it. */
export const ATTEMPTS_MAX = 20;
/** Largest text that may hold a request, in bytes, with its attempts around it and in Base64: MNS takes no more. */
const TEXT_BYTES_MAX = 64 * 1024;

const AgainSchema = z.strictObject({
  kind: z.literal(REQUEST_AGAIN_KIND),
  version: z.literal(1),
  /** How often it could not be taken in. */
  attempts: z.int().min(1).max(ATTEMPTS_MAX),
  /** Why, the oldest first. */
  story: z.array(z.string().max(500)).max(ATTEMPTS_MAX),
  /** As it is, since zod's records leave out a member called `__proto__`, and that it is there must be seen. */
  request: z.custom<JsonObject>(isObject, 'an object'),
});

/** Whether a message is a change request, or one that we have put on its queue again. */
export function isChangeRequest(content: JsonObject): boolean {
  const kind = own(content, 'kind');
  return kind === REQUEST_KIND || kind === REQUEST_AGAIN_KIND;
}

/**
 * Reads it, whatever it holds. What it lacks is told with the path and without the value. Its size comes first: all that
 * follows takes longer the larger it is.
 */
export function readChangeRequest(message: CarriedMessage): ChangeRequested | NotUnderstood {
  const { content } = message;
  const fault = faultOfSize(message.text, TEXT_BYTES_MAX) ?? canonicalFault(content);
  if (fault !== null) return refused(message, `change request: ${fault}`);
  if (own(content, 'kind') === REQUEST_KIND) return readRequest(message, content, 0, []);
  return readAgain(message);
}

function readAgain(message: CarriedMessage): ChangeRequested | NotUnderstood {
  const again = AgainSchema.safeParse(message.content);
  if (!again.success) return refused(message, faultsOf('change request', again.error));
  const { request, attempts, story } = again.data;
  return readRequest(message, request, attempts, story);
}

/** The message in which a request goes back onto its queue. */
export function writeAgain(request: JsonObject, attempts: number, story: ReadonlyArray<string>): string {
  const again: z.infer<typeof AgainSchema> = {
    kind: REQUEST_AGAIN_KIND,
    version: 1,
    attempts,
    story: story.map((line) => line.slice(0, 500)),
    request,
  };
  return JSON.stringify(again);
}

function readRequest(
  message: CarriedMessage,
  content: JsonObject,
  attempts: number,
  story: ReadonlyArray<string>,
): ChangeRequested | NotUnderstood {
  const fault = faultOfSize(JSON.stringify(content), REQUEST_BYTES_MAX);
  if (fault !== null) return refused(message, `change request: ${fault}`);
  const request = ChangeRequestSchema.safeParse(content);
  if (!request.success) return refused(message, faultsOf('change request', request.error));
  const payloadHash = canonicalHash(content);
  return { kind: 'change-request', request: request.data, payloadHash, attempts, story };
}

function faultOfSize(text: string, maxBytes: number): string | null {
  const bytes = Buffer.byteLength(text);
  return bytes > maxBytes ? `it has ${bytes} bytes, at most ${maxBytes} are allowed` : null;
}

function refused({ messageId, text, content }: CarriedMessage, reason: string): NotUnderstood {
  return { kind: 'not-understood', reason: reason.slice(0, 300), text, messageId, requestId: idOf(content) };
}

/** What to call a request by that cannot be read; `null` = it does not say. */
function idOf(content: JsonObject): string | null {
  const inner = own(content, 'request');
  const id = own(isObject(inner) ? inner : content, 'requestId');
  return typeof id === 'string' && /^[A-Za-z0-9._:-]{1,64}$/.test(id) ? id : null;
}
