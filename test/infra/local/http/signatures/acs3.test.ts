import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { verifyAcs3 } from '../../../../../infra/local/http/signatures/acs3.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';

const { OpenApiUtil } = createRequire(import.meta.url)(
  '@alicloud/openapi-core',
) as typeof import('@alicloud/openapi-core');

const NOW_MS = Date.parse('2026-11-20T08:00:00Z');
const { identities } = createFoundation({ clock: new VirtualClock(NOW_MS) });
const { accessKeyId, accessKeySecret } = identities.administrator;

/** A request as the vendor's own code signs it. */
function signedByVendor(pathname: string, query: Record<string, string>, body: Buffer) {
  const payload = createHash('sha256').update(body).digest('hex');
  const headers: Record<string, string> = {
    host: '127.0.0.1:9000',
    'content-type': 'application/octet-stream',
    'x-acs-action': 'InvokeFunction',
    'x-acs-version': '2023-03-30',
    'x-acs-date': '2026-11-20T08:00:00Z',
    'x-acs-signature-nonce': 'nonce',
    'x-acs-content-sha256': payload,
    'x-fc-invocation-type': 'Async',
  };
  const request = { method: 'POST', pathname, query, headers };
  const authorization = OpenApiUtil.getAuthorization(
    request as never,
    'ACS3-HMAC-SHA256',
    payload,
    accessKeyId,
    accessKeySecret,
  );
  return {
    method: 'POST',
    path: pathname,
    query: new URLSearchParams(query).toString(),
    headers: { ...headers, authorization },
    body,
  };
}

describe('an ACS3 signature over a path', () => {
  it.each([
    ['/2023-03-30/functions/instance-events/invocations', {}],
    ['/2023-03-30/functions/a~b*c+d%20e/invocations', { qualifier: 'LATEST' }],
    ['/2023-03-30/functions/x/invocations', { qualifier: "it's (a) *test* ~ü", a: '', b: 'x+y&z' }],
  ])('is accepted as the vendor makes it: %s', (path, query) => {
    const request = signedByVendor(path, query, Buffer.from([0, 1, 2, 255]));

    expect(verifyAcs3(request, identities, NOW_MS)).toBe(identities.administrator);
  });

  it.each([
    ['path', { path: '/2023-03-30/functions/other/invocations' }],
    ['query', { query: 'qualifier=other' }],
    ['method', { method: 'GET' }],
    ['body', { body: Buffer.from('other') }],
  ])('does not cover another %s', (_, changed) => {
    const request = signedByVendor('/2023-03-30/functions/x/invocations', {}, Buffer.from('{}'));

    expect(() => verifyAcs3({ ...request, ...changed }, identities, NOW_MS)).toThrow(
      expect.objectContaining({ code: 'SignatureDoesNotMatch', status: 400 }),
    );
  });
});
