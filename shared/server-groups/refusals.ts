import { backoffMs } from '../backoff.ts';
import type { Random } from '../clock.ts';
import { describeError, RejectedError, TransientError } from '../errors.ts';
import { type BackendRow, withColumns } from './backend/record.ts';
import { MissingGroupError, RefusedBackendError } from './errors.ts';
import type { RowChange } from './model.ts';

/** What a refused write means for the lane. */
export type Consequence =
  /** The account is throttled for this operation; `null` = the cloud did not say how long. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | null }
  /** The group is busy or gone, or nobody knows whether the write took effect: leave it alone for so long. */
  | { readonly kind: 'hold-group'; readonly forMs: number; readonly mustRead: boolean }
  /** The backends of the call wait, each by itself, and come back in smaller calls. */
  | { readonly kind: 'set-backends-back'; readonly isForGood: boolean; readonly reason: string };

const REJECTED_WAIT_MS = 60_000;
/** What is refused again and again is tried ever more seldom, so that it does not eat the others' calls. */
const REJECTED_WAIT_MAX_MS = 15 * 60_000;
const BUSY_WAIT_MS = 3_000;
const BACKEND_WAIT_MS = 2_000;

/** Decides what a refusal leads to; anything that is no refusal by the cloud is thrown on. */
export function consequenceOf(error: unknown, settleMs: number, random: Random): Consequence {
  if (!(error instanceof TransientError || error instanceof RejectedError)) throw error;
  if (error instanceof MissingGroupError) {
    return { kind: 'hold-group', forMs: REJECTED_WAIT_MS, mustRead: true };
  }
  if (error instanceof TransientError) {
    switch (error.reason) {
      case 'throttled':
        return { kind: 'throttled', retryAfterMs: error.retryAfterMs };
      case 'unknown-outcome':
        return { kind: 'hold-group', forMs: settleMs, mustRead: true };
      case 'busy':
      case 'unavailable': {
        const forMs = backoffMs(1, random, BUSY_WAIT_MS, BUSY_WAIT_MS);
        return { kind: 'hold-group', forMs, mustRead: false };
      }
      case 'not-yet':
    }
  }
  const isForGood = error instanceof RejectedError && !(error instanceof RefusedBackendError);
  return { kind: 'set-backends-back', isForGood, reason: describeError(error) };
}

/**
 * The record of a backend whose call was refused: it waits, a minute when there is little hope, and its next call is
 * smaller, since one of the call's backends may be at fault.
 */
export function setBack(
  row: BackendRow,
  isForGood: boolean,
  reason: string,
  nowMs: number,
  random: Random,
): RowChange {
  const refusals = row.refusals + 1;
  const waitMs = isForGood
    ? Math.min(REJECTED_WAIT_MAX_MS, REJECTED_WAIT_MS * 2 ** Math.min(refusals - 1, 10))
    : backoffMs(refusals, random, BACKEND_WAIT_MS, REJECTED_WAIT_MS);
  const next = withColumns(row, {
    refusals,
    held: { by: 'refusal', reason },
    notBeforeMs: nowMs + waitMs,
  });
  return { kind: 'put', row: next, expectedRevision: row.revision };
}
