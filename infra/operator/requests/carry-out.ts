import { canonicalHash } from '../../../shared/events/json.ts';
import type { AdmissionPolicy } from '../../../shared/requests/admission.ts';
import type { ChangeRequest } from '../../../shared/requests/document.ts';
import type { RequestKey } from '../../../shared/requests/model.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { askOrEnd } from '../place.ts';
import { wrappedSentences } from '../table.ts';
import { columnsOf, type Screen, type Terminal } from '../terminal.ts';
import type { Pace } from '../watching.ts';
import { concludeOnRequest, type RequestConclusion } from './conclusion.ts';
import type { RequestDesk } from './desk.ts';
import { refusalOf } from './faults.ts';
import { type FollowedRequest, followRequest } from './follow.ts';
import { describeChange } from './words.ts';

/** What carrying a request out goes by. */
export interface Errand {
  readonly desk: RequestDesk;
  readonly policy: AdmissionPolicy;
  readonly terminal: Terminal;
  readonly pace: Pace;
  /** Lets go of what is watched; `null` = nobody can. */
  readonly stop: AbortSignal | null;
  readonly isJson: boolean;
  readonly isWaiting: boolean;
  /** How long to watch. */
  readonly limitMs: number;
}

/** Sends the request, watches it unless told otherwise, and tells what came of it. Throws CommandError unless it is done. */
export async function carryOutRequest(errand: Errand, request: ChangeRequest): Promise<void> {
  const key = await sendRequest(errand, request);
  if (!errand.isWaiting) return tellSent(errand, key);
  const { followed, conclusion } = await watchRequest(errand, key, false);
  tellEnd(errand, conclusion, documentOf(key, followed, conclusion));
}

/** Sends the request. Throws CommandError where the functions would refuse it, or it may not have been sent. */
export async function sendRequest(errand: Errand, request: ChangeRequest): Promise<RequestKey> {
  const { desk, policy, isWaiting } = errand;
  const { requestId } = request;
  const key = { requestId, payloadHash: canonicalHash(request) };
  // Whoever does not wait needs not be allowed to read either.
  if (isWaiting) await requireOwnId(desk, key);
  const refusal = refusalOf(request, policy, desk.clock.nowMs());
  if (refusal !== null) throw new CommandError(EXIT_STATUS.failed, `${refusal} Nothing was sent.`);
  await askOrEnd(
    `${requestId} may not have been sent (autopilot show ${requestId} tells)`,
    desk.queue.send(JSON.stringify(request), 0),
  );
  const { requestedBy, signature, change } = request;
  const signed = signature === undefined ? 'not signed' : `signed with ${signature.keyId}`;
  tell(peopleOf(errand), `${requestId}: ${describeChange(change)}, asked by ${requestedBy}, ${signed}.`);
  return key;
}

/** Says that it is sent, where nobody watches it. */
export function tellSent(errand: Errand, { requestId, payloadHash }: RequestKey): void {
  const { terminal, isJson } = errand;
  terminal.out.write(
    isJson
      ? `${JSON.stringify({ requestId, payloadHash, outcome: 'sent' })}\n`
      : `It is sent. autopilot show ${requestId} tells what becomes of it.\n`,
  );
}

/** Watches a request and concludes. `isApproved` = somebody has just approved it. */
export async function watchRequest(
  errand: Errand,
  key: RequestKey,
  isApproved: boolean,
): Promise<{ readonly followed: FollowedRequest; readonly conclusion: RequestConclusion }> {
  const { desk, pace, stop, limitMs } = errand;
  const screen = peopleOf(errand);
  const followed = await askOrEnd(
    `${key.requestId} is sent, and cannot be read`,
    followRequest({ requests: desk.requests, key, screen, pace, limitMs, stop, isApproved }),
  );
  return { followed, conclusion: concludeOnRequest(followed, key, screen.colors) };
}

/** Prints how it ended. Throws CommandError unless it is done. */
export function tellEnd(
  { terminal, isJson }: Errand,
  { status, text }: RequestConclusion,
  document: object,
): void {
  if (isJson) terminal.out.write(`${JSON.stringify(document)}\n`);
  else tell(terminal.out, text);
  if (status !== EXIT_STATUS.ok) throw new CommandError(status, null);
}

/** Writes what people read, no wider than the screen. */
export function tell(screen: Screen, text: string): void {
  screen.write(`${wrappedSentences(text, columnsOf(screen))}\n`);
}

/** What programs are told of a request that was watched. */
export function documentOf(
  { requestId, payloadHash }: RequestKey,
  followed: FollowedRequest,
  { outcome }: RequestConclusion,
): object {
  const { row } = followed;
  const result = row?.result ?? null;
  return {
    requestId,
    payloadHash,
    outcome,
    phase: row?.phase ?? null,
    waitingFor: row?.waitingFor ?? null,
    code: result?.code ?? null,
    reason: result?.reason ?? null,
    plan: result?.plan ?? row?.plan ?? null,
    planHash: result?.planHash ?? row?.planHash ?? null,
    expectedPlan: result?.expectedPlan ?? null,
    calls: result?.calls ?? [],
  };
}

/** Where people read how it goes on; standard output belongs to the document where there is one. */
export function peopleOf({ terminal, isJson }: Pick<Errand, 'terminal' | 'isJson'>): Screen {
  return isJson ? terminal.err : terminal.out;
}

/** An id belongs to the first content that came under it. */
async function requireOwnId({ requests }: RequestDesk, key: RequestKey): Promise<void> {
  const { requestId, payloadHash } = key;
  const rows = await askOrEnd(
    `nothing was sent: requests cannot be read (--no-wait sends without reading)`,
    requests.byId(requestId),
  );
  const [other] = rows;
  if (other === undefined || rows.some((row) => row.payloadHash === payloadHash)) return;
  const { change, requestedBy } = other.request;
  throw new CommandError(
    EXIT_STATUS.failed,
    `The id ${requestId} belongs to another request (${describeChange(change)}, by ${requestedBy}). Nothing was sent.`,
  );
}
