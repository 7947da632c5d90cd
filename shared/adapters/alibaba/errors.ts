import {
  ConflictError,
  type FailureOrigin,
  InvariantError,
  type Refusal,
  TransientError,
} from '../../errors.ts';
import {
  type Meaning,
  type NextAction,
  type RefusalTable,
  THROTTLED,
  UNKNOWN_OUTCOME,
} from './refusals/model.ts';

/** Longer waits than this are not believed. */
const RETRY_AFTER_MAX_MS = 600_000;
const VENDOR_TEXT_MAX = 500;
const USED_UP = 'the calls that the account may make of this operation are used up for the moment';

/** What the SDK throws, as far as it is reliable: names survive minification, classes do not. */
interface SdkFailure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly requestId?: unknown;
  readonly retryAfter?: unknown;
  readonly data?: { readonly Message?: unknown };
}

/** The project's error for what the SDK threw: which one, and in which words, is for the product's table to say. */
export function errorOf(api: string, failure: unknown, refusals: RefusalTable): Refusal {
  const { name, code, requestId, retryAfter, data, statusCode } = (failure ?? {}) as SdkFailure;
  if (!isText(code) || typeof statusCode !== 'number') {
    // No answer, or an error page that is not the vendor's: a write may have taken effect.
    const why = isText(code) ? code : String(name ?? 'no reason given');
    const origin = { api, code: null, requestId: null };
    return new TransientError(`${api} did not answer: ${why}`, 'unknown-outcome', origin, { cause: failure });
  }
  const origin: FailureOrigin = { api, code, requestId: isText(requestId) ? requestId : null };
  const words = vendorText(code, data?.Message);
  // Function Compute has other words for it: `ResourceExhausted`, `ResourceThrottled`.
  const isThrottled = code.includes('Throttling') || statusCode === 429;
  const meaning = isThrottled ? null : refusals.find({ api, code, status: statusCode, words });
  const next = isThrottled
    ? THROTTLED
    : (meaning?.next ?? (statusCode >= 500 ? UNKNOWN_OUTCOME : refusals.unknown));
  const message = isThrottled ? USED_UP : messageOf(api, meaning, words);
  return errorFor(next, message, origin, readRetryAfter(retryAfter), failure);
}

function errorFor(
  next: NextAction,
  message: string,
  origin: FailureOrigin,
  retryAfterMs: number | null,
  cause: unknown,
): Refusal {
  switch (next.kind) {
    case 'transient':
      return new TransientError(message, next.reason, origin, { retryAfterMs, cause });
    case 'rejected':
      return new next.as(message, origin, cause, { heldForMs: next.heldForMs });
    case 'conflict':
      return new ConflictError(message, origin, cause);
    case 'invariant':
      return new InvariantError(`a defect of slb-autopilot, please report it: ${message}`, origin, cause);
  }
}

/** Our sentence where we have one, the vendor's words where they say more. */
function messageOf(api: string, meaning: Meaning | null, words: string): string {
  if (meaning === null) return `${api} was refused: ${words === '' ? 'no reason given' : words}`;
  return meaning.isQuoted && words !== '' ? `${meaning.text}; in its own words: ${words}` : meaning.text;
}

function readRetryAfter(retryAfter: unknown): number | null {
  return typeof retryAfter === 'number' && retryAfter > 0 ? Math.min(retryAfter, RETRY_AFTER_MAX_MS) : null;
}

/** The SDK prints what is missing in an answer as the text `undefined`. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== 'undefined';
}

/** The vendor's words, except about signatures: there it repeats what was signed, the security token too. */
function vendorText(code: string, message: unknown): string {
  if (/signature/i.test(code)) return 'the signature was not accepted';
  return isText(message) ? message.slice(0, VENDOR_TEXT_MAX) : '';
}
