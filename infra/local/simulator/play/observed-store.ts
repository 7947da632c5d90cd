import { type Collection, memoryStore, type WorldStore } from '../../world/store.ts';
import type { StoredRow } from '../../world/tablestore/rows.ts';

/** A row of a table that changed. */
export interface RowWritten {
  readonly table: string;
  /** `null` = there was none. */
  readonly before: TableRow | null;
  /** `null` = it is gone. */
  readonly after: TableRow | null;
}

/** A row by its columns; the values of its primary key are in `key`, in order. */
export interface TableRow {
  readonly key: ReadonlyArray<string>;
  readonly columns: Readonly<Record<string, string | number>>;
}

const ROWS_PREFIX = 'ots-rows/';

/** State that lives as long as the day, and tells of every change of a row in these tables. */
export function observedStore(
  tables: ReadonlySet<string>,
  onWrite: (change: RowWritten) => void,
): WorldStore {
  const inner = memoryStore();
  const open = new Map<string, Collection<unknown>>();
  return {
    ...inner,
    collection<T>(name: string): Collection<T> {
      const known = open.get(name);
      if (known !== undefined) return known as Collection<T>;
      const collection = inner.collection<T>(name);
      const table = name.startsWith(ROWS_PREFIX) ? name.slice(ROWS_PREFIX.length) : '';
      const watched = tables.has(table)
        ? (observed(collection as Collection<StoredRow>, table, onWrite) as unknown as Collection<T>)
        : collection;
      open.set(name, watched as Collection<unknown>);
      return watched;
    },
  };
}

function observed(
  rows: Collection<StoredRow>,
  table: string,
  onWrite: (change: RowWritten) => void,
): Collection<StoredRow> {
  const known = new Map<string, TableRow>();
  return {
    get size() {
      return rows.size;
    },
    get: rows.get,
    has: rows.has,
    set(key, value) {
      const before = known.get(key) ?? null;
      const after = readStored(value);
      known.set(key, after);
      rows.set(key, value);
      onWrite({ table, before, after });
    },
    delete(key) {
      const before = known.get(key) ?? null;
      known.delete(key);
      const existed = rows.delete(key);
      if (existed) onWrite({ table, before, after: null });
      return existed;
    },
    values: rows.values,
    entries: rows.entries,
  };
}

const read = new WeakMap<StoredRow, TableRow>();

/** The row as its columns say it; the same object for the same row. */
export function readStored(stored: StoredRow): TableRow {
  const known = read.get(stored);
  if (known !== undefined) return known;
  const row = rowOf(stored);
  read.set(stored, row);
  return row;
}

function rowOf([primaryKey, columns]: StoredRow): TableRow {
  const values: Record<string, string | number> = {};
  for (const [name, versions] of columns) {
    const value = versions[0]?.[1];
    if (value !== undefined) values[name] = plain(value);
  }
  return { key: primaryKey.map((value) => String(plain(value))), columns: values };
}

/** Texts and integers are stored behind a letter for their type. */
function plain(stored: string | number | boolean): string | number {
  if (typeof stored !== 'string') return Number(stored);
  return stored.startsWith('i') ? Number(stored.slice(1)) : stored.slice(1);
}
