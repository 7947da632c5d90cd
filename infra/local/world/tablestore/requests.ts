import type { ColumnFilter } from './filters.ts';
import type { ColumnValue, PrimaryKey, PrimaryKeyValue } from './values.ts';

/** What a write expects of its row before it takes place. */
export interface Condition {
  readonly rowExistence: 'IGNORE' | 'EXPECT_EXIST' | 'EXPECT_NOT_EXIST';
  /** Judged after the row's existence; `null` = none. */
  readonly columnCondition: ColumnFilter | null;
}

/** What a write answers. */
export interface ReturnContent {
  readonly returnType: 'RT_NONE' | 'RT_PK' | 'RT_AFTER_MODIFY';
  /** RT_AFTER_MODIFY: the incremented columns to return; empty = all of them. */
  readonly returnColumnNames: ReadonlyArray<string>;
}

/** A cell to write. */
export interface CellInput {
  readonly name: string;
  readonly value: ColumnValue;
  /** The version; `null` = the service's time. */
  readonly timestamp: number | null;
}

/** A change of one column of UpdateRow. */
export type CellChange =
  | ({ readonly kind: 'PUT' } & CellInput)
  | { readonly kind: 'DELETE_ONE_VERSION'; readonly name: string; readonly timestamp: number }
  | { readonly kind: 'DELETE_ALL_VERSION'; readonly name: string }
  | { readonly kind: 'INCREMENT'; readonly name: string; readonly value: bigint };

interface RowWrite {
  readonly primaryKey: PrimaryKey;
  readonly condition: Condition;
  readonly returnContent: ReturnContent;
}

/** One row's write: PUT replaces the whole row, UPDATE changes the named cells, DELETE removes the row. */
export type RowChange =
  | (RowWrite & { readonly kind: 'PUT'; readonly cells: ReadonlyArray<CellInput> })
  | (RowWrite & { readonly kind: 'UPDATE'; readonly changes: ReadonlyArray<CellChange> })
  | (RowWrite & { readonly kind: 'DELETE' });

/** Which cells of a row are read. */
export interface ReadOptions {
  /** Empty = all. A row that has none of them is not returned, unless a primary key column is among them. */
  readonly columnsToGet: ReadonlyArray<string>;
  /** Newest versions of each column; `null` = not given, then `timeRange` must be. */
  readonly maxVersions: number | null;
  /** Versions in `[start, end)`, in ms. */
  readonly timeRange: { readonly start: number; readonly end: number } | null;
  readonly filter: ColumnFilter | null;
  /** Columns from this name on. */
  readonly startColumn: string | null;
  /** Columns before this name. */
  readonly endColumn: string | null;
}

/** @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/getrange */
export interface RangeRequest extends ReadOptions {
  readonly tableName: string;
  readonly direction: 'FORWARD' | 'BACKWARD';
  readonly inclusiveStartPrimaryKey: PrimaryKey;
  readonly exclusiveEndPrimaryKey: PrimaryKey;
  /** Rows returned at most; `null` = as many as a page holds. */
  readonly limit: number | null;
}

/** A row as answers give it. Cells by column name, versions newest first. */
export interface RowAnswer {
  readonly primaryKey: PrimaryKey<PrimaryKeyValue>;
  readonly cells: ReadonlyArray<{
    readonly name: string;
    readonly value: ColumnValue;
    readonly timestamp: number;
  }>;
}

/** Capacity units, of 4 KB each. */
export interface Consumed {
  readonly read: number;
  readonly write: number;
}

/** The answer about one row; `row` is `null` when there is nothing to return. */
export interface RowResult {
  readonly consumed: Consumed;
  readonly row: RowAnswer | null;
}

/** One row of a batch: its answer, or why it alone failed. */
export type BatchRowResult =
  | ({ readonly isOk: true } & RowResult)
  | { readonly isOk: false; readonly code: string; readonly message: string };

/** One table's part of a batch; rows in the order of the request. */
export interface BatchTableResult {
  readonly tableName: string;
  readonly rows: ReadonlyArray<BatchRowResult>;
}

/** A page of a range. */
export interface RangeResult {
  readonly consumed: Consumed;
  readonly rows: ReadonlyArray<RowAnswer>;
  /** Where the next page starts; `null` = the range is read to its end. A page may be empty and not the last. */
  readonly nextStartPrimaryKey: PrimaryKey<PrimaryKeyValue> | null;
}
