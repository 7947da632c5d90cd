import { describe, expect, it } from 'vitest';
import type { CellChange } from '../../../../../infra/local/world/tablestore/requests.ts';
import { AUTO_INCREMENT } from '../../../../../infra/local/world/tablestore/values.ts';
import {
  ANY,
  aTablestore,
  columnsOf,
  put,
  read,
  reading,
  refusalOf,
  remove,
  START_MS,
  update,
} from './world.ts';

const DAY_MS = 86_400_000;
const FAIL = '403 OTSConditionCheckFail: Condition check failed.';
const increment = (name: string, value: bigint): CellChange => ({ kind: 'INCREMENT', name, value });
const putCell = (name: string, value: bigint | string, timestamp: number | null = null): CellChange => ({
  kind: 'PUT',
  name,
  value,
  timestamp,
});

describe('expectations about the row', () => {
  const writes = {
    PUT: (condition = ANY) => put('a', { x: 1n }, condition),
    UPDATE: (condition = ANY) => update('a', [putCell('x', 1n)], condition),
    DELETE: (condition = ANY) => remove('a', condition),
  };
  const cases = [
    // [expectation, row present, allowed]
    ['IGNORE', false, true],
    ['IGNORE', true, true],
    ['EXPECT_EXIST', false, false],
    ['EXPECT_EXIST', true, true],
    ['EXPECT_NOT_EXIST', false, true],
    ['EXPECT_NOT_EXIST', true, false],
  ] as const;

  for (const kind of ['PUT', 'UPDATE', 'DELETE'] as const) {
    it.each(cases)(
      `${kind} under %s with the row present = %s is allowed = %s`,
      (rowExistence, present, allowed) => {
        const { tablestore } = aTablestore();
        if (present) tablestore.writeRow('t', put('a', { before: true }));

        const outcome = refusalOf(() =>
          tablestore.writeRow('t', writes[kind]({ rowExistence, columnCondition: null })),
        );

        expect(outcome).toBe(allowed ? 'not refused' : FAIL);
        if (!allowed) expect(read(tablestore, 'a')).toEqual(present ? { before: true } : null);
      },
    );
  }
});

describe('counters', () => {
  it('count an absent column as zero, beyond 2^53, and return only what was asked for', () => {
    const { tablestore } = aTablestore();
    const big = 2n ** 60n;

    expect(
      columnsOf(tablestore.writeRow('t', update('a', [increment('n', big), increment('m', 1n)], ANY, ['n']))),
    ).toEqual({ n: big });
    tablestore.writeRow('t', update('a', [increment('n', -1n)]));
    expect(read(tablestore, 'a')).toEqual({ n: big - 1n, m: 1n });
  });

  it('return all incremented columns when none is named, and never put ones', () => {
    const { tablestore } = aTablestore();
    const both = [putCell('p', 'x'), increment('n', 2n)];

    expect(columnsOf(tablestore.writeRow('t', update('a', both, ANY, [])))).toEqual({ n: 2n });
    expect(refusalOf(() => tablestore.writeRow('t', update('a', both, ANY, ['p'])))).toMatch(
      /^400 OTSParameterInvalid/,
    );
  });

  it('refuse other types, overflow, and a second operation on the column', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', put('a', { text: 'x', max: 2n ** 63n - 1n }));
    const invalid = /^400 OTSParameterInvalid/;

    expect(refusalOf(() => tablestore.writeRow('t', update('a', [increment('text', 1n)])))).toMatch(invalid);
    expect(refusalOf(() => tablestore.writeRow('t', update('a', [increment('max', 1n)])))).toMatch(invalid);
    for (const changes of [
      [increment('n', 1n), increment('n', 1n)],
      [increment('n', 1n), putCell('n', 1n)],
      [putCell('n', 1n), increment('n', 1n)],
    ]) {
      expect(refusalOf(() => tablestore.writeRow('t', update('a', changes)))).toMatch(invalid);
    }
    expect(read(tablestore, 'a')).toEqual({ text: 'x', max: 2n ** 63n - 1n });
  });
});

describe('an update', () => {
  it('is all or nothing', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', put('a', { text: 'x' }));

    refusalOf(() => tablestore.writeRow('t', update('a', [putCell('other', 1n), increment('text', 1n)])));

    expect(read(tablestore, 'a')).toEqual({ text: 'x' });
  });

  it('that only deletes does not create the row', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', update('a', [{ kind: 'DELETE_ALL_VERSION', name: 'x' }]));
    expect(read(tablestore, 'a')).toBeNull();
  });

  it('that deletes the last column leaves the row, until the row is deleted', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', put('a', { x: 1n }));
    tablestore.writeRow('t', update('a', [{ kind: 'DELETE_ALL_VERSION', name: 'x' }]));
    expect(read(tablestore, 'a')).toEqual({});

    tablestore.writeRow('t', remove('a', { rowExistence: 'EXPECT_EXIST', columnCondition: null }));
    expect(read(tablestore, 'a')).toBeNull();
  });

  it('needs at least one cell', () => {
    const { tablestore } = aTablestore();
    expect(refusalOf(() => tablestore.writeRow('t', update('a', [])))).toBe(
      '400 OTSParameterInvalid: Invalid update row request: missing cells in request.',
    );
  });
});

describe('versions', () => {
  it('keeps the newest, as many as the table says', () => {
    const { tablestore, clock } = aTablestore({ maxVersions: 2 });
    for (const value of [1n, 2n, 3n]) {
      tablestore.writeRow('t', update('a', [putCell('x', value)]));
      clock.advanceBy(1);
    }

    const { row } = tablestore.getRow('t', [{ name: 'id', value: 'a' }], reading({ maxVersions: 9 }));
    expect(row?.cells).toEqual([
      { name: 'x', value: 3n, timestamp: START_MS + 2 },
      { name: 'x', value: 2n, timestamp: START_MS + 1 },
    ]);
    expect(read(tablestore, 'a', { maxVersions: null, timeRange: { start: 0, end: START_MS + 2 } })).toEqual({
      x: 2n,
    });
  });

  it('given by the writer must be near the service’s time', () => {
    const { tablestore } = aTablestore();
    const at = (timestamp: number) =>
      refusalOf(() => tablestore.writeRow('t', update('a', [putCell('x', 1n, timestamp)])));

    expect(at(START_MS - DAY_MS)).toBe('not refused');
    expect(at(START_MS + DAY_MS - 1)).toBe('not refused');
    expect(at(START_MS - DAY_MS - 1)).toMatch(/^400 OTSParameterInvalid: Invalid timestamp/);
    expect(at(START_MS + DAY_MS)).toMatch(/^400 OTSParameterInvalid: Invalid timestamp/);
  });

  it('of the service never hide behind one from the future', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', update('a', [putCell('x', 1n, START_MS + 1000)]));
    tablestore.writeRow('t', update('a', [putCell('x', 2n)]));
    expect(read(tablestore, 'a')).toEqual({ x: 2n });
  });
});

describe('time to live', () => {
  const SECONDS = 86_400;

  it('ends for each cell by itself', () => {
    const { tablestore, clock } = aTablestore({ timeToLive: SECONDS });
    tablestore.writeRow('t', put('a', { early: 1n }));
    clock.advanceBy(1000);
    tablestore.writeRow('t', update('a', [putCell('late', 2n)]));

    clock.advanceTo(START_MS + SECONDS * 1000 - 1);
    expect(read(tablestore, 'a')).toEqual({ early: 1n, late: 2n });
    clock.advanceBy(1);
    expect(read(tablestore, 'a')).toEqual({ late: 2n });
    clock.advanceBy(1000);
    expect(read(tablestore, 'a')).toBeNull();
  });

  it.each([
    [false, 'not refused'],
    [true, FAIL],
  ])(
    'with otsExpiredRowExists = %s, expecting no row where all has expired is %s',
    (otsExpiredRowExists, outcome) => {
      const { tablestore, clock } = aTablestore({ timeToLive: SECONDS, switches: { otsExpiredRowExists } });
      tablestore.writeRow('t', put('a', { x: 1n }));
      clock.advanceBy(SECONDS * 1000);

      const again = put('a', { x: 2n }, { rowExistence: 'EXPECT_NOT_EXIST', columnCondition: null });
      expect(refusalOf(() => tablestore.writeRow('t', again))).toBe(outcome);
    },
  );

  it('does not let a counter go on from an expired value', () => {
    const { tablestore, clock } = aTablestore({ timeToLive: SECONDS });
    tablestore.writeRow('t', update('a', [increment('n', 5n)]));
    clock.advanceBy(SECONDS * 1000);
    tablestore.writeRow('t', update('a', [increment('n', 1n)]));
    expect(read(tablestore, 'a')).toEqual({ n: 1n });
  });
});

describe('what no write may be', () => {
  const { tablestore } = aTablestore();
  const write = (change: Parameters<typeof tablestore.writeRow>[1]) =>
    refusalOf(() => tablestore.writeRow('t', change));
  const wide = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, true]));

  it.each([
    ['a table name with a dash', () => refusalOf(() => tablestore.writeRow('no-dash', put('a', { x: 1n })))],
    ['a column name with a dash', () => write(put('a', { 'no-dash': 1n }))],
    ['a column name of 256 characters', () => write(put('a', { ['c'.repeat(256)]: 1n }))],
    ['a column named like the key', () => write(put('a', { id: 1n }))],
    ['a put without columns', () => write(put('a', {}))],
    ['1025 columns', () => write(put('a', wide(1025)))],
    ['a column above 2 MB', () => write(put('a', { x: Buffer.alloc(2 * 1024 * 1024 + 1) }))],
    [
      'a row above 4 MB',
      () => write(put('a', { x: 'x'.repeat(2_000_000), y: 'x'.repeat(2_000_000), z: 'x'.repeat(200_000) })),
    ],
    ['a key above 1 KB', () => write(put('ä'.repeat(513), { x: 1n }))],
    ['NaN', () => write(put('a', { x: Number.NaN }))],
    ['an integer above 64 bits', () => write(put('a', { x: 2n ** 63n }))],
  ])('%s', (_, attempt) => {
    expect(attempt()).toMatch(/^400 OTSParameterInvalid/);
  });

  it('a key of another shape', () => {
    expect(write(put(7n, { x: 1n }))).toBe(
      '400 OTSInvalidPK: Validate PK type fail. Input: VT_INTEGER, Meta: VT_STRING.',
    );
    expect(write({ ...put('a', { x: 1n }), primaryKey: [{ name: 'other', value: 'a' }] })).toBe(
      '400 OTSInvalidPK: Validate PK name fail. Input: other, Meta: id.',
    );
    expect(
      write({
        ...put('a', { x: 1n }),
        primaryKey: [
          { name: 'id', value: 'a' },
          { name: 'n', value: 1n },
        ],
      }),
    ).toBe('400 OTSInvalidPK: Validate PK size fail. Input: 2, Meta: 1.');
  });

  it('just below the limits they are taken', () => {
    expect(write(put('ä'.repeat(512), wide(1024)))).toBe('not refused');
    expect(write(put('a', { x: Buffer.alloc(2 * 1024 * 1024) }))).toBe('not refused');
  });
});

describe('auto-increment keys', () => {
  it('rise within an instant, and take no expectation', () => {
    const { tablestore } = aTablestore();
    tablestore.createTable({
      tableName: 'log',
      primaryKey: [
        { name: 'id', type: 'STRING', isAutoIncrement: false },
        { name: 'seq', type: 'INTEGER', isAutoIncrement: true },
      ],
      options: { timeToLive: -1, maxVersions: 1 },
      reserved: { read: 0, write: 0 },
    });
    const append = (condition = ANY) =>
      tablestore.writeRow('log', {
        ...put('a', { x: 1n }, condition),
        primaryKey: [
          { name: 'id', value: 'a' },
          { name: 'seq', value: AUTO_INCREMENT },
        ],
        returnContent: { returnType: 'RT_PK', returnColumnNames: [] },
      });
    const sequences = [append(), append(), append()].map(({ row }) => row?.primaryKey[1]?.value as bigint);

    expect([...sequences].sort((a, b) => Number(a - b))).toEqual(sequences);
    expect(new Set(sequences).size).toBe(3);
    expect(refusalOf(() => append({ rowExistence: 'EXPECT_NOT_EXIST', columnCondition: null }))).toMatch(
      /^400 OTSParameterInvalid: Invalid expect/,
    );
  });
});
