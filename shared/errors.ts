/** Where a failure came from, for people and for the vendor's support. */
export interface FailureOrigin {
  /** The API operation, `AddVServerGroupBackendServers`; `null` when no call was made. */
  readonly api: string | null;
  /** The vendor's code, `VServerGroupProcessing`; `null` when there was no answer. */
  readonly code: string | null;
  readonly requestId: string | null;
}

const NO_ORIGIN: FailureOrigin = { api: null, code: null, requestId: null };

/** What the failures of this project have in common; they are told apart by what the caller does next. */
abstract class ProjectError extends Error {
  readonly origin: FailureOrigin;

  constructor(message: string, origin: FailureOrigin = NO_ORIGIN, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.origin = origin;
  }
}

/** It can never work as asked: do not repeat it, tell somebody. */
export class RejectedError extends ProjectError {
  override readonly name = 'RejectedError';
  /** It is not worth asking again sooner than this, for whoever has put it right meanwhile; `null` = the caller's own patience. */
  readonly heldForMs: number | null;

  constructor(
    message: string,
    origin: FailureOrigin = NO_ORIGIN,
    cause?: unknown,
    options: { readonly heldForMs?: number | null } = {},
  ) {
    super(message, origin, cause);
    this.heldForMs = options.heldForMs ?? null;
  }
}

/** It may work later: come back after `retryAfterMs`, or after your own back-off when that is `null`. */
export class TransientError extends ProjectError {
  override readonly name = 'TransientError';
  readonly reason: TransientReason;
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    reason: TransientReason,
    origin: FailureOrigin = NO_ORIGIN,
    options: { retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, origin, options.cause);
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/**
 * Why a transient failure happened. `busy`: the resource is being changed; `throttled`: too many calls;
 * `not-yet`: the cloud does not know of a state that is about to come; `unavailable`: refused before it took effect;
 * `unknown-outcome`: the call may or may not have taken effect, so read before deciding anything;
 * `unrecognised`: refused with a code that nobody has told us of, which a few tries may outlast; after them it is held.
 */
export type TransientReason =
  | 'busy'
  | 'throttled'
  | 'not-yet'
  | 'unavailable'
  | 'unknown-outcome'
  | 'unrecognised';

/** Somebody else changed it in between: observe again, plan again. */
export class ConflictError extends ProjectError {
  override readonly name = 'ConflictError';
}

/** What must never be has been seen: a defect. Stop and tell. */
export class InvariantError extends ProjectError {
  override readonly name = 'InvariantError';
}

/** What a cloud answers instead of doing what it was asked, or does not answer at all; each says what comes next. */
export type Refusal = RejectedError | TransientError | ConflictError | InvariantError;

/** Whether a call came to that. A conflict or a defect of our own, without a call, is none. */
export function isRefusal(error: unknown): error is Refusal {
  if (error instanceof RejectedError || error instanceof TransientError) return true;
  const isOther = error instanceof ConflictError || error instanceof InvariantError;
  return isOther && error.origin.api !== null;
}

/** One line for people: what failed, with the API's code and request id where there is one. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof ProjectError)) {
    return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
  }
  const { api, code, requestId } = error.origin;
  const parts = [api, code, requestId === null ? null : `request ${requestId}`].filter(
    (part) => part !== null,
  );
  return parts.length === 0 ? error.message : `${error.message} (${parts.join(', ')})`;
}
