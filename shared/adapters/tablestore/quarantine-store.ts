import type { QuarantineItem } from '../../acceptance/model.ts';
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
/** A column of a row and a whole call are bounded, so long texts go a few at a time. */
const TEXT_CHARS_PER_CALL = 1_000_000;
/** A batch may hold thousands of them, and all of it has to be accepted in one invocation. */
const NOTES_AT_ONCE = 10;

/** The `quarantine` table with its queue. Row first: a note always leads to a row. */
export function createQuarantine(tables: TableClient, notes: QuarantineNotes): Quarantine {
  return {
    async put(items) {
      for (const batch of bySize(items)) {
        await tables.writeMany(
          batch.map(({ key, reason, text, messageId, atMs }) => ({
            kind: 'put',
            table: TABLES.quarantine.name,
            key: { key },
            columns: { reason, text: text.slice(0, TEXT_CHARS_MAX), messageId: messageId ?? '', atMs },
          })),
        );
      }
      await mapBounded(items, NOTES_AT_ONCE, ({ key, reason }) => notes.send(key, reason));
    },
  };
}

function bySize(items: ReadonlyArray<QuarantineItem>): Array<Array<QuarantineItem>> {
  const batches: Array<Array<QuarantineItem>> = [];
  let room = 0;
  for (const item of items) {
    const size = Math.min(item.text.length, TEXT_CHARS_MAX);
    const last = batches.at(-1);
    if (last === undefined || size > room) {
      batches.push([item]);
      room = TEXT_CHARS_PER_CALL - size;
    } else {
      last.push(item);
      room -= size;
    }
  }
  return batches;
}
