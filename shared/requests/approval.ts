import type { Approval } from './document.ts';
import type { ReasonCode, RequestRow } from './model.ts';
import { ended, LOOK_LEAST_MS, type Turn, waiting, withExpectedPlan } from './turn.ts';

/**
 * What an approval comes to: its own next step, and the request that it approves; `null` = that one stays as it is. The request
 * is written first, and the approval ends when it finds itself there: who dies in between has not approved for nothing.
 */
export function approve(
  row: RequestRow,
  change: Approval,
  others: ReadonlyArray<RequestRow>,
  nowMs: number,
): { readonly own: Turn; readonly approved: RequestRow | null } {
  const refuse = (code: ReasonCode, reason: string) => ({
    own: ended(row, nowMs, 'refused', code, reason),
    approved: null,
  });
  const { requestedBy, requestId, dryRun } = row.request;
  const named = others.filter(({ request }) => request.requestId === change.requestId);
  if (named.some(({ approval }) => approval?.requestId === requestId)) {
    return { own: ended(row, nowMs, 'done', null, `${change.requestId} is approved`), approved: null };
  }
  const asked = named.find(({ phase, approval }) => phase === 'awaiting-approval' && approval === null);
  if (asked === undefined && named.some((each) => isOnItsWay(each, nowMs))) {
    const reason = `${change.requestId} to have its plan`;
    return { own: waiting(row, nowMs + LOOK_LEAST_MS, reason), approved: null };
  }
  if (asked === undefined) {
    return refuse(
      'no-such-request',
      `no request ${change.requestId} about ${change.binding} waits for approval`,
    );
  }
  if (asked.request.requestedBy === requestedBy) {
    return refuse('self-approval', `${requestedBy} has asked for it, so somebody else has to approve it`);
  }
  if (asked.planHash !== change.planHash) {
    const own = ended(row, nowMs, 'refused', 'stale-plan', 'the plan that waits for approval is another one');
    return { own: withExpectedPlan(own, asked.plan), approved: null };
  }
  if (dryRun === true) {
    const reason = `a dry run: ${change.requestId} would be approved`;
    return { own: ended(row, nowMs, 'foreseen', null, reason), approved: null };
  }
  const approval = { by: requestedBy, requestId, atMs: nowMs };
  return {
    own: { kind: 'wait', untilMs: nowMs, reason: 'its approval to be written' },
    approved: { ...asked, approval, waitingFor: null },
  };
}

/** Whether a request may come to wait for approval any moment: its approval may have overtaken it. */
function isOnItsWay({ phase, request: { notBefore } }: RequestRow, nowMs: number): boolean {
  return phase === 'received' && (notBefore === undefined || Date.parse(notBefore) <= nowMs);
}
