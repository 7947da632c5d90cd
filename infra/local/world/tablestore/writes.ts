import type { Foundation } from '../foundation.ts';
import { passes } from './filters.ts';
import { checkAgainstSchema } from './primary-keys.ts';
import { lookupIn, unitsOf } from './reads.ts';
import { conditionCheckFail, parameterInvalid } from './refusals.ts';
import type { CellChange, RowChange, RowResult } from './requests.ts';
import { encodeRowKey } from './row-keys.ts';
import { type CellVersion, exists, type Lifetime, liveVersions, type Row, sizeOfPrimaryKey } from './rows.ts';
import type { Table } from './table.ts';
import { AUTO_INCREMENT, type ColumnValue, isInt64, type PrimaryKeyValue, sizeOfValue } from './values.ts';

type Columns = Map<string, ReadonlyArray<CellVersion>>;

/**
 * Judges the condition of a checked write against the row and carries it out: all of it or nothing. Throws 400
 * OTSInvalidPK, 403 OTSConditionCheckFail, 400 OTSParameterInvalid.
 */
export function applyRowChange(table: Table, change: RowChange, foundation: Foundation): RowResult {
  const { condition } = change;
  const { options, primaryKey: schema } = table.record;
  checkAgainstSchema(change.primaryKey, schema);
  if (change.kind === 'UPDATE' && !options.allowUpdate) {
    throw parameterInvalid('UpdateRow is not allowed: AllowUpdate of the table is false.');
  }
  const isNewSequence = change.primaryKey.some(({ value }) => value === AUTO_INCREMENT);
  const isSpecificRow = schema.some((column) => column.isAutoIncrement) && !isNewSequence;
  if (isSpecificRow && change.kind !== 'DELETE' && condition.rowExistence !== 'EXPECT_EXIST') {
    throw parameterInvalid(
      `Invalid expect: ${condition.rowExistence} when modify a specific row for table with pk auto increment.`,
    );
  }
  const primaryKey = change.primaryKey.map(({ value }) =>
    value === AUTO_INCREMENT ? table.nextSequence() : (value as PrimaryKeyValue),
  );
  const key = encodeRowKey(primaryKey);
  const lifetime = table.lifetime();
  const held = table.get(key);
  const present = exists(held, lifetime) ? held : undefined;
  const isAsExpected =
    condition.rowExistence === 'IGNORE' ||
    (condition.rowExistence === 'EXPECT_EXIST') === (present !== undefined);
  if (!isAsExpected) throw conditionCheckFail();
  const { columnCondition } = condition;
  if (columnCondition !== null) {
    const lookup = lookupIn(present, table, lifetime);
    if (!passes(columnCondition, lookup, foundation.switches)) throw conditionCheckFail();
  }

  const nowMs = foundation.clock.nowMs();
  let returned: ReadonlyArray<{ name: string; value: ColumnValue; timestamp: number }> = [];
  if (change.kind === 'DELETE') table.remove(key);
  else {
    const columns: Columns = new Map();
    if (change.kind === 'UPDATE' && present !== undefined) copyLive(present, columns, lifetime);
    const changes: ReadonlyArray<CellChange> =
      change.kind === 'PUT'
        ? change.cells.map((cell) => ({ kind: 'PUT', ...cell }) as const)
        : change.changes;
    for (const cell of changes) applyCell(columns, cell, table, nowMs);
    // Deleting columns of a row that is not there leaves it absent.
    const isWritten = change.kind === 'PUT' || present !== undefined || columns.size > 0;
    if (isWritten) table.put({ key, primaryKey, columns: inOrder(columns) });
    if (change.kind === 'UPDATE' && change.returnContent.returnType === 'RT_AFTER_MODIFY') {
      returned = modified(change.changes, change.returnContent.returnColumnNames, columns);
    }
  }

  const isConditional = condition.rowExistence !== 'IGNORE' || columnCondition !== null;
  const consumed = { read: isConditional ? 1 : 0, write: unitsOf(sizeOfWrite(change, table, primaryKey)) };
  const isRowWanted = change.returnContent.returnType === 'RT_PK' || returned.length > 0;
  if (!isRowWanted) return { consumed, row: null };
  const named = schema.map(({ name }, index) => ({ name, value: primaryKey[index] as PrimaryKeyValue }));
  return { consumed, row: { primaryKey: named, cells: returned } };
}

function copyLive(row: Row, columns: Columns, lifetime: Lifetime): void {
  for (const [name, versions] of row.columns) {
    const live = liveVersions(versions, lifetime);
    if (live.length > 0) columns.set(name, live);
  }
}

function applyCell(columns: Columns, change: CellChange, table: Table, nowMs: number): void {
  const { name } = change;
  const versions = columns.get(name) ?? [];
  switch (change.kind) {
    case 'DELETE_ALL_VERSION':
      columns.delete(name);
      return;
    case 'DELETE_ONE_VERSION': {
      const left = versions.filter(({ timestamp }) => timestamp !== change.timestamp);
      if (left.length === 0) columns.delete(name);
      else columns.set(name, left);
      return;
    }
    case 'PUT': {
      if (change.timestamp !== null) checkTimestamp(name, change.timestamp, table, nowMs);
      const timestamp = change.timestamp ?? serviceVersion(versions, nowMs);
      addVersion(columns, name, { timestamp, value: change.value }, table);
      return;
    }
    case 'INCREMENT': {
      const current = versions[0]?.value ?? 0n;
      const sum = typeof current === 'bigint' ? current + change.value : null;
      if (sum === null) throw parameterInvalid(`INCREMENT: column '${name}' is not an INTEGER.`);
      if (!isInt64(sum)) throw parameterInvalid(`INCREMENT: column '${name}' overflows.`);
      addVersion(columns, name, { timestamp: serviceVersion(versions, nowMs), value: sum }, table);
    }
  }
}

/** The service's time, and never below what is there: a write must be read back by whoever reads after it. */
function serviceVersion(versions: ReadonlyArray<CellVersion>, nowMs: number): number {
  return Math.max(nowMs, versions[0]?.timestamp ?? nowMs);
}

function addVersion(columns: Columns, name: string, version: CellVersion, table: Table): void {
  const versions = [...(columns.get(name) ?? [])].filter(({ timestamp }) => timestamp !== version.timestamp);
  const at = versions.findIndex(({ timestamp }) => timestamp < version.timestamp);
  versions.splice(at < 0 ? versions.length : at, 0, version);
  columns.set(name, versions.slice(0, table.record.options.maxVersions));
}

/** Versions given by writers lie in [max(now − deviation, now − time to live), now + deviation). */
function checkTimestamp(name: string, timestamp: number, table: Table, nowMs: number): void {
  if (timestamp < 0 || timestamp > Number.MAX_SAFE_INTEGER) {
    throw parameterInvalid(
      `Invalid cell timestamp: ${timestamp}. Expect: [0, Version::kMax.mVersion / kUsecPerMsec].`,
    );
  }
  const { deviationCellVersionInSec, timeToLive } = table.record.options;
  const deviationMs = deviationCellVersionInSec * 1000;
  const oldest = nowMs - (timeToLive > 0 ? Math.min(deviationMs, timeToLive * 1000) : deviationMs);
  if (timestamp < oldest || timestamp >= nowMs + deviationMs) {
    throw parameterInvalid(`Invalid timestamp. Cell: '${name}'.`);
  }
}

/** Columns by name. */
function inOrder(columns: Columns): Columns {
  return isSorted(columns)
    ? columns
    : new Map([...columns].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function isSorted(columns: Columns): boolean {
  let last = '';
  for (const name of columns.keys()) {
    if (name < last) return false;
    last = name;
  }
  return true;
}

function modified(
  changes: ReadonlyArray<CellChange>,
  names: ReadonlyArray<string>,
  columns: Columns,
): ReadonlyArray<{ name: string; value: ColumnValue; timestamp: number }> {
  const incremented = changes.filter(({ kind }) => kind === 'INCREMENT').map(({ name }) => name);
  const wanted = names.length === 0 ? incremented : names;
  return [...wanted].sort().flatMap((name) => {
    const version = columns.get(name)?.[0];
    return version === undefined ? [] : [{ name, ...version }];
  });
}

function sizeOfWrite(change: RowChange, table: Table, primaryKey: ReadonlyArray<PrimaryKeyValue>): number {
  const names = table.record.primaryKey.map(({ name }) => name);
  let bytes = sizeOfPrimaryKey(names, primaryKey);
  if (change.kind === 'DELETE') return bytes;
  for (const cell of change.kind === 'PUT' ? change.cells : change.changes) {
    bytes += cell.name.length + ('value' in cell ? sizeOfValue(cell.value) : 0);
  }
  return bytes;
}
