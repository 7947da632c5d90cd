import { setTimeout as delay } from 'node:timers/promises';
import type { TableClient } from '../../../shared/adapters/tablestore/client.ts';

/** A table client that counts. */
export interface CountedTables {
  readonly tables: TableClient;
  /** Calls since the last time it was asked. */
  takeCalls(): number;
}

/**
 * The same table client, its calls counted and each of them `latencyMs` longer: the way to a table that is not on the
 * same machine. Calls that go to one table at once are under way at once.
 */
export function countedTables(tables: TableClient, latencyMs: number): CountedTables {
  let calls = 0;
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    calls++;
    await delay(latencyMs);
    return await call();
  };
  return {
    tables: {
      time: tables.time,
      get: (table, key) => through(() => tables.get(table, key)),
      getMany: (table, keys) => through(() => tables.getMany(table, keys)),
      range: (table, keyNames, prefix) => through(() => tables.range(table, keyNames, prefix)),
      write: (row) => through(() => tables.write(row)),
      writeMany: (rows) => through(() => tables.writeMany(rows)),
    },
    takeCalls() {
      const taken = calls;
      calls = 0;
      return taken;
    },
  };
}
