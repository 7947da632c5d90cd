import type { KeyValues } from '../../../shared/adapters/tablestore/key-ranges.ts';
import type { Cells, Row, RowCondition, RowWrite } from '../../../shared/adapters/tablestore/rows.ts';
import { InvariantError } from '../../../shared/errors.ts';
import type { ColumnFilter } from '../world/tablestore/filters.ts';
import type {
  CellChange,
  Condition,
  ReadOptions,
  RowAnswer,
  RowChange,
} from '../world/tablestore/requests.ts';
import { INF_MAX, INF_MIN, type PrimaryKey, type PrimaryKeyInput } from '../world/tablestore/values.ts';

/** Every read of the product: the newest version of all columns. */
export const NEWEST: ReadOptions = {
  columnsToGet: [],
  maxVersions: 1,
  timeRange: null,
  filter: null,
  startColumn: null,
  endColumn: null,
};

/** A text, or a whole number as the INTEGER that it becomes. */
function cellValue(cell: string | number): string | bigint {
  if (typeof cell === 'string') return cell;
  if (!Number.isSafeInteger(cell)) throw new InvariantError(`no INTEGER of Tablestore: ${cell}`);
  return BigInt(cell);
}

/** A whole primary key, in the table's order. */
export function primaryKeyOf(key: Cells): PrimaryKey {
  return Object.entries(key).map(([name, value]) => ({ name, value: cellValue(value) }));
}

/** Key values as the world's Tablestore knows them. */
export const KEY_VALUES: KeyValues<PrimaryKeyInput> = { cell: cellValue, least: INF_MIN, most: INF_MAX };

/** A row as the product reads it: key and columns together. */
export function rowOf({ primaryKey, cells }: RowAnswer): Row {
  const row: Record<string, string | number> = {};
  for (const { name, value } of primaryKey) row[name] = typeof value === 'string' ? value : Number(value);
  for (const { name, value } of cells) row[name] = typeof value === 'string' ? value : Number(value);
  return row;
}

/** A write of the product as the service takes it. */
export function rowChangeOf(row: RowWrite): RowChange {
  const primaryKey = primaryKeyOf(row.key);
  const condition = conditionOf(row.condition);
  const returnContent = { returnType: 'RT_NONE', returnColumnNames: [] } as const;
  switch (row.kind) {
    case 'put': {
      const cells = Object.entries(row.columns).map(([name, value]) => ({
        name,
        value: cellValue(value),
        timestamp: null,
      }));
      return { kind: 'PUT', primaryKey, condition, returnContent, cells };
    }
    case 'update':
      return { kind: 'UPDATE', primaryKey, condition, returnContent, changes: changesOf(row.change) };
    case 'delete':
      return { kind: 'DELETE', primaryKey, condition, returnContent };
  }
}

function changesOf({
  put = {},
  remove = [],
  increment = {},
}: Extract<RowWrite, { kind: 'update' }>['change']): ReadonlyArray<CellChange> {
  const changes: Array<CellChange> = [];
  for (const [name, value] of Object.entries(put)) {
    changes.push({ kind: 'PUT', name, value: cellValue(value), timestamp: null });
  }
  for (const name of remove) changes.push({ kind: 'DELETE_ALL_VERSION', name });
  for (const [name, value] of Object.entries(increment)) {
    const amount = cellValue(value);
    if (typeof amount === 'string') throw new InvariantError(`${name} is to grow by a text`);
    changes.push({ kind: 'INCREMENT', name, value: amount });
  }
  return changes;
}

const EXISTENCE = { any: 'IGNORE', exists: 'EXPECT_EXIST', absent: 'EXPECT_NOT_EXIST' } as const;

function conditionOf(wanted: RowCondition | undefined): Condition {
  const parts = (wanted?.columns ?? []).map(
    ({ column, is, value, passIfMissing }): ColumnFilter => ({
      kind: 'single',
      comparator: is === 'equal' ? 'EQ' : 'LE',
      columnName: column,
      value: cellValue(value),
      filterIfMissing: !passIfMissing,
      latestVersionOnly: true,
    }),
  );
  const [first, ...others] = parts;
  return {
    rowExistence: EXISTENCE[wanted?.existence ?? 'any'],
    // An AND takes exactly two parts, so more of them become a chain, as the real client builds it.
    columnCondition:
      first === undefined
        ? null
        : others.reduce<ColumnFilter>(
            (before, part) => ({ kind: 'composite', combinator: 'AND', parts: [before, part] }),
            first,
          ),
  };
}
