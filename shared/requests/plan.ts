import type { AuditAction } from '../audit/model.ts';
import type { AdmissionPolicy } from './admission.ts';
import { approve } from './approval.ts';
import { begunChange, endOf } from './effects/backends.ts';
import { keyOfRow, type RequestKey, type RequestRow } from './model.ts';
import { type Known, type Turn, turnOf } from './turn.ts';

/** Everything that is decided from in one turn of a pass over a lane of requests. Plain data. */
export interface RequestsInput {
  readonly rows: ReadonlyArray<RequestRow>;
  /** What is known of each of them. */
  readonly known: (row: RequestRow) => Known;
  readonly policy: AdmissionPolicy;
  /** Whether what is asked of the lane's target has to be approved. */
  readonly needsApproval: boolean;
  readonly nowMs: number;
}

/** What is to be found out, written, delivered and sent. */
export interface RequestsPlan {
  readonly toTake: ReadonlyArray<RequestKey>;
  readonly toForesee: ReadonlyArray<RequestRow>;
  readonly toDeliver: ReadonlyArray<RequestRow>;
  /** Ended: the result is to be sent. */
  readonly toAnswer: ReadonlyArray<RequestRow>;
  readonly changes: ReadonlyArray<RequestChange>;
  readonly nextLookMs: number | null;
  readonly waitingFor: string | null;
}

/** A request as it is to be written. */
export interface RequestChange {
  readonly row: RequestRow;
  readonly expectedRevision: number;
  /** For the audit; `null` = it says nothing that anybody would look for. */
  readonly action: AuditAction | null;
  readonly reason: string;
}

/** The text by which a request is known in maps. */
export function nameOf({ requestId, payloadHash }: RequestKey): string {
  return `${requestId} ${payloadHash}`;
}

/** Whatever waits is looked at once in so long, since who may ask, and for what, may have been configured anew. */
const WAIT_MAX_MS = 3_600_000;
/** Between two requests that begin: what one of them says takes two instants at most. */
const BEGIN_STEP_MS = 2;

/** Decides what is next for each request of a lane, the oldest first. Pure. */
export function planRequests({ rows, known, policy, needsApproval, nowMs }: RequestsInput): RequestsPlan {
  const toTake: Array<RequestKey> = [];
  const toForesee: Array<RequestRow> = [];
  const toDeliver: Array<RequestRow> = [];
  const toAnswer: Array<RequestRow> = [];
  const changes = new Map<string, RequestChange>();
  let next: { readonly untilMs: number; readonly reason: string } | null = null;
  // Each later than the one before, or nobody could tell which of two about one backend counts.
  let beginsAtMs = rows.reduce((latest, { begunAtMs }) => {
    return begunAtMs === null ? latest : Math.max(latest, begunAtMs + BEGIN_STEP_MS);
  }, nowMs);
  for (const row of rows) {
    // Approved just now: it goes on with the next turn, from what is written then.
    if (changes.has(nameOf(keyOfRow(row)))) continue;
    const endsAtMs = endsAtMsOf(row, nowMs);
    const turn = decide(
      row,
      turnOf(row, known(row), policy, { needsApproval, endsAtMs, beginsAtMs }, nowMs),
      rows,
      nowMs,
      (each, by) =>
        changes.set(nameOf(keyOfRow(each)), {
          row: each,
          expectedRevision: each.revision,
          action: 'request-approved',
          reason: `approved by ${by}`,
        }),
    );
    switch (turn.kind) {
      case 'change': {
        const { row: changed, action, reason } = turn;
        if (row.begunAtMs === null && changed.begunAtMs !== null) beginsAtMs += BEGIN_STEP_MS;
        changes.set(nameOf(keyOfRow(row)), { row: changed, expectedRevision: row.revision, action, reason });
        break;
      }
      case 'need':
        if (turn.what === 'id') toTake.push(keyOfRow(row));
        else if (turn.what === 'foresight') toForesee.push(row);
        else toDeliver.push(row);
        break;
      case 'answer':
        toAnswer.push(row);
        break;
      case 'wait':
        if (next === null || turn.untilMs < next.untilMs) next = turn;
    }
  }
  const { untilMs = null, reason = null } = next ?? {};
  return {
    toTake,
    toForesee,
    toDeliver,
    toAnswer,
    changes: [...changes.values()],
    nextLookMs: untilMs === null ? null : Math.min(untilMs, nowMs + WAIT_MAX_MS),
    waitingFor: reason,
  };
}

/** An approval has nothing to foresee: it is decided as soon as it has its id. */
function decide(
  row: RequestRow,
  turn: Turn,
  rows: ReadonlyArray<RequestRow>,
  nowMs: number,
  put: (approved: RequestRow, by: string) => void,
): Turn {
  const { change, requestedBy } = row.request;
  if (turn.kind !== 'need' || turn.what !== 'foresight' || change.kind !== 'approve') return turn;
  const { own, approved } = approve(row, change, rows, nowMs);
  if (approved !== null) put(approved, requestedBy);
  return own;
}

function endsAtMsOf(row: RequestRow, nowMs: number): number | null {
  const begun = begunChange(row, row.begunAtMs ?? nowMs);
  return begun === null ? null : endOf(begun);
}
