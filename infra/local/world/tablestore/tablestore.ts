import type { Foundation } from '../foundation.ts';
import {
  type BatchGetTable,
  type BatchWriteTable,
  checkBatchGet,
  checkBatchWrite,
  runBatch,
} from './batches.ts';
import { checkTableName } from './limits.ts';
import { checkAgainstSchema, checkPrimaryKey } from './primary-keys.ts';
import { checkRange, readRange } from './ranges.ts';
import { checkReadOptions, select, unitsOf } from './reads.ts';
import { parameterInvalid } from './refusals.ts';
import type {
  BatchTableResult,
  RangeRequest,
  RangeResult,
  ReadOptions,
  RowChange,
  RowResult,
} from './requests.ts';
import { encodeRowKey } from './row-keys.ts';
import { exists } from './rows.ts';
import type { Table } from './table.ts';
import { createTableOperations, type TableOperations } from './table-operations.ts';
import type { PrimaryKey } from './values.ts';
import { checkRequestSize, checkRowChange } from './write-checks.ts';
import { applyRowChange } from './writes.ts';

/**
 * One instance of Tablestore. Operations are synchronous, so each one is atomic; they throw `CloudError` in the
 * service's words and judge nobody's rights: callers go through the gate.
 */
export interface Tablestore extends Omit<TableOperations, 'open'> {
  readonly instanceName: string;
  /** The resource of a table in RAM policies; `*` = all tables. */
  resource(tableName: string): string;
  getRow(tableName: string, primaryKey: PrimaryKey, options: ReadOptions): RowResult;
  /** PutRow, UpdateRow or DeleteRow, as the change says. */
  writeRow(tableName: string, change: RowChange): RowResult;
  /** Rows are independent of each other: look at each one's result. */
  batchGetRow(tables: ReadonlyArray<BatchGetTable>): ReadonlyArray<BatchTableResult>;
  /** Rows are independent of each other: look at each one's result. */
  batchWriteRow(tables: ReadonlyArray<BatchWriteTable>): ReadonlyArray<BatchTableResult>;
  getRange(request: RangeRequest): RangeResult;
  /** Refuses a local transaction: they must be enabled per table, and here they never are. */
  refuseTransaction(tableName: string): never;
}

/** The instance's name unless told otherwise. */
export const DEFAULT_INSTANCE_NAME = 'slb-autopilot';

/** The instance with the tables that the store holds. */
export function createTablestore(
  foundation: Foundation,
  options: { readonly instanceName?: string } = {},
): Tablestore {
  const { identities, region, switches } = foundation;
  const instanceName = options.instanceName ?? DEFAULT_INSTANCE_NAME;
  const { open, ...tables } = createTableOperations(foundation);

  const readRow = (table: Table, primaryKey: PrimaryKey, read: ReadOptions): RowResult => {
    checkAgainstSchema(primaryKey, table.record.primaryKey);
    const row = table.get(encodeRowKey(primaryKey.map(({ value }) => value)));
    const lifetime = table.lifetime();
    if (!exists(row, lifetime)) return { consumed: { read: 1, write: 0 }, row: null };
    const { answer, bytes } = select(row, table, read, lifetime, switches);
    return { consumed: { read: unitsOf(bytes), write: 0 }, row: answer };
  };

  return {
    ...tables,
    instanceName,
    resource: (tableName) =>
      `acs:ots:${region}:${identities.accountId}:instance/${instanceName}/table/${tableName}`,
    getRow(tableName, primaryKey, read) {
      checkTableName(tableName);
      checkPrimaryKey(primaryKey, 'read', switches);
      checkReadOptions(read, 'No version condition is specified.', switches);
      return readRow(open(tableName), primaryKey, read);
    },
    writeRow(tableName, change) {
      checkTableName(tableName);
      checkRequestSize(WRITE_NAMES[change.kind], checkRowChange(change, switches));
      return applyRowChange(open(tableName), change, foundation);
    },
    batchGetRow(parts) {
      checkBatchGet(parts, foundation);
      return runBatch(parts, open, ({ primaryKeys }) => primaryKeys, readRow, foundation);
    },
    batchWriteRow(parts) {
      checkBatchWrite(parts, foundation);
      const write = (table: Table, change: RowChange) => applyRowChange(table, change, foundation);
      return runBatch(parts, open, ({ rows }) => rows, write, foundation);
    },
    getRange(request) {
      checkTableName(request.tableName);
      checkRange(request, switches);
      return readRange(open(request.tableName), request, switches);
    },
    refuseTransaction(tableName) {
      open(tableName);
      throw parameterInvalid(
        'Try to call method using explicit transaction on explicit-transaction-disabled table.',
      );
    },
  };
}

const WRITE_NAMES = { PUT: 'PutRow', UPDATE: 'UpdateRow', DELETE: 'DeleteRow' } as const;
