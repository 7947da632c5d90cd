import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFunctions, DEFAULT_TARGET, PROJECT_FOLDER } from '../../../infra/deploy/build.ts';
import { VENDORED } from '../../../infra/deploy/vendored.ts';
import { openConfig } from '../../../shared/config/built-file.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { setStage } from '../../support/stage.ts';

const run = promisify(execFile);
let folder: string;
let names: ReadonlyArray<string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slb-autopilot-build-'));
  names = await buildFunctions({ ...DEFAULT_TARGET, outFolder: folder });
});
afterAll(() => rm(folder, { recursive: true }));

const load = createRequire(import.meta.url);
const vendor = (name: keyof typeof VENDORED) => load(join(folder, 'tick', VENDORED[name]?.file ?? ''));

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

    for (const { file } of Object.values(VENDORED)) expect(code).toContain(`require("./${file}")`);
    expect(code).not.toContain('import(');
  });
});

/** Runs a built function's initializer in a Node of its own; what it ended with, and the vendor files that it loaded. */
async function initialized(name: string, variables: Record<string, string> = {}) {
  const script = `require(process.argv[1]).initialize({ requestId: '1' })
    .then(() => 'started', (error) => error.message)
    .then((end) => console.log(JSON.stringify({ end, files: Object.keys(require.cache).map((file) => require('node:path').basename(file)) })))`;
  const built = join(folder, name);
  const { stdout } = await run(process.execPath, ['-e', script, join(built, 'index.js')], {
    env: {
      FC_ACCOUNT_ID: '1234567890123456',
      FC_REGION: 'cn-hangzhou',
      FC_FUNC_CODE_PATH: built,
      ...variables,
    },
  });
  const { end, files } = JSON.parse(stdout) as { end: string; files: ReadonlyArray<string> };
  return { end, vendored: files.filter((file) => file.endsWith('.vendor.js')) };
}

describe('the configuration of a built function', () => {
  it('is read without the YAML library', async () => {
    for (const name of names) expect(await initialized(name)).toEqual({ end: 'started', vendored: [] });
  });

  it('says the same as the file that it was built from', async () => {
    expect(await openConfig(join(folder, 'tick', 'autopilot.json'))).toEqual(
      loadConfig(DEFAULT_TARGET.configFile),
    );
  });

  it('may be a YAML file all the same', async () => {
    const yaml = join(folder, 'other.yaml');
    await writeFile(yaml, await readFile(DEFAULT_TARGET.configFile, 'utf8'));

    expect(await initialized('tick', { AUTOPILOT_CONFIG: yaml })).toEqual({
      end: 'started',
      vendored: ['yaml.vendor.js'],
    });
  });

  it('refuses the start with the place of each fault, whoever wrote it', async () => {
    const built = await readFile(join(folder, 'tick', 'autopilot.json'), 'utf8');
    const edited = join(folder, 'edited.json');
    await writeFile(edited, built.replace('"version": 1', '"version": 2'));

    const { end } = await initialized('tick', { AUTOPILOT_CONFIG: edited });

    expect(end).toBe('edited.json:2:14: version: found 2, allowed is 1');
  });

  it('with faults is not built, and nothing else is', async () => {
    const configFile = join(folder, 'wrong.yaml');
    const outFolder = join(folder, 'nothing');
    await writeFile(configFile, 'version: 1\nregion: cn-hangzhou\nbindings: []\n');

    await expect(buildFunctions({ outFolder, configFile })).rejects.toThrow('wrong.yaml:3:11: bindings');
    await expect(readdir(outFolder)).rejects.toThrow('ENOENT');
  });

  it('with faults ends the command with their places and status 2', async () => {
    const configFile = join(folder, 'wrong.yaml');
    await writeFile(configFile, 'version: 1\nregion: cn-hangzhou\nbindings: []\n');
    const command = ['--import', 'tsx', 'infra/deploy/build-command.ts', '--config', configFile];

    await expect(run(process.execPath, command, { cwd: PROJECT_FOLDER })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^wrong\.yaml:3:11: bindings: found an empty list, [^\n]+\n$/),
    });
  });
});

describe('the log of a built function', () => {
  it('is one JSON object per line on standard output, written before the process goes on', async () => {
    const script = `const { handler } = require(process.argv[1]);
      const context = { requestId: '1', credentials: { accessKeyId: 'a', accessKeySecret: 'b', securityToken: 'c' } };
      handler(Buffer.from('[]'), context).finally(() => process.kill(process.pid, 'SIGKILL'))`;
    const built = join(folder, 'instance-events');
    const ended = run(process.execPath, ['-e', script, join(built, 'index.js')], {
      env: { FC_ACCOUNT_ID: '1234567890123456', FC_REGION: 'cn-hangzhou', FC_FUNC_CODE_PATH: built },
    });

    const { stdout } = (await ended.catch((error: unknown) => error)) as { stdout: string };

    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      expect.objectContaining({
        level: 30,
        function: 'instance-events',
        requestId: '1',
        message: 'invocation ended',
      }),
    ]);
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
      credential: { getCredential: async () => ({ accessKeyId: 'id', accessKeySecret: 'secret' }) },
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

  it.each([
    ['@alicloud/openapi-core', 'FunctionNotFound'],
    ['@alicloud/fc2', 'ServiceNotFound'],
  ] as const)('%s is understood and believed when it starts a function', async (name, code) => {
    const stage = await setStage();
    const { accessKey, accountId, regionId, endpoints } = stage.settings;
    const { accessKeyId, accessKeySecret } = accessKey;
    const start = {
      '@alicloud/openapi-core': async () => {
        const { default: Client } = vendor('@alicloud/openapi-core');
        const client = new Client({
          credential: { getCredential: async () => accessKey },
          regionId,
          endpoint: new URL(endpoints.fc).host,
          protocol: 'http',
        });
        const params = {
          action: 'InvokeFunction',
          version: '2023-03-30',
          protocol: 'HTTPS',
          pathname: '/2023-03-30/functions/absent/invocations',
          method: 'POST',
          authType: 'AK',
          style: 'ROA',
          reqBodyType: 'byte',
          bodyType: 'byte',
        };
        const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-async-task-id': 'task' };
        await client.callApi(params, { headers, stream: Readable.from([Buffer.from('{}')]) }, {});
      },
      '@alicloud/fc2': async () => {
        const Client = vendor('@alicloud/fc2');
        const key = { accessKeyID: accessKeyId, accessKeySecret, region: regionId, endpoint: endpoints.fc };
        await new Client(accountId, key).invokeFunction('absent', 'absent', Buffer.from('{}'), {});
      },
    };

    await expect(start[name]()).rejects.toMatchObject({ code });
    await stage.close();
  });
});
