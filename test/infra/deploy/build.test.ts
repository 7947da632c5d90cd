import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFunctions, DEFAULT_TARGET } from '../../../infra/deploy/build.ts';
import { VENDORED_SDKS } from '../../../infra/deploy/vendored-sdks.ts';
import { setStage } from '../../support/stage.ts';

let folder: string;
let names: ReadonlyArray<string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slb-autopilot-build-'));
  names = await buildFunctions({ ...DEFAULT_TARGET, outFolder: folder });
});
afterAll(() => rm(folder, { recursive: true }));

const load = createRequire(import.meta.url);
const vendor = (name: keyof typeof VENDORED_SDKS) =>
  load(join(folder, 'tick', VENDORED_SDKS[name]?.file ?? ''));

describe('a built function', () => {
  it('loads no SDK before it needs one', async () => {
    expect(names).toContain('instance-events');
    for (const name of names) {
      const before = new Set(Object.keys(load.cache));
      const loaded = load(join(folder, name, 'index.js'));
      const files = Object.keys(load.cache).filter((file) => !before.has(file));

      expect(loaded).toMatchObject({ initialize: expect.any(Function), handler: expect.any(Function) });
      expect(files).toEqual([join(folder, name, 'index.js')]);
    }
  });

  it('finds its SDKs without searching them for exports, which costs more than loading them', async () => {
    const code = await readFile(join(folder, 'tick', 'index.js'), 'utf8');

    for (const { file } of Object.values(VENDORED_SDKS)) expect(code).toContain(`require("./${file}")`);
    expect(code).not.toContain('import(');
  });
});

describe('a vendored SDK', () => {
  it('tablestore makes every table operation that we make', async () => {
    const stage = await setStage();
    const { accessKey, otsInstance, endpoints } = stage.settings;
    const sdk = vendor('tablestore');
    const client = new sdk.Client({
      accessKeyId: accessKey.accessKeyId,
      secretAccessKey: accessKey.accessKeySecret,
      endpoint: endpoints.ots,
      instancename: otsInstance,
      maxRetries: 0,
    });
    const always = new sdk.Condition(sdk.RowExistenceExpectation.IGNORE, null);
    const row = (lane: string) => ({ tableName: 'lanes', condition: always, primaryKey: [{ lane }] });
    const dirtyOf = (read: { attributes?: ReadonlyArray<{ columnName: string; columnValue: unknown }> }) =>
      read.attributes?.map(({ columnName, columnValue }) => `${columnName}=${columnValue}`);

    await client.putRow({ ...row('lb-1'), attributeColumns: [{ dirty: sdk.Long.fromNumber(1) }] });
    await client.updateRow({
      ...row('lb-1'),
      updateOfAttributeColumns: [{ INCREMENT: [{ dirty: sdk.Long.fromNumber(2) }] }],
    });
    await client.batchWriteRow({
      tables: [
        {
          tableName: 'lanes',
          rows: [{ ...row('lb-2'), type: 'PUT', attributeColumns: [{ dirty: sdk.Long.fromNumber(7) }] }],
        },
      ],
    });
    const one = await client.getRow({ ...row('lb-1'), maxVersions: 1 });
    const many = await client.batchGetRow({
      tables: [{ tableName: 'lanes', primaryKey: [[{ lane: 'lb-1' }], [{ lane: 'lb-2' }]], maxVersions: 1 }],
    });
    await client.deleteRow(row('lb-1'));
    const left = await client.getRange({
      tableName: 'lanes',
      direction: sdk.Direction.FORWARD,
      inclusiveStartPrimaryKey: [{ lane: sdk.INF_MIN }],
      exclusiveEndPrimaryKey: [{ lane: sdk.INF_MAX }],
      maxVersions: 1,
    });
    await stage.close();

    expect(dirtyOf(one.row)).toEqual(['dirty=3']);
    expect(many.tables[0].map(dirtyOf)).toEqual([['dirty=3'], ['dirty=7']]);
    expect(left.rows.map(dirtyOf)).toEqual([['dirty=7']]);
  });

  it('openapi-core reads an error that a gateway sends as XML', async () => {
    const server = createServer((_, response) => {
      response.writeHead(503, { 'content-type': 'text/xml;charset=utf-8' });
      response.end(
        '<Error><Code>ServiceUnavailable</Code><Message>no</Message><RequestId>1-2</RequestId></Error>',
      );
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { default: Client } = vendor('@alicloud/openapi-core');
    const client = new Client({
      accessKeyId: 'id',
      accessKeySecret: 'secret',
      regionId: 'cn-hangzhou',
      endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      protocol: 'http',
    });

    const call = client.callApi(
      {
        action: 'DescribeVServerGroupAttribute',
        version: '2014-05-15',
        protocol: 'HTTPS',
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      },
      { query: {} },
      {},
    );

    await expect(call).rejects.toMatchObject({ code: 'ServiceUnavailable' });
    server.close();
  });
});
