import type { QuarantineItem } from '../../acceptance/model.ts';
import type { Quarantine, QuarantineCount, QuarantineDesk } from '../../acceptance/ports.ts';
import { mapBounded } from '../../concurrency.ts';
import type { TableClient } from './client.ts';
import { beginningWith } from './key-ranges.ts';
import type { Row } from './rows.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.quarantine.name;
const KEY_NAMES = TABLES.quarantine.key.map(({ name }) => name);

/** Says on a queue that something was put aside. */
export interface QuarantineNotes {
  send(key: string, reason: string): Promise<void>;
}

/** A column holds 2 MB; what is longer keeps its beginning, which is enough to see what it was. */
const TEXT_CHARS_MAX = 500_000;
/** A batch may hold thousands of them, and all of it has to be accepted in one invocation. */
const NOTES_AT_ONCE = 10;

/** The `quarantine` table with its queue. Row first: a note always leads to a row. */
export function createQuarantine(tables: TableClient, notes: QuarantineNotes): Quarantine {
  return {
    async put(items) {
      await tables.writeMany(
        items.map(({ key, reason, text, messageId, atMs }) => ({
          kind: 'put',
          table: TABLE,
          key: { key },
          columns: { reason, text: text.slice(0, TEXT_CHARS_MAX), messageId: messageId ?? '', atMs },
        })),
      );
      await mapBounded(items, NOTES_AT_ONCE, ({ key, reason }) => notes.send(key, reason));
    },
  };
}

/** How much the `quarantine` table holds. */
export function createQuarantineCount(tables: TableClient): QuarantineCount {
  return {
    async count(atMost) {
      return (await tables.range(TABLE, KEY_NAMES, {}, atMost)).length;
    },
  };
}

/** The `quarantine` table as people work with it, and the done-keys that belong to it. */
export function createQuarantineDesk(tables: TableClient): QuarantineDesk {
  return {
    async list() {
      const rows = await tables.range(TABLE, KEY_NAMES, {});
      return rows.map(itemOf).sort((a, b) => a.atMs - b.atMs);
    },
    async find(keysBegin) {
      return (await tables.range(TABLE, KEY_NAMES, { key: beginningWith(keysBegin) })).map(itemOf);
    },
    async forget(key) {
      await tables.write({ kind: 'delete', table: TABLES.done.name, key: { key } });
    },
    async remove({ key, atMs }) {
      const columns = [{ column: 'atMs', is: 'equal', value: atMs, passIfMissing: false }] as const;
      const condition = { existence: 'exists', columns } as const;
      return (await tables.write({ kind: 'delete', table: TABLE, key: { key }, condition })) === 'written';
    },
  };
}

function itemOf({ key, reason, text, messageId, atMs }: Row): QuarantineItem {
  const id = String(messageId ?? '');
  return {
    key: String(key),
    reason: String(reason ?? ''),
    text: String(text ?? ''),
    messageId: id === '' ? null : id,
    atMs: Number(atMs ?? 0),
  };
}
