import {
  type ColumnValue,
  type PrimaryKeyValue,
  restoreValue,
  type StoredValue,
  sizeOfValue,
  storeValue,
} from './values.ts';

/** One version of a column. */
export interface CellVersion {
  /** The version: milliseconds since the epoch unless the writer chose another number. */
  readonly timestamp: number;
  readonly value: ColumnValue;
}

/** A row as the table holds it. Never changed in place: a write makes a new one. */
export interface Row {
  /** See `encodeRowKey`. */
  readonly key: string;
  /** In the order of the table's schema. */
  readonly primaryKey: ReadonlyArray<PrimaryKeyValue>;
  /** Versions by column name, newest first; names in order. A row may have no columns at all. */
  readonly columns: ReadonlyMap<string, ReadonlyArray<CellVersion>>;
}

/** A row as JSON data. */
export type StoredRow = readonly [
  primaryKey: ReadonlyArray<StoredValue>,
  columns: ReadonlyArray<readonly [name: string, versions: ReadonlyArray<readonly [number, StoredValue]>]>,
];

/** Turns a row into JSON data. */
export function storeRow(row: Row): StoredRow {
  const columns: Array<StoredRow[1][number]> = [];
  for (const [name, versions] of row.columns) {
    columns.push([name, versions.map(({ timestamp, value }) => [timestamp, storeValue(value)] as const)]);
  }
  return [row.primaryKey.map(storeValue), columns];
}

/** The opposite of {@link storeRow}. */
export function restoreRow(key: string, [primaryKey, columns]: StoredRow): Row {
  return {
    key,
    primaryKey: primaryKey.map((value) => restoreValue(value) as PrimaryKeyValue),
    columns: new Map(
      columns.map(([name, versions]) => [
        name,
        versions.map(([timestamp, value]) => ({ timestamp, value: restoreValue(value) })),
      ]),
    ),
  };
}

/** What of the row is readable at an instant: cells past their time to live are not. */
export interface Lifetime {
  /** Versions at or below this are expired; `-Infinity` when cells live for ever. */
  readonly expiredUpTo: number;
  /** Whether a row all of whose cells have expired still counts as existing. */
  readonly isExpiredRowPresent: boolean;
}

/** Whether the row counts as existing. A row whose columns were all deleted does, until it is deleted itself. */
export function exists(row: Row | undefined, lifetime: Lifetime): row is Row {
  if (row === undefined) return false;
  if (row.columns.size === 0 || lifetime.isExpiredRowPresent) return true;
  if (lifetime.expiredUpTo === Number.NEGATIVE_INFINITY) return true;
  for (const versions of row.columns.values()) {
    if (isLive(versions[0], lifetime)) return true;
  }
  return false;
}

/** The versions of a column that are readable, newest first. */
export function liveVersions(
  versions: ReadonlyArray<CellVersion> | undefined,
  lifetime: Lifetime,
): ReadonlyArray<CellVersion> {
  if (versions === undefined) return [];
  // The oldest version is the first to expire.
  if (isLive(versions[versions.length - 1], lifetime)) return versions;
  return versions.filter((version) => isLive(version, lifetime));
}

function isLive(version: CellVersion | undefined, lifetime: Lifetime): boolean {
  return version !== undefined && version.timestamp > lifetime.expiredUpTo;
}

/** Bytes the primary key counts for, given the names of its columns. */
export function sizeOfPrimaryKey(
  names: ReadonlyArray<string>,
  values: ReadonlyArray<PrimaryKeyValue>,
): number {
  let size = 0;
  for (const name of names) size += name.length;
  for (const value of values) size += sizeOfValue(value);
  return size;
}
