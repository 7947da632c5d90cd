import type { BatchGetTable, BatchWriteTable } from '../../world/tablestore/batches.ts';
import { parameterInvalid } from '../../world/tablestore/refusals.ts';
import type {
  Condition,
  RangeRequest,
  ReadOptions,
  ReturnContent,
  RowChange,
} from '../../world/tablestore/requests.ts';
import type { PrimaryKey } from '../../world/tablestore/values.ts';
import { readFilter } from './filters.ts';
import { enumName, ProtobufReader, required } from './protobuf.ts';
import { readPrimaryKey, readRowChange } from './row-changes.ts';

const ROW_EXISTENCE = { 0: 'IGNORE', 1: 'EXPECT_EXIST', 2: 'EXPECT_NOT_EXIST' } as const;
const RETURN_TYPES = { 0: 'RT_NONE', 1: 'RT_PK', 2: 'RT_AFTER_MODIFY' } as const;
const ROW_KINDS = { 1: 'PUT', 2: 'UPDATE', 3: 'DELETE' } as const;
const DIRECTIONS = { 0: 'FORWARD', 1: 'BACKWARD' } as const;
const NOTHING_RETURNED: ReturnContent = { returnType: 'RT_NONE', returnColumnNames: [] };

/** One row's request, and whether it belongs to a local transaction. */
export interface Transactional {
  readonly tableName: string;
  readonly transactionId: string | null;
}

/** Reads a PutRowRequest, UpdateRowRequest or DeleteRowRequest: the three have the same fields. */
export function readWriteRow(
  kind: RowChange['kind'],
  body: Buffer,
): Transactional & { readonly change: RowChange } {
  const reader = new ProtobufReader(body);
  let tableName: string | null = null;
  let row: Buffer | null = null;
  let condition: Condition | null = null;
  let returnContent = NOTHING_RETURNED;
  let transactionId: string | null = null;
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) row = reader.bytes();
    else if (reader.field === 3) condition = readCondition(reader.bytes());
    else if (reader.field === 4) returnContent = readReturnContent(reader.bytes());
    else if (reader.field === 5) transactionId = reader.string();
  }
  const change = readRowChange(kind, required(row), required(condition), returnContent);
  return { tableName: required(tableName), change, transactionId };
}

/** Reads a GetRowRequest. The token of wide rows is ignored: answers never give one. */
export function readGetRow(
  body: Buffer,
): Transactional & { readonly primaryKey: PrimaryKey; readonly options: ReadOptions } {
  const reader = new ProtobufReader(body);
  const options = new ReadOptionsReader();
  let tableName: string | null = null;
  let primaryKey: PrimaryKey | null = null;
  let transactionId: string | null = null;
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) primaryKey = readPrimaryKey(reader.bytes());
    else if (reader.field === 11) transactionId = reader.string();
    else options.take(reader, GET_ROW_FIELDS);
  }
  return {
    tableName: required(tableName),
    primaryKey: required(primaryKey),
    options: options.finish(),
    transactionId,
  };
}

/** Reads a GetRangeRequest. */
export function readGetRange(body: Buffer): RangeRequest & Transactional {
  const reader = new ProtobufReader(body);
  const options = new ReadOptionsReader();
  let tableName: string | null = null;
  let direction: RangeRequest['direction'] | null = null;
  let limit: number | null = null;
  let start: PrimaryKey | null = null;
  let end: PrimaryKey | null = null;
  let transactionId: string | null = null;
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) direction = enumName(DIRECTIONS, reader.integer());
    else if (reader.field === 6) limit = reader.integer();
    else if (reader.field === 7) start = readPrimaryKey(reader.bytes());
    else if (reader.field === 8) end = readPrimaryKey(reader.bytes());
    else if (reader.field === 14) transactionId = reader.string();
    else options.take(reader, GET_RANGE_FIELDS);
  }
  return {
    ...options.finish(),
    tableName: required(tableName),
    direction: required(direction),
    inclusiveStartPrimaryKey: required(start),
    exclusiveEndPrimaryKey: required(end),
    limit,
    transactionId,
  };
}

/** Reads a BatchGetRowRequest. */
export function readBatchGetRow(body: Buffer): ReadonlyArray<BatchGetTable> {
  const reader = new ProtobufReader(body);
  const tables: Array<BatchGetTable> = [];
  while (reader.next()) if (reader.field === 1) tables.push(readTableToGet(reader.bytes()));
  return tables;
}

/** Reads a BatchWriteRowRequest. */
export function readBatchWriteRow(body: Buffer): {
  readonly tables: ReadonlyArray<BatchWriteTable>;
  readonly transactionId: string | null;
} {
  const reader = new ProtobufReader(body);
  const tables: Array<BatchWriteTable> = [];
  let transactionId: string | null = null;
  while (reader.next()) {
    if (reader.field === 1) tables.push(readTableToWrite(reader.bytes()));
    else if (reader.field === 2) transactionId = reader.string();
    else if (reader.field === 3 && reader.boolean()) {
      throw parameterInvalid('The local Tablestore has no atomic batches.');
    }
  }
  return { tables, transactionId };
}

function readTableToGet(bytes: Buffer): BatchGetTable {
  const reader = new ProtobufReader(bytes);
  const options = new ReadOptionsReader();
  let tableName: string | null = null;
  const primaryKeys: Array<PrimaryKey> = [];
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) primaryKeys.push(readPrimaryKey(reader.bytes()));
    else options.take(reader, BATCH_GET_ROW_FIELDS);
  }
  return { ...options.finish(), tableName: required(tableName), primaryKeys };
}

function readTableToWrite(bytes: Buffer): BatchWriteTable {
  const reader = new ProtobufReader(bytes);
  let tableName: string | null = null;
  const rows: Array<RowChange> = [];
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) rows.push(readRowToWrite(reader.bytes()));
  }
  return { tableName: required(tableName), rows };
}

function readRowToWrite(bytes: Buffer): RowChange {
  const reader = new ProtobufReader(bytes);
  let kind: RowChange['kind'] | null = null;
  let row: Buffer | null = null;
  let condition: Condition | null = null;
  let returnContent = NOTHING_RETURNED;
  while (reader.next()) {
    if (reader.field === 1) kind = enumName(ROW_KINDS, reader.integer());
    else if (reader.field === 2) row = reader.bytes();
    else if (reader.field === 3) condition = readCondition(reader.bytes());
    else if (reader.field === 4) returnContent = readReturnContent(reader.bytes());
  }
  return readRowChange(required(kind), required(row), required(condition), returnContent);
}

function readCondition(bytes: Buffer): Condition {
  const reader = new ProtobufReader(bytes);
  let rowExistence: Condition['rowExistence'] | null = null;
  let columnCondition: Condition['columnCondition'] = null;
  while (reader.next()) {
    if (reader.field === 1) rowExistence = enumName(ROW_EXISTENCE, reader.integer());
    else if (reader.field === 2) columnCondition = filterOrNone(reader.bytes());
  }
  return { rowExistence: required(rowExistence), columnCondition };
}

function readReturnContent(bytes: Buffer): ReturnContent {
  const reader = new ProtobufReader(bytes);
  let returnType: ReturnContent['returnType'] = 'RT_NONE';
  const returnColumnNames: Array<string> = [];
  while (reader.next()) {
    if (reader.field === 1) returnType = enumName(RETURN_TYPES, reader.integer());
    else if (reader.field === 2) returnColumnNames.push(reader.string());
  }
  return { returnType, returnColumnNames };
}

function filterOrNone(bytes: Buffer): Condition['columnCondition'] {
  return bytes.length === 0 ? null : readFilter(bytes);
}

/** Where the read options stand in a message; each message has numbers of its own. */
interface ReadOptionFields {
  readonly columnsToGet: number;
  readonly timeRange: number;
  readonly maxVersions: number;
  readonly filter: number;
  readonly startColumn: number;
  readonly endColumn: number;
}

const GET_ROW_FIELDS: ReadOptionFields = {
  columnsToGet: 3,
  timeRange: 4,
  maxVersions: 5,
  filter: 7,
  startColumn: 8,
  endColumn: 9,
};
const BATCH_GET_ROW_FIELDS: ReadOptionFields = {
  columnsToGet: 4,
  timeRange: 5,
  maxVersions: 6,
  filter: 8,
  startColumn: 9,
  endColumn: 10,
};
const GET_RANGE_FIELDS: ReadOptionFields = {
  columnsToGet: 3,
  timeRange: 4,
  maxVersions: 5,
  filter: 10,
  startColumn: 11,
  endColumn: 12,
};

class ReadOptionsReader {
  readonly #columnsToGet: Array<string> = [];
  #maxVersions: number | null = null;
  #timeRange: ReadOptions['timeRange'] = null;
  #filter: ReadOptions['filter'] = null;
  #startColumn: string | null = null;
  #endColumn: string | null = null;

  /** Takes the current field if it is a read option. */
  take(reader: ProtobufReader, fields: ReadOptionFields): void {
    const { field } = reader;
    if (field === fields.columnsToGet) this.#columnsToGet.push(reader.string());
    else if (field === fields.timeRange) this.#timeRange = readTimeRange(reader.bytes());
    else if (field === fields.maxVersions) this.#maxVersions = reader.integer();
    else if (field === fields.filter) this.#filter = filterOrNone(reader.bytes());
    else if (field === fields.startColumn) this.#startColumn = reader.string();
    else if (field === fields.endColumn) this.#endColumn = reader.string();
  }

  finish(): ReadOptions {
    return {
      columnsToGet: this.#columnsToGet,
      maxVersions: this.#maxVersions,
      timeRange: this.#timeRange,
      filter: this.#filter,
      startColumn: this.#startColumn,
      endColumn: this.#endColumn,
    };
  }
}

function readTimeRange(bytes: Buffer): ReadOptions['timeRange'] {
  const reader = new ProtobufReader(bytes);
  let start: number | null = null;
  let end: number | null = null;
  let specific: number | null = null;
  while (reader.next()) {
    if (reader.field === 1) start = reader.integer();
    else if (reader.field === 2) end = reader.integer();
    else if (reader.field === 3) specific = reader.integer();
  }
  if (specific !== null) {
    if (specific < 0) throw parameterInvalid('Specific timestamp cannot be less than 0.');
    if (start !== null || end !== null) {
      throw parameterInvalid('Specific tiemstamp and time range cannot be given at the same time.');
    }
    return { start: specific, end: specific + 1 };
  }
  if (start === null && end === null) return null;
  if (start === null || end === null) {
    throw parameterInvalid('Start and end time must be given at the same time.');
  }
  return { start, end };
}
