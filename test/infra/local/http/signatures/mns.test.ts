import { expect, it } from 'vitest';
import { verifyMnsSignature } from '../../../../../infra/local/http/signatures/mns.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';

const DATE = 'Fri, 20 Nov 2026 08:00:00 GMT';
// Made with `openssl dgst -sha1 -hmac topsecret -binary | base64` over the text that is to be signed.
const SIGNATURE = 'p7GhJLWe6n5rzgFx/obeueserds=';

function verify(changes: Record<string, string> = {}, body = '', atMs = Date.parse(DATE)) {
  const foundation = createFoundation({
    clock: new VirtualClock(atMs),
    accessKeyId: 'LTAItest',
    accessKeySecret: 'topsecret',
  });
  const headers = {
    'x-mns-version': '2015-06-06',
    date: DATE,
    'x-mns-date': DATE,
    'content-type': 'text/xml',
    'content-md5': 'ZDQxZDhjZDk4ZjAwYjIwNGU5ODAwOTk4ZWNmODQyN2U=',
    authorization: `MNS LTAItest:${SIGNATURE}`,
    ...changes,
  };
  return verifyMnsSignature(foundation, {
    method: 'POST',
    target: '/queues/jobs/messages?a=b',
    headers: new Map(Object.entries(headers)),
    body: Buffer.from(body),
  });
}

it('accepts a signature over verb, digest, type, date, own headers by name, path and query', () => {
  expect(verify()).toMatchObject({ kind: 'administrator', accessKeyId: 'LTAItest' });
});

it.each([
  ['a header of its own that is not signed', { 'x-mns-prefix': 'a' }, 'SignatureDoesNotMatch'],
  ['another type', { 'content-type': 'text/plain' }, 'SignatureDoesNotMatch'],
  [
    'a signature cut short',
    { authorization: `MNS LTAItest:${SIGNATURE.slice(0, -4)}` },
    'SignatureDoesNotMatch',
  ],
  ['another key', { authorization: `MNS LTAIother:${SIGNATURE}` }, 'InvalidAccessKeyId'],
  ['another scheme', { authorization: `OTS LTAItest:${SIGNATURE}` }, 'InvalidAuthorizationHeader'],
])('refuses %s', (_, changes, code) => {
  expect(() => verify(changes)).toThrow(expect.objectContaining({ code }));
});

it('refuses a body that is not the one of the digest', () => {
  expect(() => verify({}, 'changed')).toThrow(expect.objectContaining({ code: 'InvalidDegist' }));
});

it('refuses a date more than 15 minutes off, before it looks at the key', () => {
  const late = Date.parse(DATE) + 15 * 60_000 + 1;

  expect(() => verify({ authorization: 'MNS nobody:abcd' }, '', late)).toThrow(
    expect.objectContaining({ code: 'TimeExpired' }),
  );
  expect(verify({}, '', late - 1)).toBeDefined();
});
