import type { Clock } from '../../clock.ts';
import { chunksOf, groupBy } from '../../collections.ts';
import { Connection, type TableClientOptions } from './connection.ts';
import {
  batchWrite,
  bound,
  failureOf,
  primaryKey,
  readRow,
  type SdkResult,
  type SdkRow,
  singleWrite,
  throwUnlessOk,
} from './encoding.ts';
import { CONDITION_FAILED, errorOfSilence, isCertainlyNotDone } from './errors.ts';
import { readRange } from './ranges.ts';
import type { Bounds, Cells, Row, RowWrite } from './rows.ts';
import { createTableTime } from './table-time.ts';

/** Tablestore, wrapped once: typed rows, our timeouts, errors by next action, a budget of retries, table time. */
export interface TableClient {
  readonly time: Clock;
  /** `null` = no such row. */
  get(table: string, key: Cells): Promise<Row | null>;
  /** The rows that exist, in no promised order. Any number of keys; 100 go into a call. */
  getMany(table: string, keys: ReadonlyArray<Cells>): Promise<ReadonlyArray<Row>>;
  /**
   * Every row whose key begins with `prefix`, by key order; with `lastCount` only the last so many, the last one first.
   * `keyNames` are all of the table's, in order.
   */
  range(
    table: string,
    keyNames: ReadonlyArray<string>,
    prefix: Cells,
    lastCount?: number,
  ): Promise<ReadonlyArray<Row>>;
  /**
   * Every row whose first key column is within the bounds, by key order; of these only the rows that `where` says yes to,
   * the others are dropped as they are read.
   */
  rangeOf(
    table: string,
    keyNames: ReadonlyArray<string>,
    firstColumn: Bounds,
    options?: { readonly where?: (row: Row) => boolean },
  ): Promise<ReadonlyArray<Row>>;
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
  return {
    time,
    async get(table, key) {
      return await connection.call(
        'getRow',
        (sdk) => ({ tableName: table, primaryKey: primaryKey(sdk, key), maxVersions: 1 }),
        (data) => readRow((data as { row: SdkRow }).row),
      );
    },
    async getMany(table, keys) {
      const rows: Array<Row> = [];
      for (const chunk of chunksOf(keys, ROWS_PER_READ)) {
        const found = await connection.call(
          'batchGetRow',
          (sdk) => ({
            tables: [
              { tableName: table, primaryKey: chunk.map((key) => primaryKey(sdk, key)), maxVersions: 1 },
            ],
          }),
          (data, requestId) => {
            const answers = (data as { tables: ReadonlyArray<ReadonlyArray<SdkRow & SdkResult>> }).tables;
            const answered = answers.flat();
            // Absent rows are listed as such; a list that is too short proves nothing.
            if (answered.length !== chunk.length) throw lacking('batchGetRow', requestId);
            for (const row of answered) throwUnlessOk('batchGetRow', row, requestId);
            return answered.map(readRow);
          },
        );
        rows.push(...found.filter((row) => row !== null));
      }
      return rows;
    },
    async range(table, keyNames, prefix, lastCount) {
      const isBackward = lastCount !== undefined;
      return await readRange(connection, {
        table,
        start: (sdk) => bound(sdk, keyNames, prefix, isBackward ? sdk.INF_MAX : sdk.INF_MIN),
        end: (sdk) => bound(sdk, keyNames, prefix, isBackward ? sdk.INF_MIN : sdk.INF_MAX),
        lastCount: lastCount ?? null,
      });
    },
    async rangeOf(table, keyNames, { from, to }, options = {}) {
      const [first = ''] = keyNames;
      return await readRange(connection, {
        table,
        start: (sdk) => bound(sdk, keyNames, { [first]: from }, sdk.INF_MIN),
        end: (sdk) => bound(sdk, keyNames, { [first]: to }, sdk.INF_MIN),
        lastCount: null,
        ...options,
      });
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

const API = 'batchWriteRow';

/** Writes at most 200 rows. Those that failed without being written are tried again, if all that failed are such. */
async function writeChunk(
  connection: Connection,
  rows: ReadonlyArray<RowWrite>,
): Promise<ReadonlyArray<'written' | 'conflict'>> {
  const results = new Map<RowWrite, 'written' | 'conflict'>();
  const leftByTable = () =>
    groupBy(
      rows.filter((row) => !results.has(row)),
      ({ table }) => table,
    );
  await connection.call(
    API,
    (sdk) => ({
      tables: [...leftByTable()].map(([tableName, left]) => ({
        tableName,
        rows: left.map((row) => batchWrite(sdk, row)),
      })),
    }),
    (data, requestId) => {
      const answers = (data as { tables: ReadonlyArray<SdkResult> }).tables;
      const failures: Array<Error> = [];
      // The answer lists the rows table by table, in the order in which the tables were named.
      for (const [index, row] of [...leftByTable().values()].flat().entries()) {
        const answer = answers[index];
        const failure = answer === undefined ? lacking(API, requestId) : failureOf(API, answer, requestId);
        if (failure === null) results.set(row, 'written');
        else if (answer?.errorCode === CONDITION_FAILED) results.set(row, 'conflict');
        else failures.push(failure);
      }
      const final = failures.find((failure) => !isCertainlyNotDone(failure));
      if (failures.length > 0) throw final ?? failures[0];
    },
  );
  return rows.map((row) => results.get(row) ?? 'conflict');
}

function lacking(api: string, requestId: string | null): Error {
  return errorOfSilence({ api, code: null, requestId }, 200, new Error('the answer lacks rows'));
}
