import { keyOfRow, type RequestKey, type RequestRow } from '../../requests/model.ts';
import type { TextSpan } from './key-ranges.ts';
import type { Row, RowWrite } from './rows.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.requests.name;
const OPEN_PREFIX = 'open/';
const TAKEN_ENTRY = 'taken';

/** The rows of one lane's list, and of all of them: `0` comes after `/`. */
export const EVERY_OPEN_LIST: TextSpan = { from: OPEN_PREFIX, before: 'open0' };

/** Instants have so many digits in an entry, so that entries are in their order. */
const INSTANT_DIGITS = 15;

/** The subject of everything that came under an id. */
export function subjectOfId(requestId: string): string {
  return `req/${requestId}`;
}

/** The subject of a lane's list of open requests. */
export function subjectOfLane(laneId: string): string {
  return `${OPEN_PREFIX}${laneId}`;
}

/** The subject of a day's list; `2026-04-09`. */
export function subjectOfDay(day: string): string {
  return `day/${day}`;
}

/** The day of an instant, UTC. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** Where the request itself is. */
export function placeOf({ requestId, payloadHash }: RequestKey) {
  return { subject: subjectOfId(requestId), entry: payloadHash };
}

/** Where it says which content has taken an id. */
export function placeOfTaking(requestId: string) {
  return { subject: subjectOfId(requestId), entry: TAKEN_ENTRY };
}

/** Whether a row under the subject of an id is a request, and not the one that says who has taken the id. */
export function isRequest({ entry }: Row): boolean {
  return entry !== TAKEN_ENTRY;
}

/** Of a request in a list: sorts by age, and names the request. */
export function entryOf(row: RequestRow): string {
  const { requestId, payloadHash } = keyOfRow(row);
  return `${String(Math.floor(row.receivedAtMs)).padStart(INSTANT_DIGITS, '0')}/${requestId}/${payloadHash}`;
}

/** The request that an entry of a list names. */
export function keyInEntry({ entry }: Row): RequestKey {
  const [, requestId = '', payloadHash = ''] = String(entry).split('/');
  return { requestId, payloadHash };
}

/** Revision and fence are columns of their own, since conditions compare them. */
export function columnsOf(row: RequestRow) {
  return { request: JSON.stringify(row), revision: row.revision, fence: row.fence };
}

/** What a request that has come puts into the table: itself, unless it is there already, and its entries in lists. */
export function writesOf(row: RequestRow): ReadonlyArray<RowWrite> {
  const entry = entryOf(row);
  const listed = (subject: string): RowWrite => ({
    kind: 'put',
    table: TABLE,
    key: { subject, entry },
    columns: { lane: row.laneId },
  });
  return [
    {
      kind: 'put',
      table: TABLE,
      key: placeOf(keyOfRow(row)),
      columns: columnsOf(row),
      condition: { existence: 'absent' },
    },
    ...(row.laneId === '' ? [] : [listed(subjectOfLane(row.laneId))]),
    listed(subjectOfDay(dayOf(row.receivedAtMs))),
  ];
}
