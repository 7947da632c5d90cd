import type { Foundation } from '../foundation.ts';
import { OrderedKeys } from './ordered-keys.ts';
import { exists, type Lifetime, type Row, restoreRow, type StoredRow, storeRow } from './rows.ts';
import type { PrimaryKeyType } from './values.ts';

/** A column of the primary key. */
export interface PrimaryKeySchema {
  readonly name: string;
  readonly type: PrimaryKeyType;
  readonly isAutoIncrement: boolean;
}

/** A predefined attribute column; kept and shown, without any effect of its own. */
export interface DefinedColumn {
  readonly name: string;
  readonly type: 'INTEGER' | 'DOUBLE' | 'BOOLEAN' | 'STRING' | 'BLOB';
}

/** @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/tableoptions */
export interface TableOptions {
  /** Life of a cell version after its timestamp, in seconds; -1 = for ever. */
  readonly timeToLive: number;
  /** Versions kept of each column. */
  readonly maxVersions: number;
  /** How far a version given by a writer may be from the service's time, in seconds. */
  readonly deviationCellVersionInSec: number;
  /** Whether UpdateRow is allowed. */
  readonly allowUpdate: boolean;
}

/** Reserved capacity units. */
export interface CapacityUnit {
  readonly read: number;
  readonly write: number;
}

/** What DescribeTable tells of a table, as JSON data. */
export interface TableRecord {
  readonly tableName: string;
  readonly primaryKey: ReadonlyArray<PrimaryKeySchema>;
  readonly definedColumns: ReadonlyArray<DefinedColumn>;
  readonly options: TableOptions;
  readonly reserved: CapacityUnit;
  readonly createdAtMs: number;
  /** When the table begins to answer row operations. */
  readonly readyAtMs: number;
  /** Last change of `reserved` after the creation; `null` = none yet. */
  readonly reservedAtMs: number | null;
  /** `null` = no change stream. The local service records the setting only: there is nothing to read from it. */
  readonly stream: {
    readonly streamId: string;
    readonly expirationHours: number;
    readonly enabledAtMs: number;
  } | null;
}

/** A table with its rows in memory, in order, each change written through to the world's store. */
export interface Table {
  readonly record: TableRecord;
  replaceRecord(record: TableRecord): void;
  get(key: string): Row | undefined;
  put(row: Row): void;
  remove(key: string): void;
  /** Rows from the key `start` upwards, those below `end`. */
  upwards(start: string, end: string): Generator<Row>;
  /** Rows from the key `start` downwards, those above `end`. */
  downwards(start: string, end: string): Generator<Row>;
  /** What of the rows is readable now. */
  lifetime(): Lifetime;
  /** The next value of the auto-increment column: unique and rising, not contiguous. */
  nextSequence(): bigint;
  /** Deletes every row and the table itself from the store. */
  drop(): void;
}

const TABLES = 'ots-tables';
const SEQUENCES = 'ots-sequences';

/** The tables that the store holds, in the order of their creation. */
export function storedTables(foundation: Foundation): ReadonlyArray<TableRecord> {
  return [...foundation.store.collection<TableRecord>(TABLES).values()];
}

/** Opens the table of that record with the rows the store holds; a record the store does not know is added to it. */
export function openTable(foundation: Foundation, initial: TableRecord): Table {
  const { clock, store, switches } = foundation;
  const { tableName } = initial;
  const records = store.collection<TableRecord>(TABLES);
  const sequences = store.collection<string>(SEQUENCES);
  const stored = store.collection<StoredRow>(`ots-rows/${tableName}`);
  const rows = new Map<string, Row>();
  let record = initial;
  if (!records.has(tableName)) records.set(tableName, record);

  const lifetime = (): Lifetime => {
    const { timeToLive } = record.options;
    return {
      expiredUpTo: timeToLive < 0 ? Number.NEGATIVE_INFINITY : clock.nowMs() - timeToLive * 1000,
      isExpiredRowPresent: switches.otsExpiredRowExists,
    };
  };
  const atOpening = lifetime();
  for (const [key, value] of [...stored.entries()]) {
    const row = restoreRow(key, value);
    // The service deletes what has expired some time later; here that time is the next start.
    if (exists(row, atOpening)) rows.set(key, row);
    else stored.delete(key);
  }
  const keys = new OrderedKeys([...rows.keys()]);

  return {
    get record() {
      return record;
    },
    replaceRecord(next) {
      record = next;
      records.set(tableName, next);
    },
    get: (key) => rows.get(key),
    put(row) {
      if (!rows.has(row.key)) keys.add(row.key);
      rows.set(row.key, row);
      stored.set(row.key, storeRow(row));
    },
    remove(key) {
      if (!rows.delete(key)) return;
      keys.delete(key);
      stored.delete(key);
    },
    *upwards(start, end) {
      for (const key of keys.upwards(start, end)) yield rows.get(key) as Row;
    },
    *downwards(start, end) {
      for (const key of keys.downwards(start, end)) yield rows.get(key) as Row;
    },
    lifetime,
    nextSequence() {
      const last = BigInt(sequences.get(tableName) ?? '0');
      const fromClock = BigInt(clock.nowMs()) * 1000n;
      const next = fromClock > last ? fromClock : last + 1n;
      sequences.set(tableName, String(next));
      return next;
    },
    drop() {
      for (const key of rows.keys()) stored.delete(key);
      sequences.delete(tableName);
      records.delete(tableName);
    },
  };
}
