import type { DoneRecord } from '../../acceptance/model.ts';
import type { DoneStore } from '../../acceptance/ports.ts';
import type { TableClient } from './client.ts';
import { DONE_LIFE_SECONDS, TABLES } from './tables.ts';

const TABLE = TABLES.done.name;

/** The `done` table. Expiry is a column of its own: whether an expired row still exists is not documented. */
export function createDoneStore(tables: TableClient): DoneStore {
  return {
    async read(keys) {
      const rows = await tables.getMany(
        TABLE,
        keys.map((key) => ({ key })),
      );
      const nowSeconds = tables.time.nowMs() / 1_000;
      const known = rows.filter((row) => Number(row.expiresAtSeconds) > nowSeconds);
      return new Map(
        known.map((row): [string, DoneRecord] => [
          String(row.key),
          {
            key: String(row.key),
            payloadHash: String(row.payloadHash),
            result: String(row.result),
            atMs: Number(row.atMs),
          },
        ]),
      );
    },
    async write(records) {
      await tables.writeMany(
        records.map(({ key, payloadHash, result, atMs }) => ({
          kind: 'put',
          table: TABLE,
          key: { key },
          columns: {
            payloadHash,
            result,
            atMs,
            expiresAtSeconds: Math.ceil(atMs / 1_000) + DONE_LIFE_SECONDS,
          },
        })),
      );
    },
  };
}
