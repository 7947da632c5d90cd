import { InvariantError } from '../../errors.ts';
import { errorOfCode } from './errors.ts';
import type { KeyEnd, KeyValues } from './key-ranges.ts';
import type { Cells, ColumnChange, Row, RowCondition, RowWrite } from './rows.ts';
import type { TablestoreSdk } from './sdk.ts';

/** A row in an answer; absent ones have no primary key. */
export interface SdkRow {
  readonly primaryKey?: ReadonlyArray<{ name: string; value: unknown }> | null;
  readonly attributes?: ReadonlyArray<{ columnName: string; columnValue: unknown }> | null;
}

/** How one row of a batch went. */
export interface SdkResult {
  readonly isOk: boolean;
  readonly errorCode?: string | null;
  readonly errorMessage?: string | null;
}

/** Throws the project's error for a row that failed for another reason than its condition. */
export function throwUnlessOk(api: string, result: SdkResult, requestId: string | null): void {
  const failure = failureOf(api, result, requestId);
  if (failure !== null) throw failure;
}

/** The project's error for a row of a batch; `null` = it went well. */
export function failureOf(api: string, result: SdkResult, requestId: string | null): Error | null {
  if (result.isOk) return null;
  return errorOfCode({ api, code: result.errorCode ?? 'unknown', requestId }, result.errorMessage ?? '');
}

/** Primary key and columns as one record; `null` = there is no such row. */
export function readRow(row: SdkRow | null | undefined): Row | null {
  if (row?.primaryKey === undefined || row.primaryKey === null || row.primaryKey.length === 0) return null;
  const cells: Record<string, string | number> = {};
  for (const { name, value } of row.primaryKey) cells[name] = readCell(value);
  for (const { columnName, columnValue } of row.attributes ?? []) cells[columnName] = readCell(columnValue);
  return cells;
}

function readCell(value: unknown): string | number {
  return typeof value === 'string' ? value : Number(String(value));
}

function cell(sdk: TablestoreSdk, value: string | number): unknown {
  if (typeof value !== 'number') return value;
  // The SDK would write any other number as some integer, without a word.
  if (!Number.isSafeInteger(value)) throw new InvariantError(`no INTEGER of Tablestore: ${value}`);
  return sdk.Long.fromString(String(value));
}

/** A whole primary key, in the table's order. */
export function primaryKey(sdk: TablestoreSdk, key: Cells): ReadonlyArray<Record<string, unknown>> {
  return Object.entries(key).map(([name, value]) => ({ [name]: cell(sdk, value) }));
}

/** Key values as the SDK writes them. */
export function keyValues(sdk: TablestoreSdk): KeyValues<unknown> {
  return { cell: (value) => cell(sdk, value), least: sdk.INF_MIN, most: sdk.INF_MAX };
}

/** An end of a range in the form of a request, which is not that of an answer. */
export function rangeEnd(end: KeyEnd<unknown>): ReadonlyArray<Record<string, unknown>> {
  return end.map(({ name, value }) => ({ [name]: value }));
}

function columns(sdk: TablestoreSdk, cells: Cells): ReadonlyArray<Record<string, unknown>> {
  return Object.entries(cells).map(([name, value]) => ({ [name]: cell(sdk, value) }));
}

function changes(sdk: TablestoreSdk, { put, remove, increment }: ColumnChange): ReadonlyArray<unknown> {
  const parts: Array<unknown> = [];
  if (put !== undefined && Object.keys(put).length > 0) parts.push({ PUT: columns(sdk, put) });
  if (remove !== undefined && remove.length > 0) parts.push({ DELETE_ALL: [...remove] });
  if (increment !== undefined && Object.keys(increment).length > 0)
    parts.push({ INCREMENT: columns(sdk, increment) });
  return parts;
}

function condition(sdk: TablestoreSdk, wanted: RowCondition | undefined): unknown {
  const { IGNORE, EXPECT_EXIST, EXPECT_NOT_EXIST } = sdk.RowExistenceExpectation;
  const existence = { any: IGNORE, exists: EXPECT_EXIST, absent: EXPECT_NOT_EXIST }[
    wanted?.existence ?? 'any'
  ];
  const parts: ReadonlyArray<object> = (wanted?.columns ?? []).map(({ column, is, value, passIfMissing }) => {
    const comparator = is === 'equal' ? sdk.ComparatorType.EQUAL : sdk.ComparatorType.LESS_EQUAL;
    return new sdk.SingleColumnCondition(column, cell(sdk, value), comparator, passIfMissing, true);
  });
  if (parts.length === 0) return new sdk.Condition(existence, null);
  // An AND takes exactly two parts, so more of them become a chain.
  const all = parts.reduce((before, part) => {
    const both = new sdk.CompositeCondition(sdk.LogicalOperator.AND);
    both.addSubCondition(before);
    both.addSubCondition(part);
    return both;
  });
  return new sdk.Condition(existence, all);
}

/** The parameters of PutRow, UpdateRow or DeleteRow. */
export function singleWrite(sdk: TablestoreSdk, row: RowWrite): unknown {
  const common = {
    tableName: row.table,
    condition: condition(sdk, row.condition),
    primaryKey: primaryKey(sdk, row.key),
  };
  if (row.kind === 'put') return { ...common, attributeColumns: columns(sdk, row.columns) };
  if (row.kind === 'update') return { ...common, updateOfAttributeColumns: changes(sdk, row.change) };
  return common;
}

/** A row of BatchWriteRow, which names the columns of an update otherwise than UpdateRow does. */
export function batchWrite(sdk: TablestoreSdk, row: RowWrite): unknown {
  const common = {
    type: row.kind.toUpperCase(),
    condition: condition(sdk, row.condition),
    primaryKey: primaryKey(sdk, row.key),
  };
  if (row.kind === 'put') return { ...common, attributeColumns: columns(sdk, row.columns) };
  if (row.kind === 'update') return { ...common, attributeColumns: changes(sdk, row.change) };
  return common;
}
