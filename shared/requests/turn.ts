import type { AuditAction } from '../audit/model.ts';
import { type AdmissionPolicy, admit } from './admission.ts';
import type { Progress } from './effects/progress.ts';
import type { ReasonCode, RequestPlan, RequestResult, RequestRow } from './model.ts';

/** What has been found out about a request in this pass; what is `null` has not been asked. */
export interface Known {
  /** Whether the id is this content's. */
  readonly hasId: boolean | null;
  readonly foreseen: Foreseen | null;
  /** It has been put where the engine finds it, in this pass. */
  readonly isDelivered: boolean;
  /** Why it cannot be delivered, ever; `null` = it can. */
  readonly undeliverable: string | null;
  /** How far it has come; `null` = it has not begun. */
  readonly progress: Progress | null;
}

/** What would be done, or why it cannot be told. */
export type Foreseen =
  | { readonly kind: 'plan'; readonly plan: RequestPlan; readonly hash: string }
  /** The request asks for what cannot be. */
  | { readonly kind: 'impossible'; readonly code: ReasonCode; readonly reason: string }
  /** It may be told later. */
  | { readonly kind: 'failed'; readonly reason: string };

/** What is next for a request. */
export type Turn =
  | {
      readonly kind: 'change';
      readonly row: RequestRow;
      readonly action: AuditAction | null;
      readonly reason: string;
    }
  | { readonly kind: 'need'; readonly what: 'id' | 'foresight' | 'delivery' }
  /** The result is to be sent, and the request taken off the list. */
  | { readonly kind: 'answer' }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly reason: string };

/** What is neither approved nor withdrawn by its own `notAfter` is about a world that has passed. */
export const APPROVAL_MAX_MS = 24 * 3_600_000;
/** Whatever has no end of its own must be in force by then. */
export const FOLLOW_MAX_MS = 3_600_000;
/** Nothing is looked at again sooner. */
export const LOOK_LEAST_MS = 2_000;
const LOOK_MOST_MS = 30_000;
const RETRY_BASE_MS = 2_000;
const RETRY_MAX_MS = 60_000;
/** Looks in a row that may fail: about half an hour of them. */
const FAILURES_MAX = 30;

/** What a request's next step depends on beside itself. */
export interface TurnTarget {
  readonly needsApproval: boolean;
  /** When what it asked for ends by itself; `null` = it does not. */
  readonly endsAtMs: number | null;
  /** Later than whatever has begun in its lane before. */
  readonly beginsAtMs: number;
}

/** The next step of one request. Pure. */
export function turnOf(
  row: RequestRow,
  known: Known,
  policy: AdmissionPolicy,
  target: TurnTarget,
  nowMs: number,
): Turn {
  if (row.phase === 'ended') return { kind: 'answer' };
  if (row.notBeforeMs !== null && row.notBeforeMs > nowMs) {
    return { kind: 'wait', untilMs: row.notBeforeMs, reason: row.waitingFor ?? '' };
  }
  if (row.phase === 'in-progress') return follow(row, known, target.endsAtMs, nowMs);
  if (row.begunAtMs !== null) return deliver(row, known, nowMs);
  const admission = admit(row.request, policy, nowMs);
  if (admission.kind === 'refused') return ended(row, nowMs, 'refused', admission.code, admission.reason);
  if (known.hasId === false) {
    return ended(row, nowMs, 'refused', 'reused-id', 'its requestId was used before for another request');
  }
  if (known.hasId === null) return { kind: 'need', what: 'id' };
  if (admission.kind === 'early') return waiting(row, admission.untilMs, 'its notBefore');
  if (row.phase === 'awaiting-approval' && row.approval === null) return untilApproved(row, nowMs);
  return begin(row, known, target, nowMs);
}

function begin(
  row: RequestRow,
  known: Known,
  { needsApproval, beginsAtMs }: TurnTarget,
  nowMs: number,
): Turn {
  const { request, approval } = row;
  const { foreseen } = known;
  if (foreseen === null) return { kind: 'need', what: 'foresight' };
  if (foreseen.kind === 'failed') return failedLook(row, foreseen.reason, nowMs);
  if (foreseen.kind === 'impossible') return ended(row, nowMs, 'refused', foreseen.code, foreseen.reason);
  const { plan, hash } = foreseen;
  const isKnown = row.planHash === hash;
  if (request.dryRun === true) {
    return ended({ ...row, plan, planHash: hash }, nowMs, 'foreseen', null, 'a dry run: nothing was done');
  }
  if (request.planHash !== undefined && request.planHash !== hash) {
    const reason = 'the plan is not the one that was asked for: the world has moved';
    return ended({ ...row, plan, planHash: hash }, nowMs, 'refused', 'stale-plan', reason);
  }
  if (approval !== null && !isKnown) {
    const reason = 'the plan is not the one that was approved: the world has moved';
    const stale = ended({ ...row, plan, planHash: hash }, nowMs, 'refused', 'stale-plan', reason);
    return withExpectedPlan(stale, row.plan);
  }
  if (needsApproval && approval === null) {
    const waitingFor = 'the approval of somebody else';
    return {
      kind: 'change',
      row: { ...row, phase: 'awaiting-approval', plan, planHash: hash, waitingFor, failures: 0 },
      action: 'request-planned',
      reason: `waits for approval of the plan ${hash}`,
    };
  }
  const begun = { ...row, plan, planHash: hash, begunAtMs: beginsAtMs, waitingFor: null, failures: 0 };
  return { kind: 'change', row: begun, action: 'request-begun', reason: request.reason };
}

function deliver(row: RequestRow, { isDelivered, undeliverable }: Known, nowMs: number): Turn {
  if (undeliverable !== null) return ended(row, nowMs, 'refused', 'declined', undeliverable);
  if (!isDelivered) return { kind: 'need', what: 'delivery' };
  return { kind: 'change', row: { ...row, phase: 'in-progress' }, action: null, reason: '' };
}

function follow(row: RequestRow, { progress }: Known, endsAtMs: number | null, nowMs: number): Turn {
  const begunAtMs = row.begunAtMs ?? nowMs;
  if (progress === null) return { kind: 'wait', untilMs: nowMs, reason: 'a look at what is recorded' };
  if (progress.kind === 'in-force') return ended(row, nowMs, 'done', null, progress.text);
  if (progress.kind === 'declined') return ended(row, nowMs, 'refused', 'declined', progress.reason);
  const isOver = nowMs >= (endsAtMs ?? begunAtMs + FOLLOW_MAX_MS);
  if (progress.kind === 'lost' && !(isOver && endsAtMs !== null))
    return ended(row, nowMs, 'failed', 'superseded', progress.reason);
  const isHeld = progress.kind === 'waiting' && progress.isHeld;
  // At its end the engine has forgotten it by itself, and what it waited for stands in the row.
  const reason = progress.kind === 'waiting' ? progress.reason : (row.waitingFor ?? progress.reason);
  if (isOver) {
    const what =
      endsAtMs === null
        ? 'it did not come into force within an hour, and what was asked for still stands'
        : 'it did not come into force in time';
    return ended(row, nowMs, 'failed', isHeld ? 'held' : 'timed-out', `${what}: ${reason}`);
  }
  const waitMs = Math.min(LOOK_MOST_MS, Math.max(LOOK_LEAST_MS, (nowMs - begunAtMs) / 3));
  return waiting(row, Math.ceil(nowMs + waitMs), reason);
}

function untilApproved(row: RequestRow, nowMs: number): Turn {
  const untilMs = row.receivedAtMs + APPROVAL_MAX_MS;
  if (nowMs >= untilMs) return ended(row, nowMs, 'refused', 'expired', 'nobody approved it within a day');
  const notAfterMs = row.request.notAfter === undefined ? Infinity : Date.parse(row.request.notAfter);
  return { kind: 'wait', untilMs: Math.min(untilMs, notAfterMs), reason: row.waitingFor ?? '' };
}

/** A look that failed before anything was begun: come back later, and give it up when that has gone on for too long. */
export function failedLook(row: RequestRow, reason: string, nowMs: number): Turn {
  const failures = row.failures + 1;
  if (failures > FAILURES_MAX)
    return ended(row, nowMs, 'refused', 'timed-out', `looked ${failures} times, and failed: ${reason}`);
  const notBeforeMs = nowMs + Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** Math.min(10, failures - 1));
  return {
    kind: 'change',
    row: { ...row, failures, notBeforeMs, waitingFor: reason },
    action: null,
    reason: '',
  };
}

/** The request with its result; the calls are added when it is written. */
export function ended(
  row: RequestRow,
  nowMs: number,
  outcome: RequestResult['outcome'],
  code: ReasonCode | null,
  reason: string,
): Turn {
  const { plan, planHash } = row;
  const result = { outcome, code, reason, plan, planHash, expectedPlan: null, calls: [], endedAtMs: nowMs };
  return {
    kind: 'change',
    row: { ...row, phase: 'ended', waitingFor: null, notBeforeMs: null, result },
    action: outcome === 'refused' ? 'request-refused' : 'request-ended',
    reason: code === null ? `${outcome}: ${reason}` : `${outcome} (${code}): ${reason}`,
  };
}

/** The turn with the plan that had been expected in its result. */
export function withExpectedPlan(turn: Turn, expectedPlan: RequestPlan | null): Turn {
  if (turn.kind !== 'change' || turn.row.result === null) return turn;
  return { ...turn, row: { ...turn.row, result: { ...turn.row.result, expectedPlan } } };
}

/** Says in the row what it waits for, once. */
export function waiting(row: RequestRow, untilMs: number, reason: string): Turn {
  if (row.waitingFor === reason) return { kind: 'wait', untilMs, reason };
  return { kind: 'change', row: { ...row, waitingFor: reason }, action: null, reason: '' };
}
