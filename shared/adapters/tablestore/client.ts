import type { Clock } from '../../clock.ts';
import { chunksOf, groupBy } from '../../collections.ts';
import { Connection, type TableClientOptions } from './connection.ts';
import {
  batchWrite,
  failureOf,
  keyValues,
  primaryKey,
  rangeEnd,
  readRow,
  type SdkResult,
  type SdkRow,
  singleWrite,
  throwUnlessOk,
} from './encoding.ts';
import { CONDITION_FAILED, errorOfSilence, isCertainlyNotDone } from './errors.ts';
import { type KeyEnd, type KeyPrefix, rangeEnds } from './key-ranges.ts';
import type { Cells, Row, RowWrite } from './rows.ts';
import { createTableTime } from './table-time.ts';
import { writeChunks } from './write-chunks.ts';

/** Tablestore, wrapped once: typed rows, our timeouts, errors by next action, a budget of retries, table time. */
export interface TableClient {
  readonly time: Clock;
  /** `null` = no such row. */
  get(table: string, key: Cells): Promise<Row | null>;
  /** The rows that exist, in no promised order. Any number of keys; 100 go into a call. */
  getMany(table: string, keys: ReadonlyArray<Cells>): Promise<ReadonlyArray<Row>>;
  /**
   * Every row whose key begins with `prefix`, by key order; with `lastCount` only the last so many, the last one first.
   * `keyNames` are all of the table's, in order. Rows that `where` says no to are dropped as they are read.
   */
  range(
    table: string,
    keyNames: ReadonlyArray<string>,
    prefix: KeyPrefix,
    lastCount?: number,
    where?: (row: Row) => boolean,
  ): Promise<ReadonlyArray<Row>>;
  /** One row; `conflict` when its condition does not hold. */
  write(row: RowWrite): Promise<'written' | 'conflict'>;
  /** Any number of rows, in as many calls as it takes; a result for each. Rows of one call are independent of each other. */
  writeMany(rows: ReadonlyArray<RowWrite>): Promise<ReadonlyArray<'written' | 'conflict'>>;
}

const ROWS_PER_READ = 100;

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
    async range(table, keyNames, prefix, lastCount, where = () => true) {
      const rows: Array<Row> = [];
      const isBackward = lastCount !== undefined;
      let from: RangePage['nextStartPrimaryKey'] = null;
      do {
        const start = from;
        const page: RangePage = await connection.call(
          'getRange',
          (sdk) => {
            const { lower, upper } = rangeEnds(keyNames, prefix, keyValues(sdk));
            return {
              tableName: table,
              direction: isBackward ? sdk.Direction.BACKWARD : sdk.Direction.FORWARD,
              inclusiveStartPrimaryKey: rangeEnd(start ?? (isBackward ? upper : lower)),
              exclusiveEndPrimaryKey: rangeEnd(isBackward ? lower : upper),
              maxVersions: 1,
              ...(isBackward && { limit: lastCount - rows.length }),
            };
          },
          (data) => data as RangePage,
        );
        for (const row of page.rows) {
          const read = readRow(row);
          if (read !== null && where(read)) rows.push(read);
        }
        from = page.nextStartPrimaryKey;
        if (isBackward && rows.length >= lastCount) return rows;
      } while (from !== null && from !== undefined && from.length > 0);
      return rows;
    },
    async write(row) {
      return await connection.conditional(OPERATION[row.kind], (sdk) => singleWrite(sdk, row));
    },
    async writeMany(rows) {
      const results: Array<'written' | 'conflict'> = [];
      for (const chunk of writeChunks(rows)) {
        results.push(...(await writeChunk(connection, chunk)));
      }
      return results;
    },
  };
}

const OPERATION = { put: 'putRow', update: 'updateRow', delete: 'deleteRow' } as const;

/** A page of a range, and where the next one begins. */
interface RangePage {
  readonly rows: ReadonlyArray<SdkRow>;
  readonly nextStartPrimaryKey: KeyEnd<unknown> | null;
}

const API = 'batchWriteRow';

/** Writes what a call takes. Those that failed without being written are tried again, if all that failed are such. */
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
