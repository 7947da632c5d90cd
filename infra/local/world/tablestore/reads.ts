import type { Switches } from '../switches.ts';
import { type ColumnLookup, checkFilter, passes } from './filters.ts';
import { checkColumnsToGet } from './limits.ts';
import { parameterInvalid } from './refusals.ts';
import type { ReadOptions, RowAnswer } from './requests.ts';
import { type CellVersion, type Lifetime, liveVersions, type Row } from './rows.ts';
import type { Table } from './table.ts';
import { type PrimaryKeyValue, sizeOfValue } from './values.ts';

/** Bytes of a capacity unit. */
const UNIT_BYTES = 4096;

/** Capacity units that so many bytes make, at least 1. */
export function unitsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / UNIT_BYTES));
}

/** Refuses options that the service would not take; `noVersions` is its text for a read without versions. */
export function checkReadOptions(options: ReadOptions, noVersions: string, switches: Switches): void {
  checkColumnsToGet(options.columnsToGet, switches);
  const { maxVersions, timeRange, filter } = options;
  if (maxVersions === null && timeRange === null) throw parameterInvalid(noVersions);
  if (maxVersions !== null && maxVersions <= 0) {
    throw parameterInvalid(`Invalid max versions: ${maxVersions}. Reason: Max versions must be positive.`);
  }
  if (timeRange !== null && timeRange.start < 0) {
    throw parameterInvalid('Timestamp must be in range [0, INT64_MAX/1000).');
  }
  if (filter !== null) checkFilter(filter, 'read', switches);
}

/** A row's columns as filters and conditions see them: primary key columns included, expired versions not. */
export function lookupIn(row: Row | undefined, table: Table, lifetime: Lifetime): ColumnLookup {
  return (name) => {
    if (row === undefined) return [];
    const index = table.record.primaryKey.findIndex((column) => column.name === name);
    const value = row.primaryKey[index];
    if (value !== undefined) return [{ timestamp: 0, value }];
    return liveVersions(row.columns.get(name), lifetime);
  };
}

/** What a read finds of a row; `answer` is `null` when the options leave nothing of it. */
export interface Selection {
  readonly answer: RowAnswer | null;
  /** Bytes of what was read, before the filter. */
  readonly bytes: number;
}

/** Reads a row that exists. The filter sees only what `columnsToGet` and the versions asked for leave. */
export function select(
  row: Row,
  table: Table,
  options: ReadOptions,
  lifetime: Lifetime,
  switches: Switches,
): Selection {
  if (isPlain(options)) return selectWhole(row, table, options, lifetime);
  const { columnsToGet, filter } = options;
  const schema = table.record.primaryKey;
  const wanted = columnsToGet.length === 0 ? null : new Set(columnsToGet);
  const versionsMax = Math.min(
    options.maxVersions ?? Number.POSITIVE_INFINITY,
    table.record.options.maxVersions,
  );
  const found = new Map<string, ReadonlyArray<CellVersion>>();
  let bytes = 0;
  for (const [name, versions] of row.columns) {
    if (wanted !== null && !wanted.has(name)) continue;
    if (options.startColumn !== null && name < options.startColumn) continue;
    if (options.endColumn !== null && name >= options.endColumn) continue;
    const selected = selectVersions(liveVersions(versions, lifetime), options, versionsMax);
    if (selected.length === 0) continue;
    found.set(name, selected);
    for (const { value } of selected) bytes += name.length + sizeOfValue(value);
  }
  const primaryKey = schema.map(({ name }, index) => ({
    name,
    value: row.primaryKey[index] as PrimaryKeyValue,
  }));
  for (const { name, value } of primaryKey) bytes += name.length + sizeOfValue(value);

  const isKeyWanted = wanted !== null && schema.some(({ name }) => wanted.has(name));
  const isBareRow = wanted === null && row.columns.size === 0;
  if (found.size === 0 && !isKeyWanted && !isBareRow) return { answer: null, bytes };
  if (filter !== null) {
    const lookup = lookupIn({ ...row, columns: found }, table, lifetime);
    if (!passes(filter, lookup, switches)) return { answer: null, bytes };
  }
  const columns =
    filter?.kind === 'pagination' ? [...found].slice(filter.offset, filter.offset + filter.limit) : found;
  const cells: Array<RowAnswer['cells'][number]> = [];
  for (const [name, versions] of columns) {
    for (const { timestamp, value } of versions) cells.push({ name, value, timestamp });
  }
  return { answer: { primaryKey, cells }, bytes };
}

/** Whether the options leave nothing out but versions. */
function isPlain({ columnsToGet, filter, startColumn, endColumn, timeRange }: ReadOptions): boolean {
  const isWhole = columnsToGet.length === 0 && startColumn === null && endColumn === null;
  return isWhole && filter === null && timeRange === null;
}

/** What {@link select} finds with plain options, which far the most reads have. */
function selectWhole(row: Row, table: Table, options: ReadOptions, lifetime: Lifetime): Selection {
  const versionsMax = Math.min(
    options.maxVersions ?? Number.POSITIVE_INFINITY,
    table.record.options.maxVersions,
  );
  const cells: Array<RowAnswer['cells'][number]> = [];
  let bytes = 0;
  for (const [name, versions] of row.columns) {
    let count = 0;
    for (const { timestamp, value } of liveVersions(versions, lifetime)) {
      if (++count > versionsMax) break;
      cells.push({ name, value, timestamp });
      bytes += name.length + sizeOfValue(value);
    }
  }
  const primaryKey: Array<{ name: string; value: PrimaryKeyValue }> = [];
  for (const [index, { name }] of table.record.primaryKey.entries()) {
    const value = row.primaryKey[index] as PrimaryKeyValue;
    primaryKey.push({ name, value });
    bytes += name.length + sizeOfValue(value);
  }
  // A row whose columns have all expired leaves nothing, one that never had any its key.
  const isEmpty = cells.length === 0 && row.columns.size > 0;
  return { answer: isEmpty ? null : { primaryKey, cells }, bytes };
}

function selectVersions(
  versions: ReadonlyArray<CellVersion>,
  { timeRange }: ReadOptions,
  versionsMax: number,
): ReadonlyArray<CellVersion> {
  const inRange =
    timeRange === null
      ? versions
      : versions.filter(({ timestamp }) => timestamp >= timeRange.start && timestamp < timeRange.end);
  return inRange.length > versionsMax ? inRange.slice(0, versionsMax) : inRange;
}
