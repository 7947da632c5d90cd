import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { AccessKey } from '../../../../shared/access-key.ts';
import { createRpcClient, type RpcClient } from '../../../../shared/adapters/alibaba/rpc-client.ts';
import { SLB_API } from '../../../../shared/adapters/alibaba/slb-gateway.ts';
import { describeError, RejectedError, TransientError } from '../../../../shared/errors.ts';
import {
  answers,
  failureOf,
  type MisbehavingServer,
  printed,
  startMisbehavingServer,
  WAYS_OF_NOT_ANSWERING,
} from '../../../support/misbehaving-server.ts';

const SECRET = 'secret-of-the-key-0123456789';
const TOKEN = 'CAIS-token-of-the-session-0123456789';
const TIMEOUT_MS = 400;
/** The deadline is half a second behind the SDK's own timeout. */
const MARGIN_MS = 900;
const Answer = z.object({ RequestId: z.string() });

let server: MisbehavingServer;
let client: RpcClient;
const connect = (accessKey: () => AccessKey) =>
  createRpcClient({
    endpoint: server.endpoint,
    ...SLB_API,
    regionId: 'cn-hangzhou',
    accessKey,
    timeoutMs: TIMEOUT_MS,
  });
beforeEach(async () => {
  server = await startMisbehavingServer();
  client = connect(() => ({ accessKeyId: 'STS.key', accessKeySecret: SECRET, securityToken: TOKEN }));
});
afterEach(() => server.close());

const write = () => client.call('SetVServerGroupAttribute', 'write', { VServerGroupId: 'rsp-1' }, Answer);
const read = () => client.call('DescribeVServerGroupAttribute', 'read', { VServerGroupId: 'rsp-1' }, Answer);

const refusal = (
  status: number,
  code: string,
  message = 'these words',
  headers: Record<string, string> = {},
) =>
  answers(status, JSON.stringify({ RequestId: 'R-1', HostId: 'h', Code: code, Message: message }), {
    'content-type': 'application/json',
    ...headers,
  });

describe('a server that does not answer', () => {
  it.each(WAYS_OF_NOT_ANSWERING)(
    'but %s leaves the outcome of a write unknown, in time, and gets it once',
    async (_, behaviour) => {
      server.behave(behaviour);

      const { error, tookMs } = await failureOf(write());

      expect(error).toBeInstanceOf(TransientError);
      expect(error).toMatchObject({
        reason: 'unknown-outcome',
        origin: { api: 'SetVServerGroupAttribute', code: null },
      });
      expect(tookMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
      expect(server.requests()).toBe(1);
      for (const secret of [SECRET, TOKEN, 'Signature=']) expect(printed(error)).not.toContain(secret);
    },
  );

  it.each(WAYS_OF_NOT_ANSWERING)(
    'but %s makes a read fail in time, all its tries together',
    async (_, way) => {
      server.behave(way);

      const { error, tookMs } = await failureOf(read());

      expect(error).toMatchObject({ name: 'TransientError', reason: 'unknown-outcome' });
      expect(tookMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
      expect(server.requests()).toBeLessThanOrEqual(3);
    },
  );

  it('the first time is not noticed by who reads', async () => {
    server.behave((response, request) => {
      if (server.requests() === 1) request.socket.destroy();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"RequestId":"R-2"}');
    });

    expect(await read()).toEqual({ RequestId: 'R-2' });
  });
});

describe('a refusal', () => {
  it.each([
    [400, 'InvalidParameter'],
    [403, 'Forbidden.RAM'],
    [400, 'ServiceUnavailable'],
  ])('%i %s is final, with its code, words and request id', async (status, code) => {
    server.behave(refusal(status, code));

    const { error } = await failureOf(write());

    expect(error).toBeInstanceOf(RejectedError);
    expect(describeError(error)).toMatch(
      new RegExp(`in its own words: these words \\(SetVServerGroupAttribute, ${code}, request R-1\\)$`),
    );
  });

  it.each(['constructor', 'NeverHeardOf'])('with the code %s is nothing that is known', async (code) => {
    server.behave(refusal(400, code));

    const { error } = await failureOf(write());

    expect(error).toMatchObject({ name: 'TransientError', reason: 'unrecognised' });
    expect(describeError(error)).toBe(
      `SetVServerGroupAttribute was refused: these words (SetVServerGroupAttribute, ${code}, request R-1)`,
    );
  });

  it('with a code that is not known is not asked for again by who reads', async () => {
    server.behave(refusal(400, 'NeverHeardOf'));

    await failureOf(read());

    expect(server.requests()).toBe(1);
  });

  it('of another product is final where its code is not known', async () => {
    server.behave(refusal(400, 'NeverHeardOf'));
    const other = createRpcClient({
      endpoint: server.endpoint,
      version: '2014-05-26',
      regionId: 'cn-hangzhou',
      accessKey: () => ({ accessKeyId: 'k', accessKeySecret: SECRET, securityToken: null }),
      timeoutMs: TIMEOUT_MS,
    });

    const { error } = await failureOf(other.call('DescribeInstances', 'read', {}, Answer));

    expect(error).toBeInstanceOf(RejectedError);
  });

  it.each([
    [400, 'VServerGroupProcessing', 'busy'],
    [409, 'BackendServer.configuring', 'busy'],
    [449, 'SystemBusy', 'busy'],
    [503, 'ServiceUnavailable', 'unavailable'],
    [500, 'InternalError', 'unknown-outcome'],
    [503, 'InvalidParameter', 'unknown-outcome'],
    [504, 'NeverHeardOf', 'unknown-outcome'],
    [400, 'Throttling.User', 'throttled'],
    [503, 'Throttling', 'throttled'],
  ])('%i %s of a write may work later (%s) and is not tried again here', async (status, code, reason) => {
    server.behave(refusal(status, code));

    const { error } = await failureOf(write());

    expect(error).toMatchObject({
      name: 'TransientError',
      reason,
      retryAfterMs: null,
      origin: { code, requestId: 'R-1' },
    });
    expect(server.requests()).toBe(1);
  });

  it.each([
    ['1500', 1_500],
    ['99999999999', 600_000],
    ['0', null],
    ['-5', null],
    ['soon', null],
  ])('by throttling names its wait: %s ms', async (header, retryAfterMs) => {
    server.behave(refusal(400, 'Throttling.User', 'slow down', { 'x-acs-retry-after': header }));

    const { error } = await failureOf(read());

    expect(error).toMatchObject({ reason: 'throttled', retryAfterMs });
    expect(server.requests()).toBe(1);
  });

  it('of a signature does not repeat what was signed', async () => {
    const signed = `server canonicalRequest is:POST x-acs-security-token:${TOKEN}`;
    server.behave(refusal(400, 'SignatureDoesNotMatch', signed));

    const { error } = await failureOf(write());

    expect(error).toMatchObject({ name: 'RejectedError', origin: { code: 'SignatureDoesNotMatch' } });
    expect(describeError(error)).not.toContain(TOKEN);
  });

  it('with endless words is cut', async () => {
    server.behave(refusal(400, 'InvalidParameter', 'x'.repeat(100_000)));

    expect(describeError((await failureOf(write())).error).length).toBeLessThan(1_000);
  });
});

describe('an answer of an unknown shape', () => {
  beforeEach(() => server.behave(answers(200, '{"RequestId":7}', { 'content-type': 'application/json' })));

  it('to a read is refused', async () => {
    expect((await failureOf(read())).error).toBeInstanceOf(RejectedError);
  });

  it('to a write means that it may have taken effect', async () => {
    expect((await failureOf(write())).error).toMatchObject({ reason: 'unknown-outcome' });
    expect(server.requests()).toBe(1);
  });
});

describe('the access key', () => {
  it('is the current one in every call, its token too', async () => {
    const seen: Array<unknown> = [];
    server.behave((response, { headers }) => {
      const key = /Credential=([^,]+)/.exec(headers.authorization ?? '')?.[1];
      seen.push([key, headers['x-acs-security-token']]);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"RequestId":"R-2"}');
    });
    const keys: ReadonlyArray<AccessKey> = [
      { accessKeyId: 'STS.1', accessKeySecret: 's1', securityToken: 't1' },
      { accessKeyId: 'STS.1', accessKeySecret: 's1', securityToken: 't2' },
      { accessKeyId: 'LTAI', accessKeySecret: 's3', securityToken: null },
    ];
    let turn = 0;
    const changing = connect(() => keys[turn] as AccessKey);

    for (; turn < keys.length; turn++) await changing.call('DescribeLoadBalancers', 'read', {}, Answer);

    expect(seen).toEqual([
      ['STS.1', 't1'],
      ['STS.1', 't2'],
      ['LTAI', undefined],
    ]);
  });
});
