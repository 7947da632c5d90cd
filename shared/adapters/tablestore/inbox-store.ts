import * as z from 'zod';
import type { Signal } from '../../acceptance/model.ts';
import type { InboxStore } from '../../acceptance/ports.ts';
import type { TableClient } from './client.ts';
import { readDocument } from './documents.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.inbox.name;
const KEY_NAMES = TABLES.inbox.key.map(({ name }) => name);

const SignalSchema: z.ZodType<Signal> = z.object({
  key: z.string(),
  instanceId: z.string(),
  state: z.enum(['Created', 'Pending', 'Starting', 'Running', 'Stopping', 'Stopped', 'Deleted']),
  eventAtMs: z.number().nullable(),
  acceptedAtMs: z.number(),
});

/** The `inbox` table: one write-once row per lane and key. */
export function createInboxStore(tables: TableClient): InboxStore {
  return {
    async put(entries) {
      // A row that is already there keeps its time of acceptance; a conflict is therefore success.
      await tables.writeMany(
        entries.map(({ loadBalancerId, signal }) => ({
          kind: 'put',
          table: TABLE,
          key: { lane: loadBalancerId, key: signal.key },
          columns: { signal: JSON.stringify(signal) },
          condition: { existence: 'absent' },
        })),
      );
    },
    async read(loadBalancerId) {
      const rows = await tables.range(TABLE, KEY_NAMES, { lane: loadBalancerId });
      return rows.map((row) => readDocument(SignalSchema, TABLE, row.signal));
    },
    async remove(loadBalancerId, keys) {
      await tables.writeMany(
        keys.map((key) => ({ kind: 'delete', table: TABLE, key: { lane: loadBalancerId, key } })),
      );
    },
  };
}
