import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';
import { fileStore } from '../../../../../infra/local/world/store.ts';
import { createTablestore } from '../../../../../infra/local/world/tablestore/tablestore.ts';
import { aTablestore, put, read, reading, refusalOf, remove, START_MS, when } from './world.ts';

const keyOf = (value: string) => [{ name: 'id', value }];
const table = (tableName: string, more: object = {}) => ({
  tableName,
  primaryKey: [{ name: 'id', type: 'STRING' as const, isAutoIncrement: false }],
  options: { timeToLive: -1, maxVersions: 1 },
  reserved: { read: 0, write: 0 },
  ...more,
});

describe('tables', () => {
  it('refuses schemas and options the service has not', () => {
    const { tablestore } = aTablestore();
    const column = (name: string, type: 'STRING' | 'INTEGER' = 'STRING', isAutoIncrement = false) => ({
      name,
      type,
      isAutoIncrement,
    });
    const refused = (more: object) => refusalOf(() => tablestore.createTable(table('new', more)));
    const wrong = [
      { primaryKey: [] },
      { primaryKey: ['a', 'b', 'c', 'd', 'e'].map((name) => column(name)) },
      { primaryKey: [column('a'), column('a')] },
      { primaryKey: [column('a', 'INTEGER', true)] },
      { primaryKey: [column('a'), column('b', 'STRING', true)] },
      { primaryKey: [column('a'), column('b', 'INTEGER', true), column('c', 'INTEGER', true)] },
      { options: { maxVersions: 1 } },
      { options: { timeToLive: -1 } },
      { options: { timeToLive: 0, maxVersions: 1 } },
      { options: { timeToLive: 86_399, maxVersions: 1 } },
      { options: { timeToLive: -1, maxVersions: 0 } },
      { reserved: { read: -1, write: 0 } },
    ];
    for (const more of wrong) expect(refused(more), JSON.stringify(more)).toMatch(/^400 OTSParameterInvalid/);
    expect(tablestore.listTable()).toEqual(['t']);
  });

  it('has 64 of them and no more', () => {
    const { tablestore } = aTablestore();
    for (let index = 1; index < 64; index++) tablestore.createTable(table(`t${index}`));
    expect(refusalOf(() => tablestore.createTable(table('t64')))).toMatch(/^403 OTSQuotaExhausted/);
  });

  it('is loading until it is ready', () => {
    const { tablestore, clock } = aTablestore({ switches: { otsTableReadyAfterMs: 5_000 } });
    expect(tablestore.describeTable('t').status).toBe('LOADING');
    expect(refusalOf(() => read(tablestore, 'a'))).toMatch(/^404 OTSTableNotReady/);
    clock.advanceBy(5_000);
    expect(tablestore.describeTable('t').status).toBe('ACTIVE');
    expect(read(tablestore, 'a')).toBeNull();
  });

  it('changes its reserved throughput once in two minutes', () => {
    const { tablestore, clock } = aTablestore();
    const reserve = (read: number) =>
      refusalOf(() => tablestore.updateTable({ tableName: 't', reserved: { read } }));
    expect(reserve(1)).toBe('not refused');
    expect(reserve(2)).toMatch(/^403 OTSTooFrequentReservedThroughputAdjustment/);
    clock.advanceBy(120_000);
    expect(reserve(2)).toBe('not refused');
  });

  it('limits table operations per second when so set', () => {
    const { tablestore, clock } = aTablestore({ switches: { otsTableOperationsPerSecond: 2 } });
    tablestore.listTable();
    expect(refusalOf(() => tablestore.listTable())).toBe(
      '403 OTSQuotaExhausted: Too frequent table operations.',
    );
    clock.advanceBy(1_000);
    expect(tablestore.listTable()).toEqual(['t']);
  });

  it('forgets its rows when deleted', () => {
    const { tablestore } = aTablestore();
    tablestore.writeRow('t', put('a', { x: 1n }));
    tablestore.deleteTable('t');
    expect(refusalOf(() => read(tablestore, 'a'))).toMatch(/^404 OTSObjectNotExist/);
    tablestore.createTable(table('t'));
    expect(read(tablestore, 'a')).toBeNull();
  });
});

describe('batches', () => {
  it('fail whole for what no table would take, and write nothing', () => {
    const { tablestore } = aTablestore();
    tablestore.createTable(table('u'));
    const fine = put('fine', { x: 1n });
    const write = (...tables: ReadonlyArray<[string, ReadonlyArray<typeof fine>]>) =>
      refusalOf(() => tablestore.batchWriteRow(tables.map(([tableName, rows]) => ({ tableName, rows }))));
    const invalid = /^400 OTSParameterInvalid/;

    expect(write()).toMatch(invalid);
    expect(write(['t', [fine]], ['u', []])).toMatch(invalid);
    expect(write(['t', [fine]], ['t', [fine]])).toMatch(invalid);
    expect(write(['t', [fine, put('b', { 'no-dash': 1n })]])).toMatch(invalid);
    expect(write(['t', [fine, put('b', { x: 1n }), remove('b')]])).toMatch(invalid);
    expect(write(['t', [fine]], ['nowhere', [fine]])).toMatch(/^404 OTSObjectNotExist/);
    const megabyte = Buffer.alloc(1024 * 1024);
    expect(write(['t', [fine, ...['a', 'b', 'c', 'd'].map((id) => put(id, { megabyte }))]])).toMatch(invalid);
    expect(read(tablestore, 'fine')).toBeNull();
  });

  it('fail row by row for what depends on table and row', () => {
    const { tablestore } = aTablestore();
    const [result] = tablestore.batchWriteRow([
      {
        tableName: 't',
        rows: [
          put('ok', { x: 1n }),
          put(5n, { x: 1n }),
          put('c', { x: 1n }, { rowExistence: 'EXPECT_EXIST', columnCondition: null }),
        ],
      },
    ]);
    expect(result?.rows.map((row) => (row.isOk ? 'ok' : row.code))).toEqual([
      'ok',
      'OTSInvalidPK',
      'OTSConditionCheckFail',
    ]);
  });

  it('may hold a row twice without conditions when the switch says so', () => {
    const { tablestore } = aTablestore({ switches: { otsRepeatedRowsInBatch: 'without-conditions' } });
    const write = (...rows: ReadonlyArray<ReturnType<typeof put>>) =>
      refusalOf(() => tablestore.batchWriteRow([{ tableName: 't', rows }]));
    const missing = when({
      kind: 'single',
      columnName: 'x',
      comparator: 'EQ',
      value: 1n,
      filterIfMissing: false,
      latestVersionOnly: true,
    });

    expect(write(put('a', { x: 1n }), put('a', { x: 2n }))).toBe('not refused');
    expect(read(tablestore, 'a')).toEqual({ x: 2n });
    expect(write(put('a', { x: 1n }), put('a', { x: 2n }, missing))).toMatch(
      /^400 OTSParameterInvalid: Repeated rows/,
    );
  });

  it('fails only the rows of an unknown table when the switch says so', () => {
    const { tablestore } = aTablestore({ switches: { otsBatchUnknownTable: 'its-rows' } });
    const results = tablestore.batchGetRow(
      ['t', 'nowhere'].map((tableName) => ({ ...reading(), tableName, primaryKeys: [keyOf('a')] })),
    );
    expect(results.map(({ rows }) => rows[0]?.isOk)).toEqual([true, false]);
  });
});

it('finds tables, rows and their order again in the folder it was kept in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ots-'));
  try {
    const open = (atMs: number) =>
      createTablestore(createFoundation({ clock: new VirtualClock(atMs), store: fileStore(folder) }));
    const before = open(START_MS);
    before.createTable(table('t', { options: { timeToLive: 86_400, maxVersions: 2 } }));
    for (const id of ['c', 'a', 'b', 'd\u0000ä🚀'])
      before.writeRow('t', put(id, { x: -(2n ** 63n), s: id, r: -0, b: true }));
    before.writeRow('t', remove('b'));

    const after = open(START_MS + 1000);
    expect(after.describeTable('t')).toEqual(before.describeTable('t'));
    expect(read(after, 'd\u0000ä🚀')).toEqual({ x: -(2n ** 63n), s: 'd\u0000ä🚀', r: -0, b: true });
    const ids = (tablestore: typeof after) =>
      tablestore
        .getRange({
          ...reading(),
          tableName: 't',
          direction: 'FORWARD',
          inclusiveStartPrimaryKey: keyOf(''),
          exclusiveEndPrimaryKey: keyOf('zz'),
          limit: null,
        })
        .rows.map(({ primaryKey }) => primaryKey[0]?.value);
    expect(ids(after)).toEqual(['a', 'c', 'd\u0000ä🚀']);
    expect(ids(open(START_MS + 86_400_000))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
