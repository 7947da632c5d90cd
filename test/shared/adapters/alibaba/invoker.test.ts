import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FunctionHost } from '../../../../infra/local/host/function-host.ts';
import { createFcApp } from '../../../../infra/local/http/fc/app.ts';
import { type Listening, listen } from '../../../../infra/local/http/listen.ts';
import type { FaultEffect } from '../../../../infra/local/world/faults.ts';
import type { Foundation } from '../../../../infra/local/world/foundation.ts';
import type { AccessKey } from '../../../../shared/access-key.ts';
import { createInvoker } from '../../../../shared/adapters/alibaba/invoker.ts';
import { RejectedError, TransientError } from '../../../../shared/errors.ts';
import { fixture, hostWith, until } from '../../../infra/local/host/support.ts';
import {
  answers,
  failureOf,
  type MisbehavingServer,
  printed,
  startMisbehavingServer,
  WAYS_OF_NOT_ANSWERING,
} from '../../../support/misbehaving-server.ts';

const ACCOUNT = '1234567890123456';
const NATIVE = 'reconcile';
const OF_SERVICE = 'autopilot$reconcile';
const SECRET = 'secret-of-the-key-0123456789';
const TOKEN = 'CAIS-token-of-the-session-0123456789';

const open = (
  functionName: string,
  endpoint: string,
  key: AccessKey,
  timeoutMs = 5_000,
): ReturnType<typeof createInvoker> =>
  createInvoker({
    endpoint,
    accountId: ACCOUNT,
    regionId: 'cn-hangzhou',
    functionName,
    accessKey: () => key,
    timeoutMs,
  });

describe.each([
  ['2023-03-30', NATIVE, 'functions/reconcile'],
  ['2016-08-15', OF_SERVICE, 'services/autopilot/functions/reconcile'],
])('a function that is started over the API of %s', (version, functionName, resource) => {
  let foundation: Foundation;
  let host: FunctionHost;
  let server: Listening;
  let tasks = 0;
  const sent: Array<Record<string, unknown>> = [];
  beforeAll(async () => {
    const queues = { sendToQueue: (_queue: string, body: string) => void sent.push(JSON.parse(body)) };
    ({ foundation, host } = hostWith({}, { asyncBackoffScale: 0.02, queues }));
    host.deploy({
      functionName,
      codeFolder: fixture('behaviours'),
      asyncConfig: { asyncTask: true, maxAsyncRetryAttempts: 1, onFailureQueue: 'failures' },
    });
    server = await listen(createFcApp(foundation, host));
  });
  afterAll(async () => {
    await server.close();
    await host.close();
  });
  beforeEach(() => void tasks++);
  afterEach(() => {
    foundation.faults.clear();
    foundation.rateLimits.set('fc', 'InvokeFunction', null);
  });

  const taskId = () => `lb-bp1_${tasks}`;
  const session = (allowed = `acs:fc:cn-hangzhou:${ACCOUNT}:${resource}`): AccessKey => {
    foundation.identities.putRole('functions', [
      {
        Version: '1',
        Statement: [{ Effect: 'Allow', Action: ['fc:InvokeFunction'], Resource: [allowed] }],
      },
    ]);
    return foundation.identities.assumeRole('functions', 'sweep', 3_600_000);
  };
  const start = (action = 'number', key = session()) =>
    open(functionName, server.endpoint, key).start(taskId(), JSON.stringify({ do: action }));
  const strike = (effect: FaultEffect, times: number | null = null) =>
    foundation.faults.inject({ name: 'fault', match: { action: 'InvokeFunction' }, skip: 0, times, effect });
  const refuse = (status: number, code: string) => strike({ kind: 'error', status, code, message: 'words' });
  const calls = () =>
    foundation.gate.records.filter(({ action, parameters }) => {
      const { asyncTaskId } = parameters as { asyncTaskId?: string };
      return action === 'InvokeFunction' && asyncTaskId === taskId();
    });

  it('runs in the background, and its task id is taken from then on', async () => {
    expect(await start()).toBe('started');
    expect(await start()).toBe('already');

    await until(() => host.task(functionName, taskId())?.state === 'Succeeded', 'the task has succeeded');
    expect(calls()).toHaveLength(2);
  });

  it('that fails is retried and then told to its destination', async () => {
    await start('throw');

    await until(() => host.task(functionName, taskId())?.state === 'Failed', 'the task has failed');
    expect(sent.at(-1)).toMatchObject({
      requestContext: { condition: 'UnhandledInvocationError', approximateInvokeCount: 2 },
      requestPayload: '{"do":"throw"}',
    });
  });

  it.each([429, 500, 503])('is to be tried again later after status %d', async (status) => {
    refuse(status, 'SomeCode');

    const error = await start().catch((failure: unknown) => failure);

    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({
      reason: status === 429 ? 'throttled' : 'unknown-outcome',
      origin: { api: 'InvokeFunction', code: 'SomeCode', requestId: expect.stringMatching(/^1-/) },
    });
    expect(calls()).toHaveLength(status === 429 ? 1 : 2);
  });

  it('is throttled by the account’s call limit', async () => {
    foundation.rateLimits.set('fc', 'InvokeFunction', { calls: 0, perMs: 60_000 });

    await expect(start()).rejects.toMatchObject({
      name: 'TransientError',
      reason: 'throttled',
      origin: { code: 'ResourceThrottled' },
    });
  });

  it('is found to have been started when the answer was lost', async () => {
    strike({ kind: 'lose-reply' }, 1);

    expect(await start()).toBe('already');
    expect(host.task(functionName, taskId())).not.toBeNull();
  });

  it('is started by a second try when the first did not arrive', async () => {
    strike({ kind: 'lose-request' }, 1);

    expect(await start()).toBe('started');
  });

  it('is refused to whom the policy does not allow it', async () => {
    const error = await start('number', session('acs:fc:*:*:functions/other')).catch(
      (failure: unknown) => failure,
    );

    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ origin: { code: 'AccessDenied' } });
    expect(calls()).toHaveLength(1);
  });

  it('is refused to a wrong secret, and no part of what was signed is told', async () => {
    const key = { ...session(), accessKeySecret: 'wrong' };

    const error = await start('number', key).catch((failure: unknown) => failure);

    expect(error).toMatchObject({ name: 'RejectedError', origin: { code: 'SignatureNotMatch' } });
    expect(printed(error)).not.toContain(key.securityToken ?? '-');
  });

  it(`is not there is an error that repeating does not help (${version})`, async () => {
    const other = functionName === NATIVE ? 'absent' : 'autopilot$absent';

    await expect(
      open(other, server.endpoint, foundation.identities.administrator).start('t', '{}'),
    ).rejects.toMatchObject({ name: 'RejectedError', origin: { code: 'FunctionNotFound' } });
  });
});

describe.each([[NATIVE], [OF_SERVICE]])('a server that does not answer the start of %s', (functionName) => {
  const TIMEOUT_MS = 400;
  const MARGIN_MS = 900;
  let server: MisbehavingServer;
  beforeEach(async () => {
    server = await startMisbehavingServer();
  });
  afterEach(() => server.close());
  const key = { accessKeyId: 'STS.key', accessKeySecret: SECRET, securityToken: TOKEN };

  it.each(WAYS_OF_NOT_ANSWERING)('but %s leaves it open whether it runs, in time', async (_, behaviour) => {
    server.behave(behaviour);

    const { error, tookMs } = await failureOf(
      open(functionName, server.endpoint, key, TIMEOUT_MS).start('t', '{}'),
    );

    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ reason: 'unknown-outcome', origin: { api: 'InvokeFunction', code: null } });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
    expect(server.requests()).toBeLessThanOrEqual(2);
    for (const secret of [SECRET, TOKEN]) expect(printed(error)).not.toContain(secret);
  });

  it('with JSON that is broken leaves it open, too', async () => {
    server.behave(answers(500, '{"Code":', { 'content-type': 'application/json' }));

    await expect(open(functionName, server.endpoint, key, TIMEOUT_MS).start('t', '{}')).rejects.toMatchObject(
      { name: 'TransientError', reason: 'unknown-outcome' },
    );
  });
});
