import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import { checkTableName, LIMITS } from './limits.ts';
import { checkPrimaryKey } from './primary-keys.ts';
import { checkReadOptions } from './reads.ts';
import { parameterInvalid } from './refusals.ts';
import type { BatchRowResult, BatchTableResult, ReadOptions, RowChange, RowResult } from './requests.ts';
import { encodeRowKey } from './row-keys.ts';
import type { Table } from './table.ts';
import { AUTO_INCREMENT, type PrimaryKey } from './values.ts';
import { checkRequestSize, checkRowChange } from './write-checks.ts';

/** Rows to write to one table. */
export interface BatchWriteTable {
  readonly tableName: string;
  readonly rows: ReadonlyArray<RowChange>;
}

/** Rows to read from one table. */
export interface BatchGetTable extends ReadOptions {
  readonly tableName: string;
  readonly primaryKeys: ReadonlyArray<PrimaryKey>;
}

/** Refuses a BatchWriteRow that fails as a whole, before any row is written. */
export function checkBatchWrite(tables: ReadonlyArray<BatchWriteTable>, { switches }: Foundation): void {
  if (tables.length === 0) throw parameterInvalid('No row is specified in BatchWriteRow.');
  checkTables(tables, LIMITS.batchWriteRows, ({ rows }) => rows.length);
  let bytes = 0;
  for (const { tableName, rows } of tables) {
    if (rows.length === 0) throw parameterInvalid(`No operation is specified for table: '${tableName}'.`);
    for (const row of rows) bytes += checkRowChange(row, switches);
    checkRepeated(rows, switches.otsRepeatedRowsInBatch === 'reject');
  }
  checkRequestSize('BatchWriteRow', bytes);
}

/** Refuses a BatchGetRow that fails as a whole. */
export function checkBatchGet(tables: ReadonlyArray<BatchGetTable>, { switches }: Foundation): void {
  if (tables.length === 0) throw parameterInvalid('No row specified in the request of BatchGetRow.');
  checkTables(tables, LIMITS.batchGetRows, ({ primaryKeys }) => primaryKeys.length);
  for (const table of tables) {
    for (const primaryKey of table.primaryKeys) checkPrimaryKey(primaryKey, 'read', switches);
    checkReadOptions(table, 'No version condition is specified while querying row.', switches);
  }
}

/**
 * Runs each table's rows, one by one and independently, in the order of the request. Tables are opened before the
 * first row runs, so that a missing one fails the whole request (see the switch `otsBatchUnknownTable`).
 */
export function runBatch<T extends { readonly tableName: string }, R>(
  tables: ReadonlyArray<T>,
  open: (tableName: string) => Table,
  rowsOf: (table: T) => ReadonlyArray<R>,
  run: (table: Table, row: R, part: T) => RowResult,
  { switches }: Foundation,
): ReadonlyArray<BatchTableResult> {
  const opened = tables.map(({ tableName }) => {
    try {
      return open(tableName);
    } catch (error) {
      if (switches.otsBatchUnknownTable === 'its-rows' && error instanceof CloudError) return error;
      throw error;
    }
  });
  return tables.map((part, index) => {
    const table = opened[index];
    const rows = rowsOf(part).map((row) =>
      outcome(() => {
        if (table === undefined || table instanceof CloudError) throw table;
        return run(table, row, part);
      }),
    );
    return { tableName: part.tableName, rows };
  });
}

function outcome(run: () => RowResult): BatchRowResult {
  try {
    return { isOk: true, ...run() };
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return { isOk: false, code: error.code, message: error.message };
  }
}

function checkTables<T extends { readonly tableName: string }>(
  tables: ReadonlyArray<T>,
  rowsMax: number,
  countOf: (table: T) => number,
): void {
  const names = new Set<string>();
  let rows = 0;
  for (const table of tables) {
    checkTableName(table.tableName);
    if (names.has(table.tableName)) throw parameterInvalid(`Duplicated table name: '${table.tableName}'.`);
    names.add(table.tableName);
    rows += countOf(table);
  }
  if (rows > rowsMax) throw parameterInvalid(`Rows count exceeds the upper limit: ${rowsMax}.`);
}

function checkRepeated(rows: ReadonlyArray<RowChange>, isRejected: boolean): void {
  const seen = new Map<string, RowChange>();
  for (const row of rows) {
    const values = row.primaryKey.map(({ value }) => value);
    if (values.includes(AUTO_INCREMENT)) continue;
    const key = encodeRowKey(values);
    const other = seen.get(key);
    seen.set(key, row);
    if (other === undefined) continue;
    if (isRejected) throw parameterInvalid('Duplicate rows detected in MultiPut.');
    if ([row, other].some(({ condition }) => condition.rowExistence !== 'IGNORE')) {
      throw parameterInvalid('Repeated rows do not support row exist expectation check in BatchModify.');
    }
    if ([row, other].some(({ condition }) => condition.columnCondition !== null)) {
      throw parameterInvalid('Repeated rows do not support row condition check in BatchModify.');
    }
  }
}
