import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import { createTablestoreApp } from '../../../../../infra/local/http/tablestore/app.ts';
import { createFoundation, type Foundation } from '../../../../../infra/local/world/foundation.ts';
import { fileStore } from '../../../../../infra/local/world/store.ts';
import { createTablestore } from '../../../../../infra/local/world/tablestore/tablestore.ts';
import { attributes, condition, key, long, refusal, type SdkClient, sdkClient, TableStore } from './sdk.ts';

const { ComparatorType, LogicalOperator, Direction, INF_MIN, INF_MAX } = TableStore;

let foundation: Foundation;
let server: Listening;
let client: SdkClient;

async function serve(options: Parameters<typeof createFoundation>[0] = {}): Promise<void> {
  foundation = createFoundation(options);
  server = await listen(createTablestoreApp(foundation, createTablestore(foundation)));
  client = sdkClient(server.endpoint, foundation.identities.administrator);
}

function createTable(tableName: string, primaryKey: ReadonlyArray<unknown>, options = {}): Promise<unknown> {
  return client.createTable({
    tableMeta: { tableName, primaryKey },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1, ...options },
  });
}

const LANES = [{ name: 'id', type: 'STRING' }];

function put(id: string, columns: Record<string, unknown>, expectation = condition('IGNORE')) {
  return client.putRow({
    tableName: 'lanes',
    condition: expectation,
    primaryKey: [{ id }],
    attributeColumns: Object.entries(columns).map(([name, value]) => ({ [name]: value })),
  });
}

const get = async (id: string) => (await client.getRow({ tableName: 'lanes', primaryKey: [{ id }] })).row;

beforeEach(() => serve());
afterEach(() => server.close());

describe('tables', () => {
  it('creates, lists, describes, updates and deletes', async () => {
    await createTable('inbox', [
      { name: 'lane', type: 'STRING' },
      { name: 'seq', type: 'INTEGER', option: 'AUTO_INCREMENT' },
      { name: 'raw', type: 'BINARY' },
    ]);
    await createTable('audit', LANES, { timeToLive: 86_400, maxVersions: 3 });

    expect((await client.listTable({})).tableNames).toEqual(['audit', 'inbox']);
    await client.updateTable({ tableName: 'audit', tableOptions: { timeToLive: 172_800, maxVersions: 5 } });
    const described = await client.describeTable({ tableName: 'audit' });
    expect(described.tableOptions).toMatchObject({ timeToLive: 172_800, maxVersions: 5 });
    expect(described.tableMeta).toMatchObject({ tableName: 'audit', primaryKey: [{ name: 'id', type: 2 }] });
    expect((await client.describeTable({ tableName: 'inbox' })).tableMeta).toMatchObject({
      primaryKey: [
        { name: 'lane', type: 2 },
        { name: 'seq', type: 1, option: 1 },
        { name: 'raw', type: 3 },
      ],
    });
    await client.deleteTable({ tableName: 'audit' });
    expect(await refusal(client.describeTable({ tableName: 'audit' }))).toMatchObject({
      status: 404,
      code: 'OTSObjectNotExist',
    });
  });

  it('refuses a name that is taken, bad options and unknown tables', async () => {
    await createTable('lanes', LANES);

    expect(await refusal(createTable('lanes', LANES))).toMatchObject({
      status: 409,
      code: 'OTSObjectAlreadyExist',
    });
    expect(await refusal(createTable('short', LANES, { timeToLive: 60 }))).toMatchObject({
      status: 400,
      code: 'OTSParameterInvalid',
    });
    expect(await refusal(createTable('no-dash', LANES))).toMatchObject({ code: 'OTSParameterInvalid' });
    expect(await refusal(client.getRow({ tableName: 'nowhere', primaryKey: [{ id: 'a' }] }))).toMatchObject({
      status: 404,
      code: 'OTSObjectNotExist',
    });
  });

  it('is not ready before its time when so set', async () => {
    await server.close();
    await serve({ switches: { otsTableReadyAfterMs: 200 } });
    await createTable('lanes', LANES);

    expect(await refusal(put('a', { x: 1 }))).toMatchObject({ status: 404, code: 'OTSTableNotReady' });
    await expect
      .poll(() =>
        put('a', { x: 1 }).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });
});

describe('single rows', () => {
  beforeEach(() => createTable('lanes', LANES));

  it('keeps every type of column', async () => {
    const bytes = Buffer.from([0, 1, 255]);
    await put('ü', {
      text: 'Grüße 🚀',
      whole: TableStore.Long.fromString('-9223372036854775808'),
      real: 1.5,
      yes: true,
      bytes,
    });

    const row = await get('ü');
    expect(key(row)).toEqual({ id: 'ü' });
    expect(attributes(row)).toEqual({
      text: 'Grüße 🚀',
      whole: -9_223_372_036_854_775_808n,
      real: 1.5,
      yes: true,
      bytes,
    });
    expect(await get('other')).toEqual({});
  });

  it('replaces the row on put, changes named cells on update, removes it on delete', async () => {
    await put('a', { x: long(1), y: long(2) });
    await put('a', { y: long(3), z: long(4) });
    expect(attributes(await get('a'))).toEqual({ y: 3n, z: 4n });

    await client.updateRow({
      tableName: 'lanes',
      condition: condition('EXPECT_EXIST'),
      primaryKey: [{ id: 'a' }],
      updateOfAttributeColumns: [{ PUT: [{ w: 'new' }] }, { DELETE_ALL: ['y'] }],
    });
    expect(attributes(await get('a'))).toEqual({ w: 'new', z: 4n });

    await client.deleteRow({
      tableName: 'lanes',
      condition: condition('EXPECT_EXIST'),
      primaryKey: [{ id: 'a' }],
    });
    expect(await get('a')).toEqual({});
  });

  it('deletes one version and keeps the others', async () => {
    await createTable('history', LANES, { maxVersions: 5 });
    const nowMs = Date.now();
    await client.putRow({
      tableName: 'history',
      condition: condition('IGNORE'),
      primaryKey: [{ id: 'a' }],
      attributeColumns: [
        { x: 'old', timestamp: nowMs - 2 },
        { x: 'newer', timestamp: nowMs - 1 },
      ],
    });

    await client.updateRow({
      tableName: 'history',
      condition: condition('IGNORE'),
      primaryKey: [{ id: 'a' }],
      updateOfAttributeColumns: [{ DELETE: [{ x: long(nowMs - 1) }] }],
    });

    const { row } = await client.getRow({ tableName: 'history', primaryKey: [{ id: 'a' }], maxVersions: 5 });
    expect(row.attributes?.map(({ columnValue }) => columnValue)).toEqual(['old']);
    expect(row.attributes?.[0]?.timestamp.toNumber()).toBe(nowMs - 2);
  });

  it('lets exactly one of two writers expecting no row through', async () => {
    const outcomes = await Promise.allSettled([
      put('a', { owner: 'one' }, condition('EXPECT_NOT_EXIST')),
      put('a', { owner: 'two' }, condition('EXPECT_NOT_EXIST')),
    ]);

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await refusal(put('a', { owner: 'three' }, condition('EXPECT_NOT_EXIST')))).toMatchObject({
      status: 403,
      code: 'OTSConditionCheckFail',
    });
  });

  it('takes a lease and returns the new fence in one conditional update', async () => {
    await put('a', { owner: '', leaseUntil: long(100), fence: long(7) });
    const isFree = new TableStore.CompositeCondition(LogicalOperator.AND);
    isFree.addSubCondition(
      new TableStore.SingleColumnCondition('leaseUntil', long(100), ComparatorType.EQUAL, false),
    );
    isFree.addSubCondition(
      new TableStore.SingleColumnCondition('fence', long(7), ComparatorType.EQUAL, false),
    );
    const acquire = () =>
      client.updateRow({
        tableName: 'lanes',
        condition: condition('EXPECT_EXIST', isFree),
        primaryKey: [{ id: 'a' }],
        updateOfAttributeColumns: [
          { PUT: [{ owner: 'me' }, { leaseUntil: long(200) }] },
          { INCREMENT: [{ fence: long(1) }] },
        ],
        returnContent: { returnType: TableStore.ReturnType.AfterModify, returnColumns: ['fence'] },
      });

    expect(attributes((await acquire()).row)).toEqual({ fence: 8n });
    expect(await refusal(acquire())).toMatchObject({ status: 403, code: 'OTSConditionCheckFail' });
    expect(attributes(await get('a'))).toEqual({ owner: 'me', leaseUntil: 200n, fence: 8n });
  });

  it('judges NOT and OR, and missing columns as the condition says', async () => {
    await put('a', { x: long(5) });
    const isX = (value: number) =>
      new TableStore.SingleColumnCondition('x', long(value), ComparatorType.EQUAL, false);
    const notFive = new TableStore.CompositeCondition(LogicalOperator.NOT);
    notFive.addSubCondition(isX(5));
    const fiveOrSix = new TableStore.CompositeCondition(LogicalOperator.OR);
    fiveOrSix.addSubCondition(isX(6));
    fiveOrSix.addSubCondition(isX(5));
    const missing = (passes: boolean) =>
      new TableStore.SingleColumnCondition('gone', long(1), ComparatorType.EQUAL, passes);

    const write = (column: unknown) => put('a', { x: long(5) }, condition('EXPECT_EXIST', column));
    await expect(write(fiveOrSix)).resolves.toBeDefined();
    await expect(write(missing(true))).resolves.toBeDefined();
    expect(await refusal(write(missing(false)))).toMatchObject({ code: 'OTSConditionCheckFail' });
    expect(await refusal(write(notFive))).toMatchObject({ code: 'OTSConditionCheckFail' });
    const three = new TableStore.CompositeCondition(LogicalOperator.AND);
    for (const value of [5, 5, 5]) three.addSubCondition(isX(value));
    expect(await refusal(write(three))).toMatchObject({ status: 400, code: 'OTSParameterInvalid' });
  });

  it('chooses the value of an auto-increment column and returns it', async () => {
    await createTable('log', [
      { name: 'id', type: 'STRING' },
      { name: 'seq', type: 'INTEGER', option: 'AUTO_INCREMENT' },
    ]);
    const append = async () => {
      const { row } = await client.putRow({
        tableName: 'log',
        condition: condition('IGNORE'),
        primaryKey: [{ id: 'a' }, { seq: TableStore.PK_AUTO_INCR }],
        attributeColumns: [{ x: 'y' }],
        returnContent: { returnType: TableStore.ReturnType.Primarykey },
      });
      return key(row).seq as bigint;
    };

    const [first, second] = [await append(), await append()];
    expect(second > first).toBe(true);
  });

  it('refuses local transactions', async () => {
    expect(
      await refusal(client.startLocalTransaction({ tableName: 'lanes', primaryKey: [{ id: 'a' }] })),
    ).toMatchObject({ status: 400, code: 'OTSParameterInvalid' });
  });
});

describe('ranges', () => {
  beforeEach(async () => {
    await createTable('backends', [
      { name: 'group', type: 'STRING' },
      { name: 'port', type: 'INTEGER' },
    ]);
    for (const group of ['a', 'b']) {
      await client.batchWriteRow({
        tables: [
          {
            tableName: 'backends',
            rows: Array.from({ length: 25 }, (_, port) => ({
              type: 'PUT',
              condition: condition('IGNORE'),
              primaryKey: [{ group }, { port: long(port - 5) }],
              attributeColumns: [{ weight: long(port) }],
            })),
          },
        ],
      });
    }
  });

  async function read(params: Record<string, unknown>): Promise<Array<string>> {
    const found: Array<string> = [];
    let start: unknown = params.inclusiveStartPrimaryKey;
    for (;;) {
      const page = await client.getRange({
        tableName: 'backends',
        direction: Direction.FORWARD,
        ...params,
        inclusiveStartPrimaryKey: start,
      });
      for (const row of page.rows) found.push(Object.values(key(row)).join(':'));
      if (page.nextStartPrimaryKey === null) return found;
      start = page.nextStartPrimaryKey.map(({ name, value }) => ({ [name]: value }));
    }
  }

  const ports = (group: string) => Array.from({ length: 25 }, (_, port) => `${group}:${port - 5}`);

  it('pages forwards through everything, negative numbers first', async () => {
    const found = await read({
      inclusiveStartPrimaryKey: [{ group: INF_MIN }, { port: INF_MIN }],
      exclusiveEndPrimaryKey: [{ group: INF_MAX }, { port: INF_MAX }],
      limit: 7,
    });
    expect(found).toEqual([...ports('a'), ...ports('b')]);
  });

  it('pages backwards through one group', async () => {
    const found = await read({
      direction: Direction.BACKWARD,
      inclusiveStartPrimaryKey: [{ group: 'a' }, { port: INF_MAX }],
      exclusiveEndPrimaryKey: [{ group: 'a' }, { port: INF_MIN }],
      limit: 10,
    });
    expect(found).toEqual(ports('a').reverse());
  });

  it('leaves out what the filter drops', async () => {
    const found = await read({
      inclusiveStartPrimaryKey: [{ group: 'b' }, { port: INF_MIN }],
      exclusiveEndPrimaryKey: [{ group: 'b' }, { port: INF_MAX }],
      columnFilter: new TableStore.SingleColumnCondition(
        'weight',
        long(22),
        ComparatorType.GREATER_EQUAL,
        false,
      ),
    });
    expect(found).toEqual(['b:17', 'b:18', 'b:19']);
  });

  it('refuses a range whose ends are in the wrong order', async () => {
    const range = {
      tableName: 'backends',
      inclusiveStartPrimaryKey: [{ group: 'b' }, { port: INF_MIN }],
      exclusiveEndPrimaryKey: [{ group: 'a' }, { port: INF_MIN }],
    };
    expect(await refusal(client.getRange({ ...range, direction: Direction.FORWARD }))).toMatchObject({
      status: 400,
      code: 'OTSParameterInvalid',
    });
  });
});

describe('batches', () => {
  beforeEach(async () => {
    await createTable('lanes', LANES);
    await createTable('done', LANES);
  });

  const row = (id: string, expectation = condition('IGNORE')) => ({
    type: 'PUT',
    condition: expectation,
    primaryKey: [{ id }],
    attributeColumns: [{ x: id }],
  });

  it('tells row by row what failed, over two tables', async () => {
    await put('taken', { x: 'before' });

    const answer = await client.batchWriteRow({
      tables: [
        { tableName: 'lanes', rows: [row('taken', condition('EXPECT_NOT_EXIST')), row('free')] },
        {
          tableName: 'done',
          rows: [
            {
              type: 'UPDATE',
              condition: condition('IGNORE'),
              primaryKey: [{ id: 'u' }],
              attributeColumns: [{ INCREMENT: [{ n: long(3) }] }],
              returnContent: { returnType: TableStore.ReturnType.AfterModify, returnColumns: ['n'] },
            },
            { type: 'DELETE', condition: condition('EXPECT_EXIST'), primaryKey: [{ id: 'nothing' }] },
          ],
        },
      ],
    });

    expect(answer.tables.map(({ isOk, errorCode }) => [isOk, errorCode])).toEqual([
      [false, 'OTSConditionCheckFail'],
      [true, null],
      [true, null],
      [false, 'OTSConditionCheckFail'],
    ]);
    expect(attributes(answer.tables[2] ?? {})).toEqual({ n: 3n });
    const read = await client.batchGetRow({
      tables: [
        { tableName: 'lanes', primaryKey: [[{ id: 'taken' }], [{ id: 'free' }], [{ id: 'absent' }]] },
        { tableName: 'done', primaryKey: [[{ id: 'u' }]] },
      ],
    });
    expect(read.tables.map((rows) => rows.map(attributes))).toEqual([
      [{ x: 'before' }, { x: 'free' }, {}],
      [{ n: 3n }],
    ]);
    expect(read.tables.flat().every(({ isOk }) => isOk)).toBe(true);
  });

  it('refuses whole batches: too many rows, the same row twice, an unknown table', async () => {
    const ids = Array.from({ length: 201 }, (_, index) => `r${index}`);
    const write = (rows: ReadonlyArray<unknown>, tableName = 'lanes') =>
      client.batchWriteRow({ tables: [{ tableName, rows }] });

    expect(await refusal(write(ids.map((id) => row(id))))).toMatchObject({
      status: 400,
      code: 'OTSParameterInvalid',
    });
    expect(await refusal(write([row('a'), row('a')]))).toMatchObject({
      status: 400,
      code: 'OTSParameterInvalid',
    });
    expect(await refusal(write([row('a')], 'nowhere'))).toMatchObject({
      status: 404,
      code: 'OTSObjectNotExist',
    });
    expect(
      await refusal(
        client.batchGetRow({
          tables: [{ tableName: 'lanes', primaryKey: ids.slice(0, 101).map((id) => [{ id }]) }],
        }),
      ),
    ).toMatchObject({ status: 400, code: 'OTSParameterInvalid' });
    await expect(write(ids.slice(0, 200).map((id) => row(id)))).resolves.toBeDefined();
  });
});

describe('who may call', () => {
  beforeEach(async () => {
    await createTable('lanes', LANES);
    await createTable('secret', LANES);
  });

  it('refuses an unknown key, a wrong secret, a foreign instance', async () => {
    const { administrator } = foundation.identities;
    const list = (other: object, instance?: string) =>
      refusal(sdkClient(server.endpoint, { ...administrator, ...other }, instance).listTable({}));

    const denied = { status: 403, code: 'OTSAuthFailed' };
    expect(await list({ accessKeyId: 'LTAI5tNobody' })).toMatchObject(denied);
    expect(await list({ accessKeySecret: 'wrong' })).toMatchObject(denied);
    expect(await list({ securityToken: 'made-up' })).toMatchObject(denied);
    expect(await list({}, 'another')).toMatchObject(denied);
    expect(await list({}, 'no')).toMatchObject({ status: 400, code: 'OTSParameterInvalid' });
  });

  it('lets a session do what its policy says, on the tables it names', async () => {
    const { identities, region } = foundation;
    identities.putRole('worker', [
      {
        Version: '1',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['ots:GetRow', 'ots:PutRow', 'ots:BatchGetRow'],
            Resource: [`acs:ots:${region}:${identities.accountId}:instance/slb-autopilot/table/lanes`],
          },
        ],
      },
    ]);
    const session = identities.assumeRole('worker', 'test', 60_000);
    const worker = sdkClient(server.endpoint, session);
    const read = (tableName: string) => worker.getRow({ tableName, primaryKey: [{ id: 'a' }] });

    await expect(read('lanes')).resolves.toBeDefined();
    const denied = { status: 403, code: 'OTSNoPermissionAccess' };
    expect(await refusal(read('secret'))).toMatchObject(denied);
    expect(await refusal(worker.listTable({}))).toMatchObject(denied);
    expect(
      await refusal(
        worker.batchGetRow({
          tables: ['lanes', 'secret'].map((tableName) => ({ tableName, primaryKey: [[{ id: 'a' }]] })),
        }),
      ),
    ).toMatchObject(denied);
    const noToken = sdkClient(server.endpoint, { ...session, securityToken: null });
    expect(await refusal(noToken.listTable({}))).toMatchObject({ status: 403, code: 'OTSAuthFailed' });
    expect(foundation.gate.records.map(({ action, errorCode }) => `${action} ${errorCode}`)).toContain(
      'BatchGetRow AccessDenied',
    );
  });

  it('refuses a session whose time is over', async () => {
    foundation.identities.putRole('worker', []);
    const session = foundation.identities.assumeRole('worker', 'test', -1);

    expect(await refusal(sdkClient(server.endpoint, session).listTable({}))).toMatchObject({
      status: 403,
      code: 'OTSAuthFailed',
    });
  });
});

describe('faults', () => {
  it('loses the reply of a write that took effect', async () => {
    await createTable('lanes', LANES);
    foundation.faults.inject({
      name: 'lost',
      match: { product: 'ots', action: 'PutRow' },
      skip: 0,
      times: 1,
      effect: { kind: 'lose-reply' },
    });

    await expect(put('a', { x: 'written' })).rejects.toMatchObject({ code: 'NetworkingError' });
    expect(attributes(await get('a'))).toEqual({ x: 'written' });
  });

  it('refuses with the words of an injected error', async () => {
    await createTable('lanes', LANES);
    foundation.faults.inject({
      name: 'busy',
      match: { product: 'ots', subject: 'lanes' },
      skip: 0,
      times: 1,
      effect: { kind: 'error', status: 503, code: 'OTSServerBusy', message: 'Server is busy.' },
    });

    expect(await refusal(put('a', { x: 1 }))).toMatchObject({ status: 503, code: 'OTSServerBusy' });
    await expect(put('a', { x: 1 })).resolves.toBeDefined();
  });
});

it('keeps tables and rows in a folder, without a farewell', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ots-'));
  try {
    await server.close();
    const accessKeys = { accessKeyId: 'LTAI5tFixed', accessKeySecret: 'fixed' };
    await serve({ store: fileStore(folder), ...accessKeys });
    await createTable('lanes', LANES);
    await put('a', { x: long(1), bytes: Buffer.from([0, 255]), real: -0.5 });
    await put('gone', { x: long(1) });
    await client.deleteRow({
      tableName: 'lanes',
      condition: condition('IGNORE'),
      primaryKey: [{ id: 'gone' }],
    });
    await server.close();

    await serve({ store: fileStore(folder), ...accessKeys });
    expect(attributes(await get('a'))).toEqual({ x: 1n, bytes: Buffer.from([0, 255]), real: -0.5 });
    expect(await get('gone')).toEqual({});
  } finally {
    rmSync(folder, { recursive: true });
  }
});
