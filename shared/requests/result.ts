import { createHash } from 'node:crypto';
import { REQUEST_BYTES_MAX } from './document.ts';
import { keyOfRow, type RequestRow, resultIdOf } from './model.ts';

/** Marks a result among all that queues carry. */
export const RESULT_KIND = 'slb-autopilot/change-result';

/**
 * The message about a request that has ended, the very same at every repeat. What does not fit into a message is left to the
 * table: `isWhole` is `false` then, and plan and calls are missing. Throws RangeError for a request that has not ended.
 */
export function resultText(row: RequestRow): string {
  const { request, result, receivedAtMs, begunAtMs } = row;
  if (result === null) throw new RangeError(`${request.requestId} has no result yet`);
  const { outcome, code, reason, planHash, plan, expectedPlan, calls, endedAtMs } = result;
  const short = {
    kind: RESULT_KIND,
    version: 1,
    resultId: resultIdOf(keyOfRow(row)),
    requestId: request.requestId,
    requestedBy: request.requestedBy,
    outcome,
    code,
    reason,
    approvedBy: row.approval?.by ?? null,
    planHash,
    receivedAt: instant(receivedAtMs),
    begunAt: instant(begunAtMs),
    endedAt: instant(endedAtMs),
  };
  const told = calls.map(({ atMs, ...call }) => ({ at: instant(atMs), ...call }));
  const whole = JSON.stringify({ ...short, isWhole: true, plan, expectedPlan, calls: told });
  return Buffer.byteLength(whole) <= REQUEST_BYTES_MAX ? whole : JSON.stringify({ ...short, isWhole: false });
}

/** The message that a request waits for approval: no result yet, and under an id of its own. */
export function approvalText(row: RequestRow): string {
  const { request, plan, planHash, receivedAtMs } = row;
  const key = keyOfRow(row);
  const short = {
    kind: RESULT_KIND,
    version: 1,
    resultId: resultIdOf({ ...key, payloadHash: `${key.payloadHash}/approval` }),
    requestId: request.requestId,
    requestedBy: request.requestedBy,
    outcome: 'awaiting-approval',
    code: null,
    reason: `somebody else has to approve the plan ${planHash ?? ''}`,
    planHash,
    receivedAt: instant(receivedAtMs),
  };
  const whole = JSON.stringify({ ...short, isWhole: true, plan });
  return Buffer.byteLength(whole) <= REQUEST_BYTES_MAX ? whole : JSON.stringify({ ...short, isWhole: false });
}

/** The message about one that went to quarantine. `requestId` = `null` where it does not say it readably. */
export function quarantineText(quarantineKey: string, requestId: string | null, reason: string): string {
  return JSON.stringify({
    kind: RESULT_KIND,
    version: 1,
    resultId: createHash('sha256').update(quarantineKey).digest('hex').slice(0, 32),
    requestId,
    outcome: 'quarantined',
    code: 'quarantined',
    reason,
    quarantineKey,
    isWhole: true,
  });
}

function instant(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
