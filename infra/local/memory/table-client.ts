import { DeadlineError } from '../../../shared/adapters/node/deadline.ts';
import type { TableClient } from '../../../shared/adapters/tablestore/client.ts';
import {
  CONDITION_FAILED,
  errorOfCode,
  errorOfSilence,
  isCertainlyNotDone,
} from '../../../shared/adapters/tablestore/errors.ts';
import { type KeyPrefix, rangeEnds } from '../../../shared/adapters/tablestore/key-ranges.ts';
import type { Row, RowWrite } from '../../../shared/adapters/tablestore/rows.ts';
import { createTableTime, requireCertainTime } from '../../../shared/adapters/tablestore/table-time.ts';
import { writeChunks } from '../../../shared/adapters/tablestore/write-chunks.ts';
import { chunksOf, groupBy } from '../../../shared/collections.ts';
import { TransientError } from '../../../shared/errors.ts';
import { AccessDenied, CloudError, ConnectionLost } from '../world/errors.ts';
import type { Foundation } from '../world/foundation.ts';
import type { BatchRowResult, RangeResult } from '../world/tablestore/requests.ts';
import type { Tablestore } from '../world/tablestore/tablestore.ts';
import { type Caller, withTries } from './caller.ts';
import { KEY_VALUES, NEWEST, primaryKeyOf, rowChangeOf, rowOf } from './table-values.ts';

const TRIES = { triesMax: 3, waitMs: 100 };
const ROWS_PER_READ = 100;

/** One operation on its way. */
interface TableCall<T, R> {
  /** `GetRow`, as RAM and the service call it. */
  readonly action: string;
  readonly tables: ReadonlyArray<string>;
  readonly parameters: unknown;
  readonly about: () => string;
  readonly run: () => T;
  /** Makes something of the answer. What it throws counts as the call's own failure. */
  readonly read: (answer: T, requestId: string) => R;
}

/**
 * The table client without the wire: the service's own conditions and limits, the product's table of errors and its
 * tries, and table time learnt from the date of each answer.
 */
export function createMemoryTableClient(
  foundation: Foundation,
  tablestore: Tablestore,
  caller: Caller,
): TableClient {
  const time = createTableTime(caller.ownClock);

  const once = async <T, R>(call: TableCall<T, R>, timeoutMs: number): Promise<R> => {
    const { action, tables, parameters, about, run, read } = call;
    const requestId = foundation.ids.requestId().toLowerCase();
    const origin = { api: operationName(action), code: null, requestId };
    const sentAtMs = caller.ownClock.nowMs();
    let answeredAtMs = 0;
    const land = async () => {
      try {
        const apiCall = {
          product: 'ots',
          action,
          principal: caller.principal,
          subject: tables.join(','),
          resources: tables.map(tablestore.resource),
          parameters: null,
        } as const;
        return await foundation.gate.perform(apiCall, requestId, run);
      } finally {
        answeredAtMs = foundation.clock.nowMs();
      }
    };
    const learn = () => time.learn(answeredAtMs, sentAtMs);
    let answer: T;
    try {
      answer = await caller.carrier.carry({ product: 'ots', action, timeoutMs, parameters, about }, land);
    } catch (failure) {
      if (failure instanceof ConnectionLost || failure instanceof DeadlineError) {
        throw errorOfSilence({ ...origin, requestId: null }, null, failure);
      }
      learn();
      throw refusal(origin, failure);
    }
    learn();
    if (isRead(action)) requireCertainTime(time, origin);
    return read(answer, requestId);
  };

  const perform = async <T, R>(call: TableCall<T, R>): Promise<R> => {
    const mayRepeat = (error: unknown) =>
      isCertainlyNotDone(error) || (isRead(call.action) && error instanceof TransientError);
    return await withTries(caller, TRIES, mayRepeat, (leftMs) => once(call, leftMs));
  };

  return {
    time,
    async get(table, key) {
      const primaryKey = primaryKeyOf(key);
      return await perform({
        action: 'GetRow',
        tables: [table],
        parameters: { table, keys: [key] },
        about: () => `${table} ${describeKey(key)}`,
        run: () => tablestore.getRow(table, primaryKey, NEWEST),
        read: ({ row }) => (row === null ? null : rowOf(row)),
      });
    },
    async getMany(table, keys) {
      const rows: Array<Row> = [];
      for (const chunk of chunksOf(keys, ROWS_PER_READ)) {
        const part = { ...NEWEST, tableName: table, primaryKeys: chunk.map(primaryKeyOf) };
        const found = await perform({
          action: 'BatchGetRow',
          tables: [table],
          parameters: { table, keys: chunk },
          about: () => `${table} ${chunk.map(describeKey).join(', ')}`,
          run: () => tablestore.batchGetRow([part]),
          read: (answers, requestId) =>
            answers
              .flatMap((answer) => answer.rows)
              .map((row) => readBatched(row, requestId))
              .filter((row) => row !== null),
        });
        rows.push(...found);
      }
      return rows;
    },
    async range(table, keyNames, prefix, lastCount, where = () => true) {
      const rows: Array<Row> = [];
      const isBackward = lastCount !== undefined;
      const { lower, upper } = rangeEnds(keyNames, prefix, KEY_VALUES);
      let start: RangeResult['nextStartPrimaryKey'] | typeof lower = isBackward ? upper : lower;
      while (start !== null && !(isBackward && rows.length >= lastCount)) {
        const request = {
          ...NEWEST,
          tableName: table,
          direction: isBackward ? 'BACKWARD' : 'FORWARD',
          inclusiveStartPrimaryKey: start,
          exclusiveEndPrimaryKey: isBackward ? lower : upper,
          limit: isBackward ? lastCount - rows.length : null,
        } as const;
        const page: RangeResult = await perform({
          action: 'GetRange',
          tables: [table],
          parameters: { table, keys: [prefix] },
          about: () => `${table} ${describeKey(prefix)}`,
          run: () => tablestore.getRange(request),
          read: (answer) => answer,
        });
        rows.push(...page.rows.map(rowOf).filter(where));
        start = page.nextStartPrimaryKey;
      }
      return rows;
    },
    async write(row) {
      const change = rowChangeOf(row);
      try {
        return await perform({
          action: ACTIONS[row.kind],
          tables: [row.table],
          parameters: [row],
          about: () => describeWrite(row),
          run: () => tablestore.writeRow(row.table, change),
          read: () => 'written' as const,
        });
      } catch (error) {
        if (error instanceof ConditionFailed) return 'conflict';
        throw error;
      }
    },
    async writeMany(rows) {
      const results: Array<'written' | 'conflict'> = [];
      for (const chunk of writeChunks(rows)) results.push(...(await writeChunk(chunk)));
      return results;
    },
  };

  /** Writes what a call takes; those that certainly were not written are tried again, if all that failed are such. */
  async function writeChunk(rows: ReadonlyArray<RowWrite>): Promise<ReadonlyArray<'written' | 'conflict'>> {
    const results = new Map<RowWrite, 'written' | 'conflict'>();
    const left = () =>
      groupBy(
        rows.filter((row) => !results.has(row)),
        ({ table }) => table,
      );
    await perform({
      action: 'BatchWriteRow',
      tables: [...new Set(rows.map(({ table }) => table))],
      parameters: rows,
      about: () => [...left().values()].flat().map(describeWrite).join(', '),
      run: () =>
        tablestore.batchWriteRow(
          [...left()].map(([tableName, some]) => ({ tableName, rows: some.map(rowChangeOf) })),
        ),
      read: (answers, requestId) => {
        const flat = answers.flatMap((answer) => answer.rows);
        const failures: Array<Error> = [];
        for (const [index, row] of [...left().values()].flat().entries()) {
          const answer = flat[index];
          if (answer === undefined || answer.isOk) results.set(row, 'written');
          else if (answer.code === CONDITION_FAILED) results.set(row, 'conflict');
          else
            failures.push(
              errorOfCode({ api: 'batchWriteRow', code: answer.code, requestId }, answer.message),
            );
        }
        const final = failures.find((failure) => !isCertainlyNotDone(failure));
        if (failures.length > 0) throw final ?? failures[0];
      },
    });
    return rows.map((row) => results.get(row) ?? 'conflict');
  }
}

function isRead(action: string): boolean {
  return action.includes('Get');
}

const ACTIONS = { put: 'PutRow', update: 'UpdateRow', delete: 'DeleteRow' } as const;

/** A write's condition did not hold. Becomes a value before anybody outside sees it. */
class ConditionFailed extends Error {}

function refusal(origin: { api: string; code: null; requestId: string }, failure: unknown): unknown {
  if (failure instanceof AccessDenied) {
    const message = 'You have no permission to access the requested resource';
    return errorOfCode({ ...origin, code: 'OTSNoPermissionAccess' }, message);
  }
  if (!(failure instanceof CloudError)) return failure;
  if (failure.code === CONDITION_FAILED) return new ConditionFailed();
  return errorOfCode({ ...origin, code: failure.code }, failure.message);
}

function readBatched(row: BatchRowResult, requestId: string): Row | null {
  if (!row.isOk) throw errorOfCode({ api: 'batchGetRow', code: row.code, requestId }, row.message);
  return row.row === null ? null : rowOf(row.row);
}

/** The SDK's name of an operation: `getRow`. */
function operationName(action: string): string {
  return `${action.slice(0, 1).toLowerCase()}${action.slice(1)}`;
}

function describeKey(key: KeyPrefix): string {
  return Object.values(key)
    .map((value) => (typeof value === 'object' ? `${value.from}…${value.before}` : value))
    .join(' ');
}

function describeWrite(row: RowWrite): string {
  return `${row.kind} ${row.table} ${describeKey(row.key)}`;
}
