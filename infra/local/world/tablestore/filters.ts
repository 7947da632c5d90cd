import type { Switches } from '../switches.ts';
import { checkColumnName, LIMITS } from './limits.ts';
import { parameterInvalid } from './refusals.ts';
import type { CellVersion } from './rows.ts';
import { type ColumnValue, compareValues } from './values.ts';

/** How a column is compared with the constant. */
export type Comparator = 'EQ' | 'NE' | 'GT' | 'GE' | 'LT' | 'LE';

/** A condition on a row's columns, of a write or of a read. */
export type ColumnFilter =
  | {
      readonly kind: 'single';
      readonly comparator: Comparator;
      readonly columnName: string;
      readonly value: ColumnValue;
      /** A row without the column fails (`true`) or passes (`false`, the SDKs' default). */
      readonly filterIfMissing: boolean;
      /** Only the newest version counts; else any version that fits is enough. */
      readonly latestVersionOnly: boolean;
    }
  | {
      readonly kind: 'composite';
      readonly combinator: 'NOT' | 'AND' | 'OR';
      readonly parts: ReadonlyArray<ColumnFilter>;
    }
  /** Reads only: so many columns of the row, after leaving out so many. */
  | { readonly kind: 'pagination'; readonly offset: number; readonly limit: number };

/** The versions of a column, newest first; empty when the row does not have it. */
export type ColumnLookup = (name: string) => ReadonlyArray<CellVersion>;

/** Refuses a filter that the service would not take. Pagination may stand alone in a read, and nowhere else. */
export function checkFilter(filter: ColumnFilter, use: 'condition' | 'read', switches: Switches): void {
  if (filter.kind === 'pagination' && use === 'read') {
    if (filter.offset < 0) {
      throw parameterInvalid('Offset in ColumnPaginationFilter must be greater than or equal to 0.');
    }
    if (filter.limit <= 0) throw parameterInvalid('Limit in ColumnPaginationFilter must be greater than 0.');
    return;
  }
  const singles = countSingles(filter, switches);
  if (singles > LIMITS.filters) {
    throw parameterInvalid(`The count of filter exceeds the max: ${LIMITS.filters}.`);
  }
}

function countSingles(filter: ColumnFilter, switches: Switches): number {
  if (filter.kind === 'single') {
    checkColumnName(filter.columnName, switches);
    return 1;
  }
  if (filter.kind === 'pagination')
    throw parameterInvalid('Invalid type of sub-filter: FT_COLUMN_PAGINATION.');
  const parts = filter.parts.length;
  if (filter.combinator === 'NOT' && parts !== 1) {
    throw parameterInvalid('Invalid NOT operator: the number of sub-filters must be 1.');
  }
  const isWrongCount = switches.otsCompositeParts === 'exactly-two' ? parts !== 2 : parts < 1;
  if (filter.combinator !== 'NOT' && isWrongCount) {
    throw parameterInvalid('Invalid AND/OR operator: the number of sub-filters must be 2.');
  }
  return filter.parts.reduce((sum, part) => sum + countSingles(part, switches), 0);
}

/** Whether the row passes. A pagination filter lets every row pass. */
export function passes(filter: ColumnFilter, lookup: ColumnLookup, switches: Switches): boolean {
  switch (filter.kind) {
    case 'pagination':
      return true;
    case 'composite': {
      if (filter.combinator === 'AND') return filter.parts.every((part) => passes(part, lookup, switches));
      const some = filter.parts.some((part) => passes(part, lookup, switches));
      return filter.combinator === 'OR' ? some : !some;
    }
    case 'single': {
      const versions = lookup(filter.columnName);
      if (versions.length === 0) return !filter.filterIfMissing;
      const considered = filter.latestVersionOnly ? versions.slice(0, 1) : versions;
      return considered.some(({ value }) => holds(filter.comparator, value, filter.value, switches));
    }
  }
}

function holds(
  comparator: Comparator,
  value: ColumnValue,
  constant: ColumnValue,
  switches: Switches,
): boolean {
  const order = compareValues(value, constant);
  if (order === null) {
    if (switches.otsConditionTypeMismatch === 'never-holds') return false;
    throw parameterInvalid('The type of the column differs from the type of the value in the filter.');
  }
  switch (comparator) {
    case 'EQ':
      return order === 0;
    case 'NE':
      return order !== 0;
    case 'GT':
      return order > 0;
    case 'GE':
      return order >= 0;
    case 'LT':
      return order < 0;
    case 'LE':
      return order <= 0;
  }
}
