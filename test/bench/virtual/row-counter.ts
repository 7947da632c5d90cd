import type { TableClient } from '../../../shared/adapters/tablestore/client.ts';
import type { RowWrite } from '../../../shared/adapters/tablestore/rows.ts';

/** Rows that were sent to be written, by table; a refused one counts, too. */
export type RowCounts = Map<string, number>;

/** The same table client, which counts in `counts` the rows of each write. */
export function countingRows(tables: TableClient, counts: RowCounts): TableClient {
  const note = (rows: ReadonlyArray<RowWrite>): void => {
    for (const { table } of rows) counts.set(table, (counts.get(table) ?? 0) + 1);
  };
  return {
    time: tables.time,
    get: (table, key) => tables.get(table, key),
    getMany: (table, keys) => tables.getMany(table, keys),
    range: (table, keyNames, prefix) => tables.range(table, keyNames, prefix),
    write: (row) => {
      note([row]);
      return tables.write(row);
    },
    writeMany: (rows) => {
      note(rows);
      return tables.writeMany(rows);
    },
  };
}
