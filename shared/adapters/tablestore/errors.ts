import { type FailureOrigin, RejectedError, TransientError, type TransientReason } from '../../errors.ts';

/** What each Tablestore code means for the caller. Codes that are not listed are rejected. */
const REASONS: Readonly<Record<string, TransientReason>> = {
  OTSServerBusy: 'unavailable',
  OTSPartitionUnavailable: 'unavailable',
  OTSTableNotReady: 'unavailable',
  OTSRowOperationConflict: 'unavailable',
  OTSNotEnoughCapacityUnit: 'throttled',
  OTSCapacityUnitExhausted: 'throttled',
  OTSQuotaExhausted: 'throttled',
  OTSOperationThrottled: 'throttled',
  OTSFlowControl: 'throttled',
  OTSTimeout: 'unknown-outcome',
  OTSServerUnavailable: 'unknown-outcome',
  OTSInternalServerError: 'unknown-outcome',
};

/** The code of a write whose condition did not hold: somebody else was first. Not a failure. */
export const CONDITION_FAILED = 'OTSConditionCheckFail';

/** Reads `Error { code = 1, message = 2 }` from a response body; `null` when it is not one. */
export function decodeErrorBody(body: Buffer | undefined): { code: string; message: string } | null {
  if (body === undefined || body[0] !== 0x0a) return null;
  const code = readString(body, 1);
  if (code === null || !/^OTS\w+$/.test(code.text)) return null;
  const message = body[code.end] === 0x12 ? readString(body, code.end + 1) : null;
  return { code: code.text, message: message?.text ?? '' };
}

function readString(body: Buffer, at: number): { text: string; end: number } | null {
  let length = 0;
  for (let index = 0; index < 3; index++) {
    const byte = body[at + index];
    if (byte === undefined) return null;
    length |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) {
      const start = at + index + 1;
      return { text: body.toString('utf8', start, start + length), end: start + length };
    }
  }
  return null;
}

/** The project's error for an answer with a Tablestore code. */
export function errorOfCode(origin: FailureOrigin & { code: string }, message: string): Error {
  const reason = REASONS[origin.code];
  const text = `Tablestore refused ${origin.api}: ${message}`;
  return reason === undefined ? new RejectedError(text, origin) : new TransientError(text, reason, origin);
}

/** The project's error when there was no answer, or one that cannot be read. */
export function errorOfSilence(origin: FailureOrigin, status: number | null, cause: unknown): Error {
  const why = status === null ? 'no answer' : `HTTP ${status} without a readable answer`;
  return new TransientError(`Tablestore ${origin.api}: ${why}`, 'unknown-outcome', origin, { cause });
}

/** Whether the failed call may be sent again, whatever it was: it did not take effect, and it may work later. */
export function isCertainlyNotDone(error: unknown): boolean {
  return error instanceof TransientError && error.reason !== 'unknown-outcome';
}
