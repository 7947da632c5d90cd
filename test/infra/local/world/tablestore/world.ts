import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createFoundation, type FoundationOptions } from '../../../../../infra/local/world/foundation.ts';
import type { ColumnFilter } from '../../../../../infra/local/world/tablestore/filters.ts';
import type {
  CellChange,
  Condition,
  ReadOptions,
  RowChange,
  RowResult,
} from '../../../../../infra/local/world/tablestore/requests.ts';
import { createTablestore, type Tablestore } from '../../../../../infra/local/world/tablestore/tablestore.ts';
import type { ColumnValue, PrimaryKeyInput } from '../../../../../infra/local/world/tablestore/values.ts';

/** A fixed instant to start from. */
export const START_MS = Date.UTC(2026, 10, 20, 12);

/** A Tablestore in virtual time with one table `t`, its key `id` a STRING. */
export function aTablestore(
  options: FoundationOptions & { readonly timeToLive?: number; readonly maxVersions?: number } = {},
): { readonly tablestore: Tablestore; readonly clock: VirtualClock } {
  const clock = new VirtualClock(START_MS);
  const tablestore = createTablestore(createFoundation({ clock, ...options }));
  tablestore.createTable({
    tableName: 't',
    primaryKey: [{ name: 'id', type: 'STRING', isAutoIncrement: false }],
    options: { timeToLive: options.timeToLive ?? -1, maxVersions: options.maxVersions ?? 1 },
    reserved: { read: 0, write: 0 },
  });
  return { tablestore, clock };
}

/** No condition at all. */
export const ANY: Condition = { rowExistence: 'IGNORE', columnCondition: null };

/** The row need not exist; its columns must fit. */
export const when = (columnCondition: ColumnFilter): Condition => ({
  rowExistence: 'IGNORE',
  columnCondition,
});

/** A write of the row `id`; columns by name. */
export function put(
  id: PrimaryKeyInput,
  columns: Readonly<Record<string, ColumnValue>>,
  condition = ANY,
): RowChange {
  return {
    kind: 'PUT',
    primaryKey: [{ name: 'id', value: id }],
    condition,
    returnContent: { returnType: 'RT_NONE', returnColumnNames: [] },
    cells: Object.entries(columns).map(([name, value]) => ({ name, value, timestamp: null })),
  };
}

/** An update of the row `id`. */
export function update(
  id: PrimaryKeyInput,
  changes: ReadonlyArray<CellChange>,
  condition = ANY,
  returnColumnNames: ReadonlyArray<string> | null = null,
): RowChange {
  return {
    kind: 'UPDATE',
    primaryKey: [{ name: 'id', value: id }],
    condition,
    returnContent:
      returnColumnNames === null
        ? { returnType: 'RT_NONE', returnColumnNames: [] }
        : { returnType: 'RT_AFTER_MODIFY', returnColumnNames },
    changes,
  };
}

/** A deletion of the row `id`. */
export function remove(id: PrimaryKeyInput, condition = ANY): RowChange {
  return {
    kind: 'DELETE',
    primaryKey: [{ name: 'id', value: id }],
    condition,
    returnContent: { returnType: 'RT_NONE', returnColumnNames: [] },
  };
}

/** Everything, newest version only, unless said otherwise. */
export function reading(options: Partial<ReadOptions> = {}): ReadOptions {
  return {
    columnsToGet: [],
    maxVersions: 1,
    timeRange: null,
    filter: null,
    startColumn: null,
    endColumn: null,
    ...options,
  };
}

/** Reads the row `id` of the table `t`: columns by name, or `null` when it is not there. */
export function read(
  tablestore: Tablestore,
  id: string,
  options: Partial<ReadOptions> = {},
): Record<string, ColumnValue> | null {
  return columnsOf(tablestore.getRow('t', [{ name: 'id', value: id }], reading(options)));
}

/** A result's columns by name, or `null` without a row. */
export function columnsOf({ row }: Pick<RowResult, 'row'>): Record<string, ColumnValue> | null {
  return row === null ? null : Object.fromEntries(row.cells.map(({ name, value }) => [name, value]));
}

/** What a call is refused with: the code, and a colon and its text. */
export function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { status, code, message } = error as { status: number; code: string; message: string };
    return `${status} ${code}: ${message}`;
  }
  return 'not refused';
}
