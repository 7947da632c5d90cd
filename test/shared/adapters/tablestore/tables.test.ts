import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TableClient } from '../../../../shared/adapters/tablestore/client.ts';
import type { RowWrite } from '../../../../shared/adapters/tablestore/rows.ts';
import { TABLES } from '../../../../shared/adapters/tablestore/tables.ts';
import { failureOf } from '../../../support/misbehaving-server.ts';
import { type Stage, setStage } from '../../../support/stage.ts';
import { openTables, tableCalls } from '../../../support/tables.ts';

let stage: Stage;
let tables: TableClient;
beforeAll(async () => {
  stage = await setStage();
  tables = openTables(stage);
});
afterEach(() => stage.clouds.foundation.faults.clear());
afterAll(() => stage.close());

type PutRow = Extract<RowWrite, { kind: 'put' }>;

const INBOX_KEY = TABLES.inbox.key.map(({ name }) => name);
const put = (lane: string, key: string, columns: Record<string, string | number>): PutRow => ({
  kind: 'put',
  table: 'inbox',
  key: { lane, key },
  columns,
});
const keysOf = (rows: ReadonlyArray<Record<string, unknown>>) => rows.map(({ key }) => key);

describe('rows', () => {
  it('keep integers exactly, and texts in every alphabet', async () => {
    const columns = {
      most: Number.MAX_SAFE_INTEGER,
      least: Number.MIN_SAFE_INTEGER,
      zero: 0,
      now: 1_775_708_306_123,
      text: '抢占式 🙂 "\u0000"',
      empty: '',
    };
    await tables.write(put('exact', 'k', columns));

    expect(await tables.get('inbox', { lane: 'exact', key: 'k' })).toEqual({
      lane: 'exact',
      key: 'k',
      ...columns,
    });
  });

  it('that do not exist are null', async () => {
    expect(await tables.get('inbox', { lane: 'exact', key: 'none' })).toBeNull();
  });

  it('are counted up exactly once by each increment, other columns staying', async () => {
    const up: RowWrite = {
      kind: 'update',
      table: 'inbox',
      key: { lane: 'count', key: 'k' },
      change: { increment: { n: 1 } },
    };
    await Promise.all(Array.from({ length: 20 }, () => tables.write(up)));
    await tables.write({ ...up, change: { put: { other: 'x' }, increment: { n: 1 } } });
    await tables.write({ ...up, change: { remove: ['other'], increment: { n: 1 } } });

    expect(await tables.get('inbox', up.key)).toEqual({ ...up.key, n: 22 });
  });
});

describe('a conditional write', () => {
  it('that lost a race is a conflict, and changes nothing', async () => {
    const first = { ...put('race', 'k', { by: 1 }), condition: { existence: 'absent' } } as const;

    const results = await Promise.all([1, 2, 3, 4].map((by) => tables.write({ ...first, columns: { by } })));

    expect(results.filter((result) => result === 'written')).toHaveLength(1);
    const winner = results.indexOf('written') + 1;
    expect(await tables.get('inbox', first.key)).toMatchObject({ by: winner });
    expect(await tables.write({ ...first, kind: 'delete', condition: { existence: 'exists' } })).toBe(
      'written',
    );
    expect(await tables.write({ ...first, kind: 'delete', condition: { existence: 'exists' } })).toBe(
      'conflict',
    );
  });

  it('needs every one of its conditions, of which there may be more than two', async () => {
    const row = put('many', 'k', { a: 1, b: 2, c: 3, d: 'x' });
    await tables.write(row);
    const given = (a: number, b: number, c: number, d: string): PutRow => ({
      ...row,
      columns: { a: 9, b: 9, c: 9, d: 'done' },
      condition: {
        columns: Object.entries({ a, b, c, d }).map(([column, value]) => ({
          column,
          is: 'equal',
          value,
          passIfMissing: false,
        })),
      },
    });

    for (const wrong of [
      given(0, 2, 3, 'x'),
      given(1, 0, 3, 'x'),
      given(1, 2, 0, 'x'),
      given(1, 2, 3, 'y'),
    ]) {
      expect(await tables.write(wrong)).toBe('conflict');
    }
    expect(await tables.write(given(1, 2, 3, 'x'))).toBe('written');
  });

  it('passes or fails on a missing column as it says', async () => {
    const row = put('missing', 'k', { a: 1 });
    await tables.write(row);
    const onMissing = (passIfMissing: boolean): RowWrite => ({
      ...row,
      condition: { columns: [{ column: 'b', is: 'at-most', value: 5, passIfMissing }] },
    });

    expect(await tables.write(onMissing(false))).toBe('conflict');
    expect(await tables.write(onMissing(true))).toBe('written');
  });

  it('whose reply is lost is sent once, and its outcome is unknown although it was applied', async () => {
    const from = stage.clouds.foundation.gate.records.length;
    const effect = { kind: 'lose-reply' } as const;
    stage.clouds.foundation.faults.inject({
      name: 'lost',
      match: { action: 'PutRow' },
      skip: 0,
      times: 1,
      effect,
    });

    const { error } = await failureOf(tables.write(put('lost', 'k', { a: 1 })));

    expect(error).toMatchObject({ name: 'TransientError', reason: 'unknown-outcome' });
    expect(tableCalls(stage, from)).toEqual(['PutRow']);
    expect(await tables.get('inbox', { lane: 'lost', key: 'k' })).toMatchObject({ a: 1 });
  });
});

describe('many rows', () => {
  const rows = Array.from({ length: 450 }, (_, n) =>
    put('many-rows', `k${String(n).padStart(3, '0')}`, { n }),
  );

  it('are written 200 in a call and read 100 in a call', async () => {
    const from = stage.clouds.foundation.gate.records.length;

    expect(await tables.writeMany(rows)).toEqual(rows.map(() => 'written'));
    const found = await tables.getMany('inbox', [...rows.map(({ key }) => key), { lane: 'none', key: 'x' }]);

    expect(tableCalls(stage, from)).toEqual([
      ...Array.from({ length: 3 }, () => 'BatchWriteRow'),
      ...Array.from({ length: 5 }, () => 'BatchGetRow'),
    ]);
    expect(found.map(({ n }) => n).sort((a, b) => Number(a) - Number(b))).toEqual(rows.map((_, n) => n));
  });

  it('that are too large for one call go in several', async () => {
    const text = '抢'.repeat(300_000);
    const large = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => put('large-rows', key, { text }));
    const from = stage.clouds.foundation.gate.records.length;

    expect(await tables.writeMany(large)).toEqual(large.map(() => 'written'));

    expect(tableCalls(stage, from)).toEqual(['BatchWriteRow', 'BatchWriteRow']);
    expect(keysOf(await tables.range('inbox', INBOX_KEY, { lane: 'large-rows' }))).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
    ]);
  });

  it('give a result for each, in order, when single ones are conflicts', async () => {
    const absent = rows.map(
      (row, n): RowWrite => ({
        ...row,
        key: { lane: n % 3 === 0 ? 'many-rows' : 'other-rows', key: String(row.key.key) },
        condition: { existence: 'absent' },
      }),
    );

    const results = await tables.writeMany(absent);

    expect(results).toEqual(absent.map((_, n) => (n % 3 === 0 ? 'conflict' : 'written')));
  });

  it('none of them cost no call', async () => {
    const from = stage.clouds.foundation.gate.records.length;

    expect([await tables.writeMany([]), await tables.getMany('inbox', [])]).toEqual([[], []]);
    expect(tableCalls(stage, from)).toEqual([]);
  });
});

describe('a range', () => {
  it('is read over as many pages as it takes, in order, and holds no other prefix', async () => {
    const text = 'x'.repeat(1_400_000);
    for (const key of ['e', 'a', 'c', 'b', 'd']) await tables.write(put('pages', key, { text }));
    await tables.write(put('page', 'z', { n: 1 }));
    await tables.write(put('pagesx', 'a', { n: 1 }));
    const from = stage.clouds.foundation.gate.records.length;

    const found = await tables.range('inbox', INBOX_KEY, { lane: 'pages' });

    expect(keysOf(found)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(tableCalls(stage, from).length).toBeGreaterThan(1);
  });

  it('between two texts holds what begins with the first and nothing from the second on', async () => {
    const lanes = ['open', 'open/a', 'open/a', 'open/z', 'open0', 'opem/a'];
    for (const [n, lane] of lanes.entries()) await tables.write(put(lane, `k${n}`, { n }));
    const span = { lane: { from: 'open/', before: 'open0' } };

    expect(keysOf(await tables.range('inbox', INBOX_KEY, span))).toEqual(['k1', 'k2', 'k3']);
    expect(keysOf(await tables.range('inbox', INBOX_KEY, span, 2))).toEqual(['k3', 'k2']);
    const within = { lane: 'open/a', key: { from: 'k1', before: 'k2' } };
    expect(keysOf(await tables.range('inbox', INBOX_KEY, within))).toEqual(['k1']);
  });

  it('of nothing is empty', async () => {
    expect(await tables.range('inbox', INBOX_KEY, { lane: 'nothing' })).toEqual([]);
  });

  it('one page of which fails for good is an error, never a part', async () => {
    const effect = { kind: 'error', status: 403, code: 'OTSNoPermissionAccess', message: 'no' } as const;
    stage.clouds.foundation.faults.inject({
      name: 'page',
      match: { action: 'GetRange' },
      skip: 1,
      times: null,
      effect,
    });

    const { error } = await failureOf(tables.range('inbox', INBOX_KEY, { lane: 'pages' }));

    expect(error).toMatchObject({ name: 'RejectedError', origin: { code: 'OTSNoPermissionAccess' } });
  });

  it('a page of which is lost once is read as if nothing had happened', async () => {
    const effect = { kind: 'lose-reply' } as const;
    stage.clouds.foundation.faults.inject({
      name: 'page',
      match: { action: 'GetRange' },
      skip: 1,
      times: 1,
      effect,
    });

    expect(keysOf(await tables.range('inbox', INBOX_KEY, { lane: 'pages' }))).toHaveLength(5);
  });
});

describe('a slow server', () => {
  it('makes a write end in time although it takes effect later', async () => {
    const quick = openTables(stage, { timeoutMs: 200 });
    const effect = { kind: 'delay', beforeMs: 1_200, afterMs: 0 } as const;
    stage.clouds.foundation.faults.inject({
      name: 'slow',
      match: { action: 'PutRow' },
      skip: 0,
      times: 1,
      effect,
    });

    const { error, tookMs } = await failureOf(quick.write(put('slow', 'k', { a: 1 })));

    expect(error).toMatchObject({ reason: 'unknown-outcome' });
    expect(tookMs).toBeLessThan(1_000);
    // The connection is free again for the next call.
    expect(await quick.get('inbox', { lane: 'slow', key: 'none' })).toBeNull();
  });
});
