import { REQUEST_KIND } from '../../../shared/requests/document.ts';
import { keyOfRow, type RequestRow } from '../../../shared/requests/model.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { askOrEnd } from '../place.ts';
import {
  documentOf,
  type Errand,
  peopleOf,
  sendRequest,
  tell,
  tellEnd,
  tellSent,
  watchRequest,
} from './carry-out.ts';
import { newRequestId, OPTION_NAMES } from './compose.ts';
import { planLines } from './conclusion.ts';
import { checkDocument } from './faults.ts';
import { type Identity, signedBy } from './sign.ts';
import { describeChange, describeStanding } from './words.ts';

/** What is said of an approval. */
export interface Approving {
  readonly requestId: string;
  readonly id?: string;
  readonly reason?: string;
  /** The plan that was seen; without it, the one that is stored. */
  readonly planHash?: string;
}

/**
 * Shows the plan that waits, approves it, and watches the approval and then the request that it lets go. Throws
 * CommandError unless that one is done.
 */
export async function approveRequest(errand: Errand, said: Approving, identity: Identity): Promise<void> {
  const { desk } = errand;
  const people = peopleOf(errand);
  const row = await requireWaiting(errand, said.requestId);
  const { request, plan, planHash } = row;
  tell(
    people,
    [
      `${request.requestId}: ${describeChange(request.change)}, asked by ${request.requestedBy}: ${request.reason}`,
      ...planLines(plan, planHash),
    ].join('\n'),
  );
  const approval = composeApproval(row, said, identity, newRequestId(desk.clock.nowMs(), desk.newId()));
  const key = await sendRequest(errand, approval);
  if (!errand.isWaiting) return tellSent(errand, key);
  const given = await watchRequest(errand, key, false);
  const approvalDocument = documentOf(key, given.followed, given.conclusion);
  if (given.conclusion.status !== EXIT_STATUS.ok) {
    return tellEnd(errand, given.conclusion, { approval: approvalDocument, approved: null });
  }
  tell(people, given.conclusion.text);
  const approvedKey = keyOfRow(row);
  const { followed, conclusion } = await watchRequest(errand, approvedKey, true);
  tellEnd(errand, conclusion, {
    approval: approvalDocument,
    approved: documentOf(approvedKey, followed, conclusion),
  });
}

/** The request that waits. Throws CommandError with 1 where none does. */
async function requireWaiting({ desk }: Errand, requestId: string): Promise<RequestRow> {
  const rows = await askOrEnd('nothing was approved: requests cannot be read', desk.requests.byId(requestId));
  const waiting = rows.find(({ phase }) => phase === 'awaiting-approval');
  if (waiting !== undefined) return waiting;
  const standings = rows.map(describeStanding).join(', ');
  const text =
    rows.length === 0
      ? `There is no request ${requestId}`
      : `${requestId} waits for no approval: it is ${standings}`;
  throw new CommandError(EXIT_STATUS.failed, `${text}. Nothing was approved.`);
}

function composeApproval(row: RequestRow, said: Approving, identity: Identity, newId: string) {
  const { request, planHash } = row;
  const { change, requestedBy, requestId } = request;
  if (identity.requestedBy === requestedBy) {
    throw failed(`${requestId} was asked for by ${requestedBy}: somebody else has to approve it.`);
  }
  if (!('binding' in change)) throw failed(`${requestId} is about a pair: nobody has to approve it.`);
  if (said.planHash !== undefined && said.planHash !== planHash) {
    throw failed(`The plan of ${requestId} is not the one with the hash ${said.planHash} any more.`);
  }
  const document = {
    kind: REQUEST_KIND,
    version: 1,
    requestId: said.id ?? newId,
    requestedBy: identity.requestedBy,
    ...(said.reason === undefined ? {} : { reason: said.reason }),
    change: { kind: 'approve', binding: change.binding, requestId, planHash },
  };
  const checked = checkDocument(document, OPTION_NAMES);
  if (checked.kind === 'faulty') {
    throw new CommandError(EXIT_STATUS.wrong, checked.faults.join('\n'));
  }
  return signedBy(checked.request, identity);
}

function failed(text: string): CommandError {
  return new CommandError(EXIT_STATUS.failed, `${text} Nothing was approved.`);
}
