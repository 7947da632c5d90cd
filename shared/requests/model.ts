import { createHash } from 'node:crypto';
import type { ChangeRequest } from './document.ts';

/** Where a request is on its way. */
export type RequestPhase =
  /** Admitted; nothing is done about it yet. */
  | 'received'
  /** Its plan is stored; somebody else has to approve it. */
  | 'awaiting-approval'
  /** What it asks for has been put where the engine finds it. */
  | 'in-progress'
  /** It has its result. */
  | 'ended';

/** How a request ended. */
export type RequestOutcome =
  /** In force. */
  | 'done'
  /** Nothing was done, and nothing will be. */
  | 'refused'
  /** It was begun and could not be brought into force; `reason` says why. */
  | 'failed'
  /** A dry run: `plan` says what would be done. */
  | 'foreseen';

/** Why a request was refused or failed, as a stable word. */
export type ReasonCode =
  | 'unsigned'
  | 'bad-signature'
  | 'right-not-held'
  | 'expired'
  | 'contradictory'
  | 'unknown-target'
  | 'reused-id'
  /** An instance, or a port, that is neither in the binding's group by our doing nor selected by it. */
  | 'not-a-member'
  /** The plan is not the one whose hash was given. */
  | 'stale-plan'
  | 'no-such-request'
  | 'self-approval'
  /** The pair, the cloud, or a limit said no. */
  | 'declined'
  /** A guard, or something else that holds the backends, outlasted the request. */
  | 'held'
  /** It could not be brought into force in time. */
  | 'timed-out'
  /** Another request has changed what this one had asked for. */
  | 'superseded'
  /** The message is no request that anybody could carry out; it is kept in quarantine. */
  | 'quarantined';

/** One step of what would be done, without times and ids of its own, so that equal plans are equal texts. */
export interface PlannedStep {
  /** `rsp-…/i-…:80` of a backend; the name of a pair's call. */
  readonly subject: string;
  readonly action: 'add' | 'set-weight' | 'remove' | 'keep-out' | 'call';
  /** What it is to become; for people, and part of the hash. */
  readonly to: string;
}

/** What would be done about a request's target, and what would hold it. Canonical: sorted, nothing that passes. */
export interface RequestPlan {
  readonly steps: ReadonlyArray<PlannedStep>;
  /** Guards that would hold a step, `<subject>: <guard>`. */
  readonly held: ReadonlyArray<string>;
}

/** A call that was made for a request. */
export interface RequestCall {
  readonly atMs: number;
  /** As in the audit: `drain-started`, `weight-set`, `pair-called`, … */
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
  /** The cloud's. */
  readonly requestIds: ReadonlyArray<string>;
}

/** What a request came to. Written once; every copy of the request is answered with this very text. */
export interface RequestResult {
  readonly outcome: RequestOutcome;
  /** `null` = it was done, or foreseen. */
  readonly code: ReasonCode | null;
  /** One sentence for people. */
  readonly reason: string;
  readonly plan: RequestPlan | null;
  readonly planHash: string | null;
  /** The other plan, where `code` is `stale-plan`: what had been approved or expected, as far as it is known. */
  readonly expectedPlan: RequestPlan | null;
  readonly calls: ReadonlyArray<RequestCall>;
  readonly endedAtMs: number;
}

/** A request as the table keeps it. Instants are table time. */
export interface RequestRow {
  /** `req-binding-web`, `req-pair-orders-db`; `''` = it was refused before it had a lane. */
  readonly laneId: string;
  readonly request: ChangeRequest;
  /** Over the canonical JSON of the whole document, its signature included. */
  readonly payloadHash: string;
  readonly phase: RequestPhase;
  readonly receivedAtMs: number;
  /** When what it asks for was put where the engine finds it; `null` = not yet. */
  readonly begunAtMs: number | null;
  /** As it was when approval was asked for, or last foreseen; `null` = never. */
  readonly plan: RequestPlan | null;
  readonly planHash: string | null;
  /** Who approved it; `null` = nobody has. */
  readonly approval: { readonly by: string; readonly requestId: string; readonly atMs: number } | null;
  /** What it waits for, for people; `null` = nothing. */
  readonly waitingFor: string | null;
  /** Looks in a row that failed; the reason of the last one is in `waitingFor`. */
  readonly failures: number;
  /** No other look before; `null` = at once. */
  readonly notBeforeMs: number | null;
  /** `null` until it has ended. */
  readonly result: RequestResult | null;
  /** Grows with every write. 0 = not yet written. */
  readonly revision: number;
  readonly fence: number;
}

/** What names a request: its id, and its content, since a forged copy must not stand in the way of the true one. */
export type RequestKey = Pick<RequestRow, 'payloadHash'> & { readonly requestId: string };

/** A request that has just come. */
export function receivedRow(
  laneId: string,
  request: ChangeRequest,
  payloadHash: string,
  receivedAtMs: number,
): RequestRow {
  return {
    laneId,
    request,
    payloadHash,
    phase: 'received',
    receivedAtMs,
    begunAtMs: null,
    plan: null,
    planHash: null,
    approval: null,
    waitingFor: null,
    failures: 0,
    notBeforeMs: null,
    result: null,
    revision: 0,
    fence: 0,
  };
}

/** The key of a row. */
export function keyOfRow({ request, payloadHash }: Pick<RequestRow, 'request' | 'payloadHash'>): RequestKey {
  return { requestId: request.requestId, payloadHash };
}

/** The id of a request's result: the same for every copy of it, another one for every other request. */
export function resultIdOf({ requestId, payloadHash }: RequestKey): string {
  return createHash('sha256').update(`${requestId}\n${payloadHash}`).digest('hex').slice(0, 32);
}

const LANE_PREFIX = 'req-';

/** The lane of the requests about a binding or a pair. */
export function requestLaneId(of: 'binding' | 'pair', name: string): string {
  return `${LANE_PREFIX}${of}-${name}`;
}

/** Whether a lane is one of requests. */
export function isRequestLane(laneId: string): boolean {
  return laneId.startsWith(LANE_PREFIX);
}

/** What a lane of requests is about; `null` = it is no such lane. */
export function targetOfLane(
  laneId: string,
): { readonly of: 'binding' | 'pair'; readonly name: string } | null {
  const [, of, name] = /^req-(binding|pair)-(.+)$/.exec(laneId) ?? [];
  return name === undefined ? null : { of: of as 'binding' | 'pair', name };
}
