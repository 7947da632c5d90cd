import { createHash, createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import { createSlbApp } from '../../../../../infra/local/http/rpc/slb.ts';
import { createEcs } from '../../../../../infra/local/world/ecs/ecs.ts';
import { createFoundation, type Foundation } from '../../../../../infra/local/world/foundation.ts';
import { createSlb } from '../../../../../infra/local/world/slb/slb.ts';
import { rpcClient } from './rpc-client.ts';

const SLB = '2014-05-15';
const LB = 'lb-bp1signedcalls';
const EMPTY_SHA256 = createHash('sha256').update('').digest('hex');

let foundation: Foundation;
let slbServer: Listening;

beforeEach(async () => {
  foundation = createFoundation();
  const slb = createSlb(foundation, { ecs: createEcs(foundation) });
  slb.seedLoadBalancer({ loadBalancerId: LB, name: 'shop' });
  slbServer = await listen(createSlbApp(foundation, slb));
});
afterEach(async () => {
  await slbServer.close();
});

const session = (...actions: ReadonlyArray<string>) => {
  foundation.identities.putRole('worker', [
    {
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: [...actions], Resource: [`acs:slb:*:*:loadbalancer/${LB}`] }],
    },
  ]);
  return foundation.identities.assumeRole('worker', 'test', 3_600_000);
};

/** A POST signed by our own hand, for what the SDK would never send. */
const post = (
  headers: Record<string, string>,
  options: { body?: string; sign?: ReadonlyArray<string> } = {},
) => {
  const { accessKeyId, accessKeySecret } = foundation.identities.administrator;
  const all: Record<string, string> = {
    host: `127.0.0.1:${slbServer.port}`,
    'x-acs-action': 'DescribeLoadBalancerAttribute',
    'x-acs-version': SLB,
    'x-acs-date': `${new Date().toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': 'nonce-1',
    'x-acs-content-sha256': EMPTY_SHA256,
    ...headers,
  };
  const names = options.sign ?? Object.keys(all).sort();
  const lines = names.map((name) => `${name}:${all[name]}\n`).join('');
  const canonical = `POST\n/\nLoadBalancerId=${LB}\n${lines}\n${names.join(';')}\n${all['x-acs-content-sha256']}`;
  const toSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`;
  const signature = createHmac('sha256', accessKeySecret).update(toSign).digest('hex');
  const authorization = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return fetch(`${slbServer.endpoint}/?LoadBalancerId=${LB}`, {
    method: 'POST',
    headers: { ...all, authorization },
    ...(options.body !== undefined && { body: options.body }),
  });
};
const codeOf = async (response: Response) => ((await response.json()) as { Code?: string }).Code ?? null;

describe('an RPC endpoint', () => {
  it.each([
    ['ACS3 in the query', {}],
    ['ACS3 in a form body', { inBody: true }],
    ['ACS3 by GET', { method: 'GET' }],
    ['the legacy signature', { signatureAlgorithm: 'v2' }],
    ['the legacy signature by GET', { signatureAlgorithm: 'v2', method: 'GET' }],
    ['the legacy signature with a form body', { signatureAlgorithm: 'v2', inBody: true }],
  ] as const)('answers a call signed by %s', async (_, options) => {
    const call = rpcClient(slbServer, SLB, foundation.identities.administrator, options);

    const { body } = await call('CreateVServerGroup', {
      LoadBalancerId: LB,
      VServerGroupName: 'web/1',
      Tag: [{ Key: "it's *(~)!", Value: 'größe +& 值' }],
    });
    const { body: described } = await call('DescribeVServerGroupAttribute', {
      VServerGroupId: body?.VServerGroupId,
    });

    expect(described).toMatchObject({
      VServerGroupName: 'web/1',
      LoadBalancerId: LB,
      Tags: { Tag: [{ TagKey: "it's *(~)!", TagValue: 'größe +& 值' }] },
    });
  });

  it.each([{}, { signatureAlgorithm: 'v2' }] as const)('refuses wrong keys %o', async (options) => {
    const { administrator } = foundation.identities;
    const wrongSecret = { ...administrator, accessKeySecret: 'not-the-secret' };
    const wrongId = { ...administrator, accessKeyId: 'LTAI5tUnknown' };

    const secretResult = await rpcClient(slbServer, SLB, wrongSecret, options)('DescribeLoadBalancers');
    const idResult = await rpcClient(slbServer, SLB, wrongId, options)('DescribeLoadBalancers');

    expect(secretResult).toMatchObject({ code: 'SignatureDoesNotMatch', statusCode: 400 });
    expect(idResult).toMatchObject({ code: 'InvalidAccessKeyId.NotFound', statusCode: 404 });
    expect(foundation.gate.records).toEqual([]);
  });

  it.each([{}, { signatureAlgorithm: 'v2' }] as const)(
    'judges a session by its policy %o',
    async (options) => {
      const call = rpcClient(slbServer, SLB, session('slb:DescribeVServerGroups'), options);

      const allowed = await call('DescribeVServerGroups', { LoadBalancerId: LB });
      const otherAction = await call('CreateVServerGroup', { LoadBalancerId: LB, VServerGroupName: 'web' });
      const otherResource = await call('DescribeVServerGroups', { LoadBalancerId: 'lb-other' });

      expect(allowed.body).toMatchObject({ VServerGroups: { VServerGroup: [] } });
      expect(otherAction).toMatchObject({ code: 'Forbidden.RAM', statusCode: 403 });
      expect(otherResource).toMatchObject({ code: 'Forbidden.RAM', statusCode: 403 });
      expect(foundation.gate.records.map((record) => record.errorCode)).toEqual([
        null,
        'AccessDenied',
        'AccessDenied',
      ]);
    },
  );

  it.each([{}, { signatureAlgorithm: 'v2' }] as const)('checks the security token %o', async (options) => {
    const valid = session('slb:*');
    const expired = foundation.identities.assumeRole('worker', 'old', -1);
    const code = async (credential: Parameters<typeof rpcClient>[2]) =>
      (await rpcClient(slbServer, SLB, credential, options)('DescribeVServerGroups', { LoadBalancerId: LB }))
        .code;

    expect(await code(expired)).toBe('InvalidSecurityToken.Expired');
    expect(await code({ ...valid, securityToken: 'garbage!' })).toBe('InvalidSecurityToken.Malformed');
    expect(await code({ ...valid, securityToken: expired.securityToken })).toBe(
      'InvalidSecurityToken.MismatchWithAccessKey',
    );
    expect(await code({ ...valid, securityToken: null })).toBe('InvalidAccessKeyId.NotFound');
  });

  it('never repeats a security token in a refusal', async () => {
    const credential = { ...session('slb:*'), accessKeySecret: 'wrong' };
    const call = rpcClient(slbServer, SLB, credential, { signatureAlgorithm: 'v2' });

    const { code, message } = await call('DescribeLoadBalancers');

    expect(code).toBe('SignatureDoesNotMatch');
    expect(message).not.toContain(credential.securityToken);
  });

  it('accepts a signature once', async () => {
    const first = await post({});
    const second = await post({});

    expect(first.status).toBe(200);
    expect(second.status).toBe(400);
    expect(await codeOf(second)).toBe('SignatureNonceUsed');
  });

  it.each([
    ['a date of 16 minutes ago', -16, 'InvalidTimeStamp.Expired'],
    ['a date of 16 minutes ahead', 16, 'InvalidTimeStamp.Expired'],
    ['a date of 14 minutes ago', -14, null],
  ])('judges %s', async (_, minutes, expected) => {
    const date = `${new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 19)}Z`;

    expect(await codeOf(await post({ 'x-acs-date': date }))).toBe(expected);
  });

  it('refuses a body that the signed hash is not of', async () => {
    const response = await post(
      { 'content-type': 'application/x-www-form-urlencoded' },
      { body: 'LoadBalancerId=lb-other' },
    );

    expect(await codeOf(response)).toBe('SignatureDoesNotMatch');
  });

  it('refuses a request with the action unsigned, or with no signature at all', async () => {
    const sign = ['host', 'x-acs-content-sha256', 'x-acs-date', 'x-acs-signature-nonce', 'x-acs-version'];
    const unsigned = await fetch(slbServer.endpoint, {
      headers: { 'x-acs-action': 'DescribeLoadBalancers', 'x-acs-version': SLB },
    });

    expect(await codeOf(await post({}, { sign }))).toBe('IncompleteSignature');
    expect(await codeOf(unsigned)).toBe('MissingParameter');
  });

  it('answers refusals in the gateway form', async () => {
    const response = await fetch(slbServer.endpoint, {
      headers: { 'x-acs-action': 'NoSuchThing', 'x-acs-version': SLB },
    });
    const body = (await response.json()) as Record<string, string>;

    expect(response.status).toBe(404);
    expect(Object.keys(body)).toEqual(['RequestId', 'HostId', 'Code', 'Message', 'Recommend']);
    expect(body).toMatchObject({ Code: 'InvalidAction.NotFound', HostId: 'slb.aliyuncs.com' });
    expect(response.headers.get('x-acs-request-id')).toBe(body.RequestId);
  });

  it('refuses another version, region, method, and a body without end', async () => {
    const version = await rpcClient(
      slbServer,
      '2020-06-16',
      foundation.identities.administrator,
    )('DescribeLoadBalancers');
    const call = rpcClient(slbServer, SLB, foundation.identities.administrator);
    const region = await call('DescribeLoadBalancers', { RegionId: 'cn-beijing' });
    const method = await fetch(slbServer.endpoint, { method: 'DELETE' });
    const large = await fetch(slbServer.endpoint, { method: 'POST', body: 'x'.repeat(1_100_000) });

    expect(version).toMatchObject({ code: 'InvalidVersion', statusCode: 400 });
    expect(region).toMatchObject({ code: 'InvalidRegionId.NotFound', statusCode: 404 });
    expect(await codeOf(method)).toBe('UnsupportedHTTPMethod');
    expect(large.status).toBe(413);
  });

  it('names the first parameter that is missing or wrong', async () => {
    const call = rpcClient(slbServer, SLB, foundation.identities.administrator);

    const missing = await call('CreateVServerGroup', { VServerGroupName: 'web' });
    const wrong = await call('DescribeHealthStatus', { LoadBalancerId: LB, ListenerPort: 'eighty' });
    const poisoned = await call('DescribeLoadBalancers', { '__proto__.polluted': 'yes' });

    expect(missing).toMatchObject({ code: 'MissingParameter', statusCode: 400 });
    expect(missing.message).toContain('"LoadBalancerId"');
    expect(wrong).toMatchObject({ code: 'InvalidParameter', statusCode: 400 });
    expect(poisoned).toMatchObject({ code: 'InvalidParameter' });
  });

  it('shows throttling, injected errors and lost replies as the real client meets them', async () => {
    const call = rpcClient(slbServer, SLB, foundation.identities.administrator);
    const effect = {
      kind: 'error',
      status: 449,
      code: 'SystemBusy',
      message: 'The system is busy.',
    } as const;
    foundation.rateLimits.set('slb', 'DescribeHealthStatus', { calls: 1, perMs: 60_000 });
    foundation.faults.inject({
      name: 'busy',
      match: { action: 'CreateVServerGroup' },
      skip: 0,
      times: 1,
      effect,
    });
    foundation.faults.inject({
      name: 'lost',
      match: { action: 'CreateVServerGroup' },
      skip: 1,
      times: 1,
      effect: { kind: 'lose-reply' },
    });

    await call('DescribeHealthStatus', { LoadBalancerId: LB });
    const throttled = await call('DescribeHealthStatus', { LoadBalancerId: LB });
    const busy = await call('CreateVServerGroup', { LoadBalancerId: LB, VServerGroupName: 'web' });
    const lost = await call('CreateVServerGroup', { LoadBalancerId: LB, VServerGroupName: 'web' });

    expect(throttled).toMatchObject({ code: 'Throttling.User', statusCode: 400 });
    expect(busy).toMatchObject({ code: 'SystemBusy', statusCode: 449 });
    expect(lost.code).toBe('ECONNRESET');
    expect(foundation.gate.records.at(-1)).toMatchObject({ applied: true, errorCode: 'ConnectionLost' });
  });
});
