import type { Quarantine } from '../../acceptance/ports.ts';
import { mapBounded } from '../../concurrency.ts';
import type { TableClient } from './client.ts';
import { TABLES } from './tables.ts';

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
          table: TABLES.quarantine.name,
          key: { key },
          columns: { reason, text: text.slice(0, TEXT_CHARS_MAX), messageId: messageId ?? '', atMs },
        })),
      );
      await mapBounded(items, NOTES_AT_ONCE, ({ key, reason }) => notes.send(key, reason));
    },
  };
}
