import { chunksOf } from '../../collections.ts';
import { keyOfRow, type RequestKey, type RequestRow } from '../../requests/model.ts';
import type { RequestReader, RequestStore } from '../../requests/ports.ts';
import type { TableClient } from './client.ts';
import { readDocument } from './documents.ts';
import { auditWrite, rowCondition } from './journal-rows.ts';
import type { KeyPrefix } from './key-ranges.ts';
import { RequestRowSchema } from './request-row-schema.ts';
import {
  columnsOf,
  dayOf,
  EVERY_OPEN_LIST,
  entryOf,
  isRequest,
  keyInEntry,
  placeOf,
  placeOfTaking,
  subjectOfDay,
  subjectOfId,
  subjectOfLane,
  writesOf,
} from './request-rows.ts';
import type { Row, RowWrite } from './rows.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.requests.name;
/** A row may have half a megabyte, which few have; an answer has 4 MB at most. */
const ROWS_PER_READ = 20;
const KEY_NAMES = TABLES.requests.key.map(({ name }) => name);

/** The `requests` table. Lists only say where to look: a copy of a request may be in one twice, and counts once. */
export function createRequestStore(tables: TableClient): RequestStore {
  return {
    read: (keys) => readRows(tables, keys),
    async put(rows) {
      // A row that is there already is the same request; a conflict is therefore success.
      await tables.writeMany(onePerRow(rows.flatMap(writesOf)));
    },
    open: (laneId) => readListed(tables, { subject: subjectOfLane(laneId) }),
    async takeIds(keys) {
      const firsts = [...new Map(keys.toReversed().map((key) => [key.requestId, key])).values()];
      // One that is taken stays whose it is; a lost reply is resolved by the reading, which is needed anyway.
      await tables.writeMany(
        firsts.map(({ requestId, payloadHash }) => ({
          kind: 'put',
          table: TABLE,
          key: placeOfTaking(requestId),
          columns: { hash: payloadHash },
          condition: { existence: 'absent' },
        })),
      );
      const taken = await tables.getMany(
        TABLE,
        firsts.map(({ requestId }) => placeOfTaking(requestId)),
      );
      const ownerOf = new Map(taken.map((row) => [String(row.subject), row.hash]));
      return keys.filter(({ requestId, payloadHash }) => ownerOf.get(subjectOfId(requestId)) === payloadHash);
    },
    async commit({ fence, changes, audit }) {
      const written = changes.map(
        ({ row, expectedRevision }): RowWrite => ({
          kind: 'put',
          table: TABLE,
          key: placeOf(keyOfRow(row)),
          columns: columnsOf(row),
          condition: rowCondition(expectedRevision, fence),
        }),
      );
      const results = await tables.writeMany([...written, ...audit.map(auditWrite)]);
      return { refused: changes.filter((_, index) => results[index] === 'conflict').map(({ row }) => row) };
    },
    async close(laneId, keys) {
      if (keys.length === 0) return;
      const closed = new Set(keys.map(nameOf));
      // When a copy came is in its entry, but not in its key, so all entries have to be looked through.
      const entries = await tables.range(TABLE, KEY_NAMES, { subject: subjectOfLane(laneId) });
      await tables.writeMany(
        entries
          .filter((entry) => closed.has(nameOf(keyInEntry(entry))))
          .map(({ subject = '', entry = '' }) => ({ kind: 'delete', table: TABLE, key: { subject, entry } })),
      );
    },
  };
}

/** The same table, for people. */
export function createRequestReader(tables: TableClient): RequestReader {
  return {
    async byId(requestId) {
      const found = await tables.range(TABLE, KEY_NAMES, { subject: subjectOfId(requestId) });
      return byAge(found.filter(isRequest).map(rowIn));
    },
    async allOpen() {
      const rows = await readListed(tables, { subject: EVERY_OPEN_LIST });
      return rows.filter(({ phase }) => phase !== 'ended');
    },
    async ofDay(day) {
      const rows = await readListed(tables, { subject: subjectOfDay(day) });
      // A copy that came on another day is listed there, too.
      return rows.filter(({ receivedAtMs }) => dayOf(receivedAtMs) === day);
    },
  };
}

/** The requests of a list, the oldest first. What was listed and never written is nobody's: its message comes again. */
async function readListed(tables: TableClient, prefix: KeyPrefix): Promise<ReadonlyArray<RequestRow>> {
  const entries = await tables.range(TABLE, KEY_NAMES, prefix);
  return byAge(await readRows(tables, entries.map(keyInEntry)));
}

async function readRows(
  tables: TableClient,
  keys: ReadonlyArray<RequestKey>,
): Promise<ReadonlyArray<RequestRow>> {
  const different = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
  const rows: Array<Row> = [];
  for (const chunk of chunksOf(different.map(placeOf), ROWS_PER_READ)) {
    rows.push(...(await tables.getMany(TABLE, chunk)));
  }
  return rows.map(rowIn);
}

function rowIn({ request }: Row): RequestRow {
  return readDocument(RequestRowSchema, TABLE, request);
}

function byAge(rows: ReadonlyArray<RequestRow>): ReadonlyArray<RequestRow> {
  return [...rows].sort((one, other) => (entryOf(one) < entryOf(other) ? -1 : 1));
}

function nameOf({ requestId, payloadHash }: RequestKey): string {
  return `${requestId}/${payloadHash}`;
}

/** The first write of each row: a call that names a row twice is refused as a whole. */
function onePerRow(writes: ReadonlyArray<RowWrite>): ReadonlyArray<RowWrite> {
  const first = new Map<string, RowWrite>();
  for (const write of writes) {
    const name = `${write.key.subject} ${write.key.entry}`;
    if (!first.has(name)) first.set(name, write);
  }
  return [...first.values()];
}
