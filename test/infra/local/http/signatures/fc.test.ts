import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyFcSignature } from '../../../../../infra/local/http/signatures/fc.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';

const NOW_MS = Date.parse('2026-11-20T15:00:00Z');
const PATH = '/2016-08-15/services/pool/functions/drain/invocations';

function signed(change: { headers?: Record<string, string>; dateMs?: number; path?: string } = {}) {
  const clock = new VirtualClock(NOW_MS);
  const { identities } = createFoundation({ clock, accessKeyId: 'LTAItest', accessKeySecret: 'secret' });
  const body = Buffer.from('hello');
  const md5 = Buffer.from(createHash('md5').update(body).digest('hex')).toString('base64');
  const date = new Date(change.dateMs ?? NOW_MS).toUTCString();
  const text = `POST\n${md5}\napplication/octet-stream\n${date}\nx-fc-account-id:1\nx-fc-log-type:Tail\n${PATH}`;
  const signature = createHmac('sha256', 'secret').update(text).digest('base64');
  const headers: Record<string, string> = {
    'x-fc-log-type': 'Tail',
    'x-fc-account-id': '1',
    'content-md5': md5,
    'content-type': 'application/octet-stream',
    date,
    authorization: `FC LTAItest:${signature}`,
    ...change.headers,
  };
  return () =>
    verifyFcSignature({ method: 'POST', path: change.path ?? PATH, headers, body }, identities, NOW_MS);
}

describe('verifyFcSignature', () => {
  it('returns the credential that signed', () => {
    expect(signed()().accessKeyId).toBe('LTAItest');
  });

  it.each([
    ['a header that was added', { headers: { 'x-fc-invocation-type': 'Async' } }, 'SignatureNotMatch'],
    ['another path', { path: PATH.replace('drain', 'other') }, 'SignatureNotMatch'],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 'SignatureNotMatch'],
    ['a date that is 16 minutes old', { dateMs: NOW_MS - 16 * 60_000 }, 'AccessDenied'],
    ['a date that is none', { headers: { date: 'yesterday' } }, 'InvalidArgument'],
    ['no signature', { headers: { authorization: '' } }, 'MissingRequiredHeader'],
    ['another scheme', { headers: { authorization: 'MNS a:b' } }, 'InvalidArgument'],
  ])('refuses %s', (_, change, code) => {
    expect(signed(change)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a body that its digest does not fit', () => {
    const clock = new VirtualClock(NOW_MS);
    const { identities } = createFoundation({ clock, accessKeyId: 'LTAItest', accessKeySecret: 'secret' });
    const date = new Date(NOW_MS).toUTCString();
    const md5 = Buffer.from('0'.repeat(32)).toString('base64');
    const signature = createHmac('sha256', 'secret')
      .update(`POST\n${md5}\n\n${date}\n${PATH}`)
      .digest('base64');
    const headers = { date, 'content-md5': md5, authorization: `FC LTAItest:${signature}` };

    expect(() =>
      verifyFcSignature(
        { method: 'POST', path: PATH, headers, body: Buffer.from('hello') },
        identities,
        NOW_MS,
      ),
    ).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
  });
});
