import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FunctionHost } from '../../../../../infra/local/host/function-host.ts';
import { createFcApp } from '../../../../../infra/local/http/fc/app.ts';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import type { Foundation } from '../../../../../infra/local/world/foundation.ts';
import { fixture, hostWith, until } from '../../host/support.ts';
import { fc2Client, invoke2023, type Keys } from './clients.ts';

let foundation: Foundation;
let host: FunctionHost;
let server: Listening;
let administrator: Keys;

beforeAll(async () => {
  ({ foundation, host } = hostWith({ asyncConfig: { asyncTask: true } }));
  host.deploy({ functionName: 'pool$drain', codeFolder: fixture('behaviours'), timeoutSeconds: 10 });
  host.deploy({ functionName: 'echo', codeFolder: fixture('behaviours'), handler: 'index.echo' });
  host.deploy({ functionName: 'single', codeFolder: fixture('behaviours'), maxInstances: 1 });
  server = await listen(createFcApp(foundation, host));
  administrator = foundation.identities.administrator;
});
afterAll(async () => {
  await server.close();
  await host.close();
});
beforeEach(() => foundation.faults.clear());

const command = (action: string, more = {}) => Buffer.from(JSON.stringify({ do: action, ...more }));
const session = (roleName: string, action: string, resource: string): Keys => {
  foundation.identities.putRole(roleName, [
    { Version: '1', Statement: [{ Effect: 'Allow', Action: [action], Resource: [resource] }] },
  ]);
  return foundation.identities.assumeRole(roleName, 'test-session', 3_600_000);
};

describe('the 2016-08-15 API with @alicloud/fc2', () => {
  const invoke = (
    keys: Keys,
    service: string,
    name: string,
    event: Buffer | string,
    headers = {},
    qualifier = '',
  ) => fc2Client(server.endpoint, keys).invokeFunction(service, name, event, headers, qualifier || undefined);

  it('invokes a migrated function by its service', async () => {
    const { headers, data } = await invoke(administrator, 'pool', 'drain', command('number'), {}, 'LATEST');

    expect(data).toBe('42');
    expect(headers).toMatchObject({
      'x-fc-request-id': expect.stringMatching(/^1-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{12}$/),
      'x-fc-instance-id': expect.stringMatching(/^c-/),
      'x-fc-invocation-duration': expect.stringMatching(/^\d+\.\d\d$/),
      'x-fc-max-memory-usage': expect.stringMatching(/^\d+\.\d\d$/),
      'x-fc-code-checksum': expect.stringMatching(/^\d+$/),
    });
    expect(headers['x-fc-error-type']).toBeUndefined();
  });

  it('invokes a native function in whatever service, unless the switch forbids it', async () => {
    expect((await invoke(administrator, 'any', 'worker', command('number'))).data).toBe('42');
  });

  it('resolves a function error with its header', async () => {
    const { headers, data } = await invoke(administrator, 'pool', 'drain', command('throw'));

    expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    expect(data).toMatchObject({ errorMessage: 'oops', errorType: 'TypeError' });
  });

  it('passes bytes through', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const client = fc2Client(server.endpoint, administrator);

    const { data } = await client.invokeFunction('any', 'echo', bytes, {}, undefined, { rawBuf: true });

    expect(data).toEqual(bytes);
  });

  it('answers the log tail when asked', async () => {
    const { headers } = await invoke(administrator, 'pool', 'drain', command('log'), {
      'x-fc-log-type': 'Tail',
    });

    expect(Buffer.from(headers['x-fc-log-result'] ?? '', 'base64').toString()).toContain('hello, world');
  });

  it('takes an asynchronous invocation and refuses its task id the second time', async () => {
    const headers = {
      'x-fc-invocation-type': 'Async',
      'x-fc-stateful-async-invocation-id': 'task-2016',
    };

    const accepted = await invoke(administrator, 'any', 'worker', command('number'), headers);

    expect(accepted.data).toBe('');
    await expect(invoke(administrator, 'any', 'worker', command('number'), headers)).rejects.toMatchObject({
      code: 'StatefulAsyncInvocationAlreadyExists',
    });
    await until(() => host.task('worker', 'task-2016')?.state === 'Succeeded', 'the task has succeeded');
  });

  it.each([
    ['a wrong secret', () => ({ ...administrator, accessKeySecret: 'wrong' }), 'SignatureNotMatch'],
    ['an unknown key', () => ({ ...administrator, accessKeyId: 'LTAIunknown' }), 'InvalidAccessKeyID'],
    [
      'the wrong token of a session',
      () => ({ ...session('caller', 'fc:*', '*'), securityToken: 'CAISwrong' }),
      'AccessDenied',
    ],
    [
      'a policy that allows another function',
      () => session('other', 'fc:InvokeFunction', 'acs:fc:*:*:services/pool/functions/other'),
      'AccessDenied',
    ],
  ])('refuses %s', async (_, keys, code) => {
    await expect(invoke(keys(), 'pool', 'drain', command('number'))).rejects.toMatchObject({
      name: `FC${code}Error`,
      code,
      message: expect.stringContaining('failed with 403'),
    });
  });

  it('takes a session whose policy allows the function', async () => {
    const resource = 'acs:fc:cn-hangzhou:1234567890123456:services/pool/functions/drain';

    const { data } = await invoke(
      session('drainer', 'fc:InvokeFunction', resource),
      'pool',
      'drain',
      command('number'),
    );

    expect(data).toBe('42');
  });

  it.each([
    ['nowhere', 'nothing', '', 'ServiceNotFound'],
    ['pool', 'nothing', '', 'FunctionNotFound'],
    ['pool', 'drain', 'blue', 'AliasNotFound'],
    ['pool', 'drain', '3', 'VersionNotFound'],
  ])('refuses %s/%s/%s', async (service, name, qualifier, code) => {
    await expect(
      invoke(administrator, service, name, command('number'), {}, qualifier),
    ).rejects.toMatchObject({ code, message: expect.stringContaining('failed with 404') });
  });

  it('refuses what is over capacity with 429', async () => {
    const first = invoke(administrator, 'any', 'single', command('sleep', { ms: 300 }));
    await until(() => host.instances().some(({ functionName }) => functionName === 'single'), 'it runs');

    await expect(invoke(administrator, 'any', 'single', command('number'))).rejects.toMatchObject({
      code: 'ResourceExhausted',
      message: expect.stringContaining('failed with 429'),
    });
    await first;
  });

  it.each([
    [{ 'x-fc-invocation-type': 'Async' }, 128 * 1024 + 1],
    [{}, 32 * 1024 * 1024 + 1],
  ])('refuses a payload above the limit (%o)', async (headers, bytes) => {
    await expect(invoke(administrator, 'any', 'echo', Buffer.alloc(bytes), headers)).rejects.toMatchObject({
      code: 'EntityTooLarge',
      message: expect.stringContaining('failed with 413'),
    });
  });

  it('records calls, and loses replies on demand', async () => {
    foundation.faults.inject({
      name: 'lost',
      match: { product: 'fc', action: 'InvokeFunction', subject: 'pool$drain' },
      skip: 0,
      times: 1,
      effect: { kind: 'lose-reply' },
    });

    await expect(invoke(administrator, 'pool', 'drain', command('number'))).rejects.toMatchObject({
      code: 'ECONNRESET',
    });

    expect(foundation.gate.records.at(-1)).toMatchObject({
      product: 'fc',
      action: 'InvokeFunction',
      subject: 'pool$drain',
      applied: true,
      errorCode: 'ConnectionLost',
    });
  });
});

describe('the 2023-03-30 API with @alicloud/openapi-core', () => {
  it('invokes a function and passes bytes through', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));

    const { statusCode, headers, body } = await invoke2023(server.endpoint, administrator, 'echo', bytes);

    expect([statusCode, body.equals(bytes)]).toEqual([200, true]);
    expect(headers['x-fc-request-id']).toMatch(/^1-/);
  });

  it('reaches a migrated function by its whole name', async () => {
    const { body } = await invoke2023(server.endpoint, administrator, 'pool$drain', command('number'), {
      query: { qualifier: 'LATEST' },
    });

    expect(body.toString()).toBe('42');
  });

  it('answers a function error with 200 and its header', async () => {
    const { statusCode, headers, body } = await invoke2023(
      server.endpoint,
      administrator,
      'worker',
      command('throw'),
    );

    expect([statusCode, headers['x-fc-error-type']]).toEqual([200, 'UnhandledInvocationError']);
    expect(JSON.parse(body.toString())).toMatchObject({ errorMessage: 'oops' });
  });

  it('takes an asynchronous task with 202 and refuses its id the second time', async () => {
    const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-async-task-id': 'task-2023' };
    const call = () => invoke2023(server.endpoint, administrator, 'worker', command('number'), { headers });

    expect((await call()).statusCode).toBe(202);
    await expect(call()).rejects.toMatchObject({
      statusCode: 409,
      code: 'StatefulAsyncInvocationAlreadyExists',
    });
  });

  it.each([
    ['a wrong secret', () => ({ ...administrator, accessKeySecret: 'wrong' }), 'SignatureNotMatch'],
    ['an unknown key', () => ({ ...administrator, accessKeyId: 'LTAIunknown' }), 'InvalidAccessKeyID'],
    ['a policy without the action', () => session('reader', 'fc:GetFunction', '*'), 'AccessDenied'],
  ])('refuses %s', async (_, keys, code) => {
    await expect(invoke2023(server.endpoint, keys(), 'worker', command('number'))).rejects.toMatchObject({
      statusCode: 403,
      code,
    });
  });

  it('takes a session whose policy allows the function', async () => {
    const keys = session('worker-caller', 'fc:InvokeFunction', 'acs:fc:cn-hangzhou:*:functions/worker');

    expect((await invoke2023(server.endpoint, keys, 'worker', command('number'))).body.toString()).toBe('42');
  });

  it('refuses an unknown function and a wrong header', async () => {
    await expect(
      invoke2023(server.endpoint, administrator, 'absent', command('number')),
    ).rejects.toMatchObject({
      statusCode: 404,
      code: 'FunctionNotFound',
    });
    const headers = { 'x-fc-invocation-type': 'Later' };
    await expect(
      invoke2023(server.endpoint, administrator, 'worker', command('number'), { headers }),
    ).rejects.toMatchObject({ statusCode: 400, code: 'InvalidArgument' });
  });

  it('refuses other paths, in the words of the version', async () => {
    const answer = await fetch(`${server.endpoint}/2023-03-30/functions/worker`);

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      Code: 'PathNotSupported',
      RequestId: expect.stringMatching(/^1-/),
    });
  });
});

describe('the switch fcNativeFunctionsOver2016', () => {
  it('hides native functions from the old API', async () => {
    const other = hostWith({}, {}, { switches: { fcNativeFunctionsOver2016: false } });
    const otherServer = await listen(createFcApp(other.foundation, other.host));
    const client = fc2Client(otherServer.endpoint, other.foundation.identities.administrator);

    await expect(client.invokeFunction('any', 'worker', 'x')).rejects.toMatchObject({
      code: 'ServiceNotFound',
    });

    await otherServer.close();
    await other.host.close();
  });
});
