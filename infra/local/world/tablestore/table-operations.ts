import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import { checkColumnName, checkTableName, LIMITS } from './limits.ts';
import { parameterInvalid, tableNotExist } from './refusals.ts';
import {
  type CapacityUnit,
  type DefinedColumn,
  openTable,
  type PrimaryKeySchema,
  storedTables,
  type Table,
  type TableOptions,
  type TableRecord,
} from './table.ts';

/** A change stream as CreateTable and UpdateTable ask for it. */
export interface StreamSpecification {
  readonly enableStream: boolean;
  readonly expirationHours: number | null;
}

/** @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/createtable */
export interface CreateTableRequest {
  readonly tableName: string;
  readonly primaryKey: ReadonlyArray<PrimaryKeySchema>;
  readonly definedColumns?: ReadonlyArray<DefinedColumn>;
  /** `timeToLive` and `maxVersions` are required. */
  readonly options: Partial<TableOptions>;
  readonly reserved: CapacityUnit;
  readonly stream?: StreamSpecification | null;
}

/** Leaves what is not named as it is. */
export interface UpdateTableRequest {
  readonly tableName: string;
  readonly options?: Partial<TableOptions>;
  readonly reserved?: Partial<CapacityUnit> | null;
  readonly stream?: StreamSpecification | null;
}

/** A table as DescribeTable and UpdateTable answer it. */
export interface TableDescription extends TableRecord {
  readonly status: 'ACTIVE' | 'LOADING';
}

/** The operations on tables, and the way to a table for those on rows. */
export interface TableOperations {
  createTable(request: CreateTableRequest): void;
  /** Names, in order. */
  listTable(): ReadonlyArray<string>;
  describeTable(tableName: string): TableDescription;
  updateTable(request: UpdateTableRequest): TableDescription;
  deleteTable(tableName: string): void;
  /** The table, ready for row operations. Throws 404 OTSObjectNotExist or OTSTableNotReady. */
  open(tableName: string): Table;
}

const DEFAULT_DEVIATION_SECONDS = 86_400;
const DEVIATION_MAX_SECONDS = 9_223_372_036_854;

/** The tables of the instance, those of the store included. */
export function createTableOperations(foundation: Foundation): TableOperations {
  const { clock, ids, switches } = foundation;
  const tables = new Map<string, Table>();
  for (const record of storedTables(foundation)) tables.set(record.tableName, openTable(foundation, record));
  let recentOperationsAtMs: Array<number> = [];

  const countOperation = () => {
    if (switches.otsTableOperationsPerSecond === null) return;
    const nowMs = clock.nowMs();
    recentOperationsAtMs = recentOperationsAtMs.filter((atMs) => atMs > nowMs - 1000);
    if (recentOperationsAtMs.length >= switches.otsTableOperationsPerSecond) {
      throw new CloudError(403, 'OTSQuotaExhausted', 'Too frequent table operations.');
    }
    recentOperationsAtMs.push(nowMs);
  };
  const find = (tableName: string): Table => {
    checkTableName(tableName);
    const table = tables.get(tableName);
    if (table === undefined) throw tableNotExist();
    return table;
  };
  const describe = ({ record }: Table): TableDescription => ({
    ...record,
    status: record.readyAtMs > clock.nowMs() ? 'LOADING' : 'ACTIVE',
  });
  const streamOf = (wanted: StreamSpecification | null | undefined, tableName: string) => {
    if (wanted === null || wanted === undefined || !wanted.enableStream) return null;
    const nowMs = clock.nowMs();
    return {
      streamId: `${tableName}_${ids.hex(16).toLowerCase()}`,
      expirationHours: wanted.expirationHours ?? 24,
      enabledAtMs: nowMs,
    };
  };

  return {
    createTable(request) {
      countOperation();
      const { tableName, primaryKey, definedColumns = [], reserved } = request;
      checkTableName(tableName);
      checkSchema(tableName, primaryKey);
      for (const column of [...primaryKey, ...definedColumns]) checkColumnName(column.name, switches);
      if (definedColumns.length > LIMITS.definedColumns) {
        throw parameterInvalid('The number of defined columns must be in range: [0, 32].');
      }
      const { timeToLive, maxVersions } = request.options;
      if (timeToLive === undefined) throw parameterInvalid('Time-to-live is missing while creating table.');
      if (maxVersions === undefined) throw parameterInvalid('MaxVersions is missing while creating table.');
      const options: TableOptions = {
        deviationCellVersionInSec: DEFAULT_DEVIATION_SECONDS,
        allowUpdate: true,
        ...request.options,
        timeToLive,
        maxVersions,
      };
      checkOptions(options);
      checkReserved(reserved);
      if (tables.has(tableName)) {
        throw new CloudError(409, 'OTSObjectAlreadyExist', 'Requested table already exists.');
      }
      if (tables.size >= LIMITS.tables) {
        throw new CloudError(403, 'OTSQuotaExhausted', 'Number of tables exceeded the quota.');
      }
      const nowMs = clock.nowMs();
      const record: TableRecord = {
        tableName,
        primaryKey,
        definedColumns,
        options,
        reserved,
        createdAtMs: nowMs,
        readyAtMs: nowMs + switches.otsTableReadyAfterMs,
        reservedAtMs: null,
        stream: streamOf(request.stream, tableName),
      };
      tables.set(tableName, openTable(foundation, record));
    },
    listTable() {
      countOperation();
      return [...tables.keys()].sort();
    },
    describeTable(tableName) {
      countOperation();
      return describe(find(tableName));
    },
    updateTable({ tableName, options: changed = {}, reserved: wanted = null, stream }) {
      countOperation();
      const table = find(tableName);
      const { record } = table;
      const isOptionGiven = Object.keys(changed).length > 0;
      if (!isOptionGiven && wanted === null && (stream === null || stream === undefined)) {
        throw parameterInvalid('No parameter is specified in table options.');
      }
      const options = { ...record.options, ...changed };
      checkOptions(options);
      const reserved = { ...record.reserved, ...wanted };
      checkReserved(reserved);
      const nowMs = clock.nowMs();
      const isReservedChanged =
        reserved.read !== record.reserved.read || reserved.write !== record.reserved.write;
      const { reservedAtMs } = record;
      if (
        isReservedChanged &&
        reservedAtMs !== null &&
        nowMs < reservedAtMs + LIMITS.throughputAdjustmentMs
      ) {
        const text = 'The reserved throughput of a table may be changed once in 2 minutes.';
        throw new CloudError(403, 'OTSTooFrequentReservedThroughputAdjustment', text);
      }
      table.replaceRecord({
        ...record,
        options,
        reserved,
        reservedAtMs: isReservedChanged ? nowMs : reservedAtMs,
        stream: stream === null || stream === undefined ? record.stream : streamOf(stream, tableName),
      });
      return describe(table);
    },
    deleteTable(tableName) {
      countOperation();
      find(tableName).drop();
      tables.delete(tableName);
    },
    open(tableName) {
      const table = find(tableName);
      if (table.record.readyAtMs > clock.nowMs()) {
        throw new CloudError(404, 'OTSTableNotReady', 'The table is not ready.');
      }
      return table;
    },
  };
}

function checkSchema(tableName: string, columns: ReadonlyArray<PrimaryKeySchema>): void {
  if (columns.length < 1 || columns.length > LIMITS.primaryKeyColumns) {
    throw parameterInvalid(
      `The number of primary key columns must be in range: [1, ${LIMITS.primaryKeyColumns}].`,
    );
  }
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name)) throw parameterInvalid(`Duplicated primary key name: '${name}'.`);
    names.add(name);
  }
  const auto = columns.filter((column) => column.isAutoIncrement);
  if (auto.length > 1) throw parameterInvalid('AUTO_INCREMENT primary key count must <= 1.');
  if (auto.some((column) => column.type !== 'INTEGER')) {
    throw parameterInvalid('AUTO_INCREMENT primary key must be integer.');
  }
  if (columns[0]?.isAutoIncrement) {
    throw parameterInvalid(`First primary key can't be auto increment, table: ${tableName}.`);
  }
}

function checkOptions({ timeToLive, maxVersions, deviationCellVersionInSec }: TableOptions): void {
  if (timeToLive === 0 || timeToLive < -1) {
    throw parameterInvalid('TimeToLive cannot be 0 or less than -1.');
  }
  if (timeToLive > 0 && timeToLive < LIMITS.timeToLiveMinSeconds) {
    throw parameterInvalid(`TimeToLive must be -1 or at least ${LIMITS.timeToLiveMinSeconds}.`);
  }
  if (maxVersions <= 0) throw parameterInvalid('The maximum versions cannot be less than or equal to 0.');
  if (deviationCellVersionInSec < 0 || deviationCellVersionInSec > DEVIATION_MAX_SECONDS) {
    throw parameterInvalid('The maximum deviation must be in range [0, INT64_MAX/1000000].');
  }
}

function checkReserved({ read, write }: CapacityUnit): void {
  for (const units of [read, write]) {
    if (units < 0)
      throw parameterInvalid(`Invalid Capacity Unit: ${units}. Capacity Unit must be nonnegative.`);
  }
}
