import { describe, expect, it } from 'vitest';
import type { ColumnFilter, Comparator } from '../../../../../infra/local/world/tablestore/filters.ts';
import type { ColumnValue } from '../../../../../infra/local/world/tablestore/values.ts';
import { aTablestore, put, read, refusalOf, START_MS, update, when } from './world.ts';

function single(
  columnName: string,
  comparator: Comparator,
  value: ColumnValue,
  more: { readonly filterIfMissing?: boolean; readonly latestVersionOnly?: boolean } = {},
): ColumnFilter {
  return {
    kind: 'single',
    columnName,
    comparator,
    value,
    filterIfMissing: true,
    latestVersionOnly: true,
    ...more,
  };
}
const composite = (
  combinator: 'NOT' | 'AND' | 'OR',
  ...parts: ReadonlyArray<ColumnFilter>
): ColumnFilter => ({
  kind: 'composite',
  combinator,
  parts,
});
const YES = single('n', 'EQ', 5n);
const NO = single('n', 'EQ', 6n);

/** Whether a write to the row `{n: 5, s: 'm', r: 1.5, b: false}` passes the condition. */
function allows(condition: ColumnFilter, switches = {}): boolean {
  const { tablestore } = aTablestore({ switches });
  tablestore.writeRow('t', put('a', { n: 5n, s: 'm', r: 1.5, b: false }));
  const outcome = refusalOf(() => tablestore.writeRow('t', put('a', { x: 1n }, when(condition))));
  if (outcome !== 'not refused' && !outcome.startsWith('403 OTSConditionCheckFail')) throw new Error(outcome);
  return outcome === 'not refused';
}

describe('comparing', () => {
  it.each<[string, ColumnValue, ColumnValue, ColumnValue]>([
    // [column, below its value, its value, above its value]
    ['n', 4n, 5n, 6n],
    ['n', -(2n ** 63n), 5n, 2n ** 63n - 1n],
    ['s', 'lz', 'm', 'mm'],
    ['r', 1.25, 1.5, 1.75],
    ['b', false, false, true],
    ['id', 'Z', 'a', 'b'],
  ])('%s: below %s, equal to %s, above %s', (column, below, equal, above) => {
    const against = (value: ColumnValue) =>
      (['EQ', 'NE', 'GT', 'GE', 'LT', 'LE'] as const).filter((comparator) =>
        allows(single(column, comparator, value)),
      );

    if (below !== equal) expect(against(below)).toEqual(['NE', 'GT', 'GE']);
    expect(against(equal)).toEqual(['EQ', 'GE', 'LE']);
    expect(against(above)).toEqual(['NE', 'LT', 'LE']);
  });

  it('orders strings by their UTF-8 bytes, not by UTF-16 units', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', put('a', { s: '🚀' }));
    const above = put('a', { s: 'x' }, when(single('s', 'GT', '\uffee')));
    expect(refusalOf(() => tablestore.writeRow('t', above))).toBe('not refused');
  });

  it('across types never holds, or is an error, as the switch says', () => {
    for (const comparator of ['EQ', 'NE', 'LT', 'GE'] as const) {
      expect(allows(single('n', comparator, 5))).toBe(false);
    }
    expect(() => allows(single('n', 'EQ', 5), { otsConditionTypeMismatch: 'error' })).toThrow(
      /400 OTSParameterInvalid/,
    );
  });
});

describe('combining', () => {
  it.each([
    [composite('NOT', YES), false],
    [composite('NOT', NO), true],
    [composite('AND', YES, YES), true],
    [composite('AND', YES, NO), false],
    [composite('OR', NO, YES), true],
    [composite('OR', NO, NO), false],
    [composite('AND', YES, composite('OR', NO, composite('NOT', NO))), true],
  ])('case %#', (condition, expected) => {
    expect(allows(condition)).toBe(expected);
  });

  it('takes one part for NOT and two for AND and OR', () => {
    expect(() => allows(composite('NOT', YES, YES))).toThrow(/400 OTSParameterInvalid: Invalid NOT operator/);
    for (const parts of [[], [YES], [YES, YES, YES]]) {
      expect(() => allows(composite('AND', ...parts))).toThrow(
        /400 OTSParameterInvalid: Invalid AND\/OR operator/,
      );
    }
    expect(allows(composite('AND', YES, YES, YES), { otsCompositeParts: 'any' })).toBe(true);
  });

  it('takes ten comparisons and not eleven', () => {
    const chain = (count: number): ColumnFilter =>
      count === 1 ? YES : composite('AND', YES, chain(count - 1));
    expect(allows(chain(10))).toBe(true);
    expect(() => allows(chain(11))).toThrow(/400 OTSParameterInvalid: The count of filter exceeds/);
  });
});

describe('what is missing', () => {
  it('passes or fails as the condition says, in a row that is there and in one that is not', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', put('there', { n: 1n }));
    const outcome = (id: string, filterIfMissing: boolean) =>
      refusalOf(() =>
        tablestore.writeRow('t', put(id, { n: 1n }, when(single('gone', 'EQ', 1n, { filterIfMissing })))),
      );

    for (const id of ['there', 'absent']) {
      expect(outcome(id, true)).toMatch(/^403 OTSConditionCheckFail/);
      expect(outcome(id, false)).toBe('not refused');
    }
  });

  it('includes cells that have expired', () => {
    const { tablestore, clock } = aTablestore({ timeToLive: 86_400 });
    tablestore.writeRow('t', put('a', { n: 5n }));
    clock.advanceBy(86_400_000);
    expect(refusalOf(() => tablestore.writeRow('t', put('a', { x: 1n }, when(YES))))).toMatch(/^403/);
  });
});

it('looks at the newest version only, or at all of them', () => {
  const { tablestore } = aTablestore({ maxVersions: 3 });
  for (const [value, timestamp] of [
    [5n, START_MS - 1],
    [7n, START_MS],
  ] as const) {
    tablestore.writeRow('t', update('a', [{ kind: 'PUT', name: 'n', value, timestamp }]));
  }
  const outcome = (latestVersionOnly: boolean) =>
    refusalOf(() =>
      tablestore.writeRow('t', put('a', { n: 9n }, when(single('n', 'EQ', 5n, { latestVersionOnly })))),
    );

  expect(outcome(true)).toMatch(/^403/);
  expect(outcome(false)).toBe('not refused');
});

describe('reading with a filter', () => {
  it('does not see a column that was not asked for', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', put('a', { n: 5n, x: 1n }));

    expect(read(tablestore, 'a', { filter: YES })).toEqual({ n: 5n, x: 1n });
    expect(read(tablestore, 'a', { filter: NO })).toBeNull();
    expect(read(tablestore, 'a', { filter: YES, columnsToGet: ['x'] })).toBeNull();
  });

  it('pages through the columns of a wide row', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', put('a', { c: 3n, a: 1n, d: 4n, b: 2n }));
    expect(read(tablestore, 'a', { filter: { kind: 'pagination', offset: 1, limit: 2 } })).toEqual({
      b: 2n,
      c: 3n,
    });
    expect(read(tablestore, 'a', { startColumn: 'b', endColumn: 'd' })).toEqual({ b: 2n, c: 3n });
  });
});
