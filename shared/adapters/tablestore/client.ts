import type { Clock } from '../../clock.ts';
import { chunksOf } from '../../collections.ts';
import { Connection, type TableClientOptions } from './connection.ts';
import {
  batchWrite,
  bound,
  primaryKey,
  readRow,
  type SdkResult,
  type SdkRow,
  singleWrite,
  throwUnlessOk,
} from './encoding.ts';
import { CONDITION_FAILED, errorOfSilence } from './errors.ts';
import type { Cells, Row, RowWrite } from './rows.ts';
import type { TablestoreSdk } from './sdk.ts';
import { createTableTime } from './table-time.ts';

/** Tablestore, wrapped once: typed rows, our timeouts, errors by next action, a budget of retries, table time. */
export interface TableClient {
  readonly time: Clock;
  /** `null` = no such row. */
  get(table: string, key: Cells): Promise<Row | null>;
  /** The rows that exist, in no promised order. Any number of keys; 100 go into a call. */
  getMany(table: string, keys: ReadonlyArray<Cells>): Promise<ReadonlyArray<Row>>;
  /** Every row whose key begins with `prefix`, by key order. `keyNames` are all of the table's, in order. */
  range(table: string, keyNames: ReadonlyArray<string>, prefix: Cells): Promise<ReadonlyArray<Row>>;
  /** One row; `conflict` when its condition does not hold. */
  write(row: RowWrite): Promise<'written' | 'conflict'>;
  /** Any number of rows, 200 in a call; a result for each. Rows of one call are independent of each other. */
  writeMany(rows: ReadonlyArray<RowWrite>): Promise<ReadonlyArray<'written' | 'conflict'>>;
}

const ROWS_PER_READ = 100;
const ROWS_PER_WRITE = 200;
/** Opens the client; the SDK is loaded with the first call. */
export function createTableClient(options: TableClientOptions): TableClient {
  const time = createTableTime(options.clock);
  const connection = new Connection(options, time);
  const call = (operation: string, params: (sdk: TablestoreSdk) => unknown) =>
    connection.call(operation, params);
  return {
    time,
    async get(table, key) {
      const answer = (await call('getRow', (sdk) => ({
        tableName: table,
        primaryKey: primaryKey(sdk, key),
        maxVersions: 1,
      }))) as { row: SdkRow };
      return readRow(answer.row);
    },
    async getMany(table, keys) {
      const rows: Array<Row> = [];
      for (const chunk of chunksOf(keys, ROWS_PER_READ)) {
        const answer = (await call('batchGetRow', (sdk) => ({
          tables: [
            { tableName: table, primaryKey: chunk.map((key) => primaryKey(sdk, key)), maxVersions: 1 },
          ],
        }))) as { tables: ReadonlyArray<ReadonlyArray<SdkRow & SdkResult>> };
        for (const row of answer.tables.flat()) {
          throwUnlessOk('batchGetRow', row);
          const read = readRow(row);
          if (read !== null) rows.push(read);
        }
      }
      return rows;
    },
    async range(table, keyNames, prefix) {
      const rows: Array<Row> = [];
      let from: ReadonlyArray<{ name: string; value: unknown }> | null = null;
      do {
        const start = from;
        const answer = (await call('getRange', (sdk) => ({
          tableName: table,
          direction: sdk.Direction.FORWARD,
          inclusiveStartPrimaryKey:
            start?.map(({ name, value }) => ({ [name]: value })) ?? bound(sdk, keyNames, prefix, sdk.INF_MIN),
          exclusiveEndPrimaryKey: bound(sdk, keyNames, prefix, sdk.INF_MAX),
          maxVersions: 1,
        }))) as {
          rows: ReadonlyArray<SdkRow>;
          nextStartPrimaryKey: ReadonlyArray<{ name: string; value: unknown }> | null;
        };
        rows.push(...answer.rows.map(readRow).filter((row) => row !== null));
        from = answer.nextStartPrimaryKey;
      } while (from !== null && from !== undefined && from.length > 0);
      return rows;
    },
    async write(row) {
      return await connection.conditional(OPERATION[row.kind], (sdk) => singleWrite(sdk, row));
    },
    async writeMany(rows) {
      const results: Array<'written' | 'conflict'> = [];
      for (const chunk of chunksOf(rows, ROWS_PER_WRITE)) {
        results.push(...(await writeChunk(connection, chunk)));
      }
      return results;
    },
  };
}

const OPERATION = { put: 'putRow', update: 'updateRow', delete: 'deleteRow' } as const;

async function writeChunk(
  connection: Connection,
  rows: ReadonlyArray<RowWrite>,
): Promise<ReadonlyArray<'written' | 'conflict'>> {
  // The answer lists the rows table by table, in the order in which the tables were named.
  const tables = [...new Set(rows.map(({ table }) => table))];
  const ordered = tables.flatMap((table) => rows.filter((row) => row.table === table));
  const answer = (await connection.call('batchWriteRow', (sdk) => ({
    tables: tables.map((table) => ({
      tableName: table,
      rows: ordered.filter((row) => row.table === table).map((row) => batchWrite(sdk, row)),
    })),
  }))) as { tables: ReadonlyArray<SdkResult> };
  const results = new Map<RowWrite, 'written' | 'conflict'>();
  ordered.forEach((row, index) => {
    const result = answer.tables[index];
    if (result === undefined) throw errorOfSilence('batchWriteRow', 200, 'the answer lacks rows');
    if (!result.isOk && result.errorCode === CONDITION_FAILED) results.set(row, 'conflict');
    else {
      throwUnlessOk('batchWriteRow', result);
      results.set(row, 'written');
    }
  });
  return rows.map((row) => results.get(row) ?? 'conflict');
}
