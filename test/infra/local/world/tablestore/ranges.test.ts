import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedKeys } from '../../../../../infra/local/world/tablestore/ordered-keys.ts';
import type { RangeRequest } from '../../../../../infra/local/world/tablestore/requests.ts';
import { encodeRowKey } from '../../../../../infra/local/world/tablestore/row-keys.ts';
import {
  INF_MAX,
  INF_MIN,
  type PrimaryKey,
  type PrimaryKeyInput,
  type PrimaryKeyValue,
} from '../../../../../infra/local/world/tablestore/values.ts';
import { aTablestore, put, read, reading, refusalOf } from './world.ts';

const ids = (value: PrimaryKeyInput): PrimaryKey => [{ name: 'id', value }];
function range(more: Partial<RangeRequest> = {}): RangeRequest {
  return {
    ...reading(),
    tableName: 't',
    direction: 'FORWARD',
    inclusiveStartPrimaryKey: ids(INF_MIN),
    exclusiveEndPrimaryKey: ids(INF_MAX),
    limit: null,
    ...more,
  };
}

describe('keys', () => {
  const value: fc.Arbitrary<PrimaryKeyValue> = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 6 }),
  );
  // Written without the code under test: by type, integers by value, the rest by byte.
  const expectedOrder = (left: PrimaryKeyValue, right: PrimaryKeyValue): number => {
    if (typeof left === 'bigint' || typeof right === 'bigint')
      return left < right ? -1 : left > right ? 1 : 0;
    return Buffer.compare(Buffer.from(left as string), Buffer.from(right as string));
  };
  const order = (left: ReadonlyArray<PrimaryKeyInput>, right: ReadonlyArray<PrimaryKeyInput>): number => {
    const [a, b] = [encodeRowKey(left), encodeRowKey(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const sameType = fc
    .tuple(value, value, value, value)
    .filter(([a, b, c, d]) => typeof a === typeof b && typeof c === typeof d);

  it('order as the service orders rows, column by column', () => {
    fc.assert(
      fc.property(sameType, ([a, b, c, d]) => {
        expect(order([a, c], [b, d])).toBe(expectedOrder(a, b) || expectedOrder(c, d));
      }),
      { numRuns: 2000 },
    );
  });

  it('have INF_MIN before and INF_MAX after every value', () => {
    fc.assert(
      fc.property(value, value, (first, second) => {
        expect(order([first, INF_MIN], [first, second])).toBe(-1);
        expect(order([first, INF_MAX], [first, second])).toBe(1);
        expect(order([INF_MIN, INF_MAX], [first, second])).toBe(-1);
        expect(order([INF_MAX, INF_MIN], [first, second])).toBe(1);
      }),
    );
  });
});

it('ordered keys stay in order whatever is added and removed', () => {
  const operations = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3000 })), {
    minLength: 1000,
    maxLength: 3000,
  });
  fc.assert(
    fc.property(
      operations,
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 0, max: 3000 }),
      (steps, from, to) => {
        const keys = new OrderedKeys();
        const model = new Set<string>();
        for (const [isAdded, number] of steps) {
          const key = String(number).padStart(5, '0');
          if (!isAdded) keys.delete(key);
          else if (!model.has(key)) keys.add(key);
          if (isAdded) model.add(key);
          else model.delete(key);
        }
        const [start, end] = [from, to].map((number) => String(number).padStart(5, '0')) as [string, string];
        const sorted = [...model].sort();
        expect([...keys.upwards(start, end)]).toEqual(sorted.filter((key) => key >= start && key < end));
        expect([...keys.downwards(start, end)]).toEqual(
          sorted.filter((key) => key <= start && key > end).reverse(),
        );
        expect([...new OrderedKeys(sorted).upwards('', 'z')]).toEqual(sorted);
      },
    ),
    { numRuns: 20 },
  );
});

describe('a range', () => {
  it('ends before its end and begins at its start, either way', () => {
    const { tablestore } = aTablestore();
    for (const id of ['d', 'b', 'a', 'c']) tablestore.writeRow('t', put(id, { x: id }));
    const found = (more: Partial<RangeRequest>) =>
      tablestore.getRange(range(more)).rows.map(({ primaryKey }) => primaryKey[0]?.value);

    expect(found({ inclusiveStartPrimaryKey: ids('b'), exclusiveEndPrimaryKey: ids('d') })).toEqual([
      'b',
      'c',
    ]);
    const backward = { direction: 'BACKWARD', inclusiveStartPrimaryKey: ids('c') } as const;
    expect(found({ ...backward, exclusiveEndPrimaryKey: ids('a') })).toEqual(['c', 'b']);
    expect(found({ ...backward, exclusiveEndPrimaryKey: ids(INF_MIN) })).toEqual(['c', 'b', 'a']);
  });

  it('refuses equal ends, ends in the wrong order, and a limit below one', () => {
    const { tablestore } = aTablestore();
    const refused = (more: Partial<RangeRequest>) => refusalOf(() => tablestore.getRange(range(more)));
    const invalid = '400 OTSParameterInvalid: ';

    const same = { inclusiveStartPrimaryKey: ids('a'), exclusiveEndPrimaryKey: ids('a') };
    expect(refused(same)).toBe(`${invalid}Begin key must less than end key in FORWARD`);
    expect(refused({ direction: 'BACKWARD' })).toBe(`${invalid}Begin key must more than end key in BACKWARD`);
    expect(refused({ limit: 0 })).toBe(`${invalid}The limit must be greater than 0.`);
    expect(refused({ maxVersions: null })).toBe(`${invalid}No version condition is specified.`);
  });

  it('omits rows that have none of the columns asked for, unless a key column is among them', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', put('a', { x: 1n }));
    tablestore.writeRow('t', put('b', { y: 1n }));
    const count = (columnsToGet: ReadonlyArray<string>) =>
      tablestore.getRange(range({ columnsToGet })).rows.length;

    expect(count(['x'])).toBe(1);
    expect(count(['x', 'id'])).toBe(2);
    expect(read(tablestore, 'b', { columnsToGet: ['x'] })).toBeNull();
    expect(read(tablestore, 'b', { columnsToGet: ['id'] })).toEqual({});
  });

  it('ends a page after 5000 rows looked at, even when the filter drops them all', () => {
    const { tablestore } = aTablestore();
    for (let index = 0; index < 5001; index++) {
      tablestore.writeRow('t', put(String(index).padStart(5, '0'), { n: BigInt(index) }));
    }
    const last = {
      kind: 'single',
      columnName: 'n',
      comparator: 'EQ',
      value: 5000n,
      filterIfMissing: true,
      latestVersionOnly: true,
    } as const;

    const first = tablestore.getRange(range({ filter: last }));
    expect(first.rows).toEqual([]);
    expect(first.nextStartPrimaryKey).toEqual(ids('05000'));
    const second = tablestore.getRange(range({ filter: last, inclusiveStartPrimaryKey: ids('05000') }));
    expect([second.rows.length, second.nextStartPrimaryKey]).toEqual([1, null]);
  });

  it('ends a page after 4 MB', () => {
    const { tablestore } = aTablestore();
    const big = Buffer.alloc(1024 * 1024);
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) tablestore.writeRow('t', put(id, { big }));

    const page = tablestore.getRange(range());
    expect(page.rows.length).toBe(4);
    expect(page.nextStartPrimaryKey).toEqual(ids('e'));
  });

  it('is at its end when the limit is reached with the last row', () => {
    const { tablestore } = aTablestore();
    for (const id of ['a', 'b']) tablestore.writeRow('t', put(id, { x: 1n }));
    expect(tablestore.getRange(range({ limit: 2 })).nextStartPrimaryKey).toBeNull();
    expect(tablestore.getRange(range({ limit: 1 })).nextStartPrimaryKey).toEqual(ids('b'));
  });
});

it('stays fast with 100,000 rows written in any order', () => {
  const { tablestore } = aTablestore();
  const total = 100_000;
  const startedMs = performance.now();
  for (let index = 0; index < total; index++) {
    // 48271 has no factor in common with the total, so every number comes once, far from its neighbours.
    tablestore.writeRow('t', put(String((index * 48_271) % total).padStart(6, '0'), { n: BigInt(index) }));
  }
  for (let index = 0; index < total; index++) read(tablestore, String(index).padStart(6, '0'));
  const page = tablestore.getRange(range({ inclusiveStartPrimaryKey: ids('099990') }));

  expect(page.rows.map(({ primaryKey }) => primaryKey[0]?.value)).toEqual(
    Array.from({ length: 10 }, (_, index) => `09999${index}`),
  );
  // A scan per read would take minutes.
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});
