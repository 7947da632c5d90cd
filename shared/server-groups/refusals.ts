import { backoffMs } from '../backoff.ts';
import type { Random } from '../clock.ts';
import { InvariantError, isRefusal, RejectedError, TransientError } from '../errors.ts';
import { type BackendRow, withColumns } from './backend/record.ts';
import { MissingGroupError, RefusedBackendError } from './errors.ts';
import type { RowChange } from './model.ts';

/** What a refused write means for the lane. */
export type Consequence =
  /** The account is throttled for this operation; `null` = the cloud did not say how long. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | null }
  /** The group is busy, gone or changed, or nobody knows whether the write took effect: leave it alone for so long. */
  | { readonly kind: 'hold-group'; readonly forMs: number; readonly mustRead: boolean }
  /** The backends of the call wait, each by itself, and come back in smaller calls. */
  | { readonly kind: 'set-backends-back'; readonly patience: Patience; readonly mustRead: boolean };

/** How long to go on with what is refused. */
export interface Patience {
  /** So many tries, ever further apart, before it is held; `null` = it may pass at any time. */
  readonly triesMax: number | null;
  /** Then it is looked at again after so long, and ever more seldom. */
  readonly heldForMs: number;
}

/** What was refused, and how often already. */
export interface RefusedWrite {
  /** Backends in the call. */
  readonly backends: number;
  /** Writes to the group that were refused as a whole, in a row, this one included. */
  readonly inARow: number;
  readonly settleMs: number;
}

const REJECTED_WAIT_MS = 60_000;
/** What is refused again and again is tried ever more seldom, so that it does not eat the others' calls. */
const REJECTED_WAIT_MAX_MS = 15 * 60_000;
/** Only another release, or somebody who knows what the code means, helps. */
const DEFECT_WAIT_MS = 60 * 60_000;
const BUSY_WAIT_MS = 3_000;
/** SLB says nothing of when a group is ready; a drain must not wait much longer than it. */
const BUSY_WAIT_MAX_MS = 15_000;
const BACKEND_WAIT_MS = 2_000;
/** With the waits between them a code that nobody knows has a minute to go away by itself. */
const UNRECOGNISED_TRIES = 5;

/** Decides what a refusal leads to; anything that is no refusal by the cloud is thrown on. */
export function consequenceOf(error: unknown, write: RefusedWrite, random: Random): Consequence {
  if (!isRefusal(error)) throw error;
  const { settleMs, inARow, backends } = write;
  const growing = (firstMs: number): number =>
    inARow === 1 ? firstMs : Math.max(firstMs, backoffMs(inARow, random, BUSY_WAIT_MS, BUSY_WAIT_MAX_MS));
  if (error instanceof TransientError) {
    switch (error.reason) {
      case 'throttled':
        return { kind: 'throttled', retryAfterMs: error.retryAfterMs };
      case 'unknown-outcome':
        return { kind: 'hold-group', forMs: growing(settleMs), mustRead: true };
      case 'busy':
      case 'unavailable': {
        const forMs = growing(backoffMs(1, random, BUSY_WAIT_MS, BUSY_WAIT_MS));
        return { kind: 'hold-group', forMs, mustRead: false };
      }
      case 'not-yet':
        return setBackends({ triesMax: null, heldForMs: REJECTED_WAIT_MS });
      case 'unrecognised':
        // What it says may be that the group is not as it was read.
        return setBackends({ triesMax: UNRECOGNISED_TRIES, heldForMs: REJECTED_WAIT_MAX_MS }, true);
    }
  }
  if (error instanceof MissingGroupError) {
    return { kind: 'hold-group', forMs: error.heldForMs ?? REJECTED_WAIT_MS, mustRead: true };
  }
  if (error instanceof RefusedBackendError) {
    // Found, when it is alone in its call.
    const isFound = backends === 1 && error.heldForMs !== null;
    return setBackends({ triesMax: isFound ? 0 : null, heldForMs: error.heldForMs ?? REJECTED_WAIT_MS });
  }
  if (error instanceof RejectedError) {
    return setBackends({ triesMax: 0, heldForMs: error.heldForMs ?? REJECTED_WAIT_MS });
  }
  if (error instanceof InvariantError) return setBackends({ triesMax: 0, heldForMs: DEFECT_WAIT_MS });
  return { kind: 'hold-group', forMs: growing(settleMs), mustRead: true };
}

function setBackends(patience: Patience, mustRead = false): Consequence {
  return { kind: 'set-backends-back', patience, mustRead };
}

/**
 * The record of a backend whose call was refused: it waits, longer when there is little hope, and its next call is
 * smaller, since one of the call's backends may be at fault.
 */
export function setBack(
  row: BackendRow,
  { triesMax, heldForMs }: Patience,
  reason: string,
  nowMs: number,
  random: Random,
): RowChange {
  const refusals = row.refusals + 1;
  const isHeld = triesMax !== null && refusals > triesMax;
  const longest = Math.max(REJECTED_WAIT_MAX_MS, heldForMs);
  const waitMs = isHeld
    ? Math.min(longest, heldForMs * 2 ** Math.min(refusals - triesMax - 1, 10))
    : backoffMs(refusals, random, BACKEND_WAIT_MS, REJECTED_WAIT_MS);
  return refused(row, refusals, reason, nowMs + waitMs);
}

/** The record of a backend whose group takes no write until then, and has not for a while: nobody has to look for the reason. */
export function heldWithGroup(row: BackendRow, reason: string, untilMs: number): RowChange {
  return refused(row, row.refusals, reason, untilMs);
}

function refused(row: BackendRow, refusals: number, reason: string, notBeforeMs: number): RowChange {
  const next = withColumns(row, { refusals, held: { by: 'refusal', reason }, notBeforeMs });
  return { kind: 'put', row: next, expectedRevision: row.revision };
}
