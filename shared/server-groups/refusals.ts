import { backoffMs } from '../backoff.ts';
import type { Random } from '../clock.ts';
import { describeError, RejectedError, TransientError } from '../errors.ts';
import { RefusedBackendError } from './errors.ts';
import type { BackendRow, RowChange, Step } from './model.ts';

/** What a refused write means for the lane. Nothing is tried again at once; a long pass may outlast the wait. */
export type Consequence =
  /** The account is throttled: no write of the lane for so long. */
  | { readonly kind: 'pause'; readonly forMs: number }
  /** The group is busy, or nobody knows whether the write took effect: leave it alone for so long, then read it. */
  | { readonly kind: 'hold-group'; readonly forMs: number; readonly reason: string | null }
  /** The joins of a refused Add wait, each by itself. */
  | { readonly kind: 'set-joiners-back'; readonly isOneAtFault: boolean; readonly reason: string };

const REJECTED_WAIT_MS = 60_000;
const THROTTLED_WAIT_MS = 10_000;
const BUSY_WAIT_MS = 3_000;
const BACKEND_WAIT_MS = 2_000;

/** Decides what a refusal leads to; anything that is no refusal by the cloud is thrown on. */
export function consequenceOf(step: Step, error: unknown, settleMs: number, random: Random): Consequence {
  if (!(error instanceof TransientError || error instanceof RejectedError)) throw error;
  const reason = describeError(error);
  if (error instanceof TransientError && error.reason !== 'not-yet') {
    switch (error.reason) {
      case 'throttled':
        return {
          kind: 'pause',
          forMs: error.retryAfterMs ?? backoffMs(1, random, THROTTLED_WAIT_MS, THROTTLED_WAIT_MS),
        };
      case 'unknown-outcome':
        return { kind: 'hold-group', forMs: settleMs, reason: null };
      case 'busy':
      case 'unavailable':
        return { kind: 'hold-group', forMs: backoffMs(1, random, BUSY_WAIT_MS, BUSY_WAIT_MS), reason: null };
    }
  }
  if (step.kind !== 'add') return { kind: 'hold-group', forMs: REJECTED_WAIT_MS, reason };
  const isOneAtFault = error instanceof RefusedBackendError || error instanceof TransientError;
  return { kind: 'set-joiners-back', isOneAtFault, reason };
}

/**
 * The record of a join whose Add was refused: it waits, and where one backend of the batch may be at fault, its next
 * batch is smaller.
 */
export function setBack(
  row: BackendRow,
  isOneAtFault: boolean,
  held: string,
  nowMs: number,
  random: Random,
): RowChange {
  const refusals = isOneAtFault ? row.refusals + 1 : row.refusals;
  const waitMs = isOneAtFault
    ? backoffMs(refusals, random, BACKEND_WAIT_MS, REJECTED_WAIT_MS)
    : REJECTED_WAIT_MS;
  const next = { ...row, refusals, held, notBeforeMs: nowMs + waitMs, revision: row.revision + 1 };
  return { kind: 'put', row: next, expectedRevision: row.revision };
}
