import type { CallRecord } from '../../../../../infra/local/world/calls.ts';
import type { VirtualStage } from '../../../../bench/virtual/stage.ts';
import { readTable } from '../../../../support/stage.ts';
import type { DocumentedCode } from '../slb-codes.ts';

/** What the product made of one refusal. */
export interface Aftermath {
  /** From the refused call to the next one of the operation, in seconds. */
  readonly pauseSeconds: number;
  /** The refused call. */
  readonly requestId: string;
  /** What the audit says of the calls that were refused, with their requests. */
  readonly audit: ReadonlyArray<{ readonly reason: string; readonly requestIds: string }>;
  /** Why something is held, or was turned back, a few seconds after the refusal; `null` = nothing is. */
  readonly held: string | null;
  /** It came to what it was to come to, once the API let it. */
  readonly isDone: boolean;
}

/** An operation that the product writes with, in a world where it can be brought about again and again. */
export interface WriteStage {
  /** Brings one call about that is refused once, and lets the world live until all has come of it that may. */
  refuse(code: DocumentedCode): Promise<Aftermath>;
  close(): Promise<void>;
}

/** Watches an operation that the world refuses once. */
export function watchRefusal(
  { clouds, clock }: Pick<VirtualStage, 'clouds' | 'clock'>,
  operation: string,
  { code, status, message }: DocumentedCode,
) {
  const calls: Array<{ readonly record: CallRecord; readonly atMs: number }> = [];
  clouds.foundation.gate.onRecord((record) => {
    if (record.action === operation) calls.push({ record, atMs: clock.nowMs() });
  });
  const name = `refuse ${operation}`;
  clouds.foundation.faults.inject({
    name,
    match: { product: 'slb', action: operation },
    skip: 0,
    times: 1,
    effect: { kind: 'error', status, code, message },
  });
  return {
    /** How many calls of the operation there have been. */
    count: () => calls.length,
    pauseSeconds: () => ((calls[1]?.atMs ?? Number.NaN) - (calls[0]?.atMs ?? Number.NaN)) / 1_000,
    requestId: () => calls[0]?.record.requestId ?? '',
    /** Entries of the audit that name the refused call. */
    audit: () =>
      readTable(clouds, 'audit')
        .map(({ reason, requestIds }) => ({ reason: String(reason), requestIds: String(requestIds) }))
        .filter(({ requestIds }) => requestIds.includes(calls[0]?.record.requestId ?? '-')),
  };
}

/** Lets the world live in steps until it is so, or for `limitMs`. */
export async function passUntilSo(
  stage: Pick<VirtualStage, 'pass'>,
  isSo: () => boolean,
  limitMs: number,
  stepMs: number,
): Promise<void> {
  for (let leftMs = limitMs; leftMs > 0 && !isSo(); leftMs -= stepMs) await stage.pass(stepMs);
}
