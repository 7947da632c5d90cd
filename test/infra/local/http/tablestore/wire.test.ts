import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import { createTablestoreApp } from '../../../../../infra/local/http/tablestore/app.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';
import { createTablestore } from '../../../../../infra/local/world/tablestore/tablestore.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0, 123);
const clock = new VirtualClock(NOW_MS);
const foundation = createFoundation({ clock, accessKeyId: 'LTAI5tWire', accessKeySecret: 'wire-secret' });
const tablestore = createTablestore(foundation);
let server: Listening;

beforeAll(async () => {
  server = await listen(createTablestoreApp(foundation, tablestore));
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly rawHeaders: ReadonlyArray<string>;
  readonly body: Buffer;
}

/** Sends a request as it is. */
function send(path: string, headers: Record<string, string>, body: Buffer, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server.endpoint}${path}`, { method, headers }, (incoming) => {
      const chunks: Array<Buffer> = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers as Record<string, string>,
          rawHeaders: incoming.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Signs as the protocol says, written here a second time on purpose. */
function signed(path: string, body: Buffer, changes: Record<string, string> = {}): Record<string, string> {
  const headers: Record<string, string> = {
    'x-ots-accesskeyid': 'LTAI5tWire',
    'x-ots-apiversion': '2015-12-31',
    'x-ots-contentmd5': createHash('md5').update(body).digest('base64'),
    'x-ots-date': new Date(NOW_MS).toISOString(),
    'x-ots-instancename': 'slb-autopilot',
    ...changes,
  };
  const lines = Object.keys(headers)
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const text = `${path}\nPOST\n\n${lines.join('')}`;
  return { ...headers, 'x-ots-signature': createHmac('sha1', 'wire-secret').update(text).digest('base64') };
}

const call = (path: string, body = Buffer.alloc(0), changes: Record<string, string> = {}) =>
  send(path, signed(path, body, changes), body);

/** The code of an Error message: field 1, a string. */
const codeOf = ({ body }: Answer) => body.toString('utf8', 2, 2 + (body[1] ?? 0));

describe('answers', () => {
  it('carry date, digest, request id and a signature that other SDKs verify', async () => {
    const { status, headers, body } = await call('/ListTable');

    expect(status).toBe(200);
    expect(headers['x-ots-date']).toBe('2026-11-20T12:00:00.123Z');
    expect(headers['x-ots-contentmd5']).toBe(createHash('md5').update(body).digest('base64'));
    expect(headers['x-ots-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    const text = ['contentmd5', 'contenttype', 'date', 'requestid']
      .map((name) => `x-ots-${name}:${headers[`x-ots-${name}`]}\n`)
      .join('');
    const signature = createHmac('sha1', 'wire-secret').update(`${text}/ListTable`).digest('base64');
    expect(headers.authorization).toBe(`OTS LTAI5tWire:${signature}`);
  });

  it('carry them for refusals too', async () => {
    const answer = await call('/DescribeTable', Buffer.from('0a036e6f6e', 'hex'));

    expect(answer.status).toBe(404);
    expect(codeOf(answer)).toBe('OTSObjectNotExist');
    expect(answer.headers.authorization).toMatch(/^OTS LTAI5tWire:/);
  });
});

describe('requests that are refused', () => {
  it('for a clock too far off, either way', async () => {
    const off = (ms: number) =>
      call('/ListTable', Buffer.alloc(0), { 'x-ots-date': new Date(NOW_MS + ms).toISOString() });

    expect((await off(14 * 60_000)).status).toBe(200);
    expect((await off(-14 * 60_000)).status).toBe(200);
    for (const ms of [16 * 60_000, -16 * 60_000]) {
      const answer = await off(ms);
      expect([answer.status, codeOf(answer)]).toEqual([403, 'OTSAuthFailed']);
    }
  });

  it('for a body that is not the signed one', async () => {
    const headers = signed('/ListTable', Buffer.alloc(0));
    const answer = await send('/ListTable', headers, Buffer.from('0a0161', 'hex'));
    expect([answer.status, codeOf(answer)]).toEqual([403, 'OTSAuthFailed']);
  });

  it('for a signature over another operation', async () => {
    const answer = await send('/DeleteTable', signed('/ListTable', Buffer.alloc(0)), Buffer.alloc(0));
    expect([answer.status, codeOf(answer)]).toEqual([403, 'OTSAuthFailed']);
  });

  it('for a missing header, a malformed date, an unknown operation or version', async () => {
    const { 'x-ots-date': _, ...noDate } = signed('/ListTable', Buffer.alloc(0));
    const answers = [
      await send('/ListTable', noDate, Buffer.alloc(0)),
      await call('/ListTable', Buffer.alloc(0), { 'x-ots-date': 'yesterday' }),
      await call('/listTable'),
      await call('/ListTable', Buffer.alloc(0), { 'x-ots-apiversion': '2014-08-08' }),
    ];
    for (const answer of answers)
      expect([answer.status, codeOf(answer)]).toEqual([400, 'OTSParameterInvalid']);
  });

  it('for another method than POST', async () => {
    const answer = await send('/ListTable', {}, Buffer.alloc(0), 'GET');
    expect([answer.status, codeOf(answer)]).toEqual([405, 'OTSMethodNotAllowed']);
  });

  it('for a body above 5 MB, announced or not', async () => {
    const body = Buffer.alloc(5 * 1024 * 1024 + 1);
    const headers = signed('/PutRow', body);

    const announced = await send('/PutRow', { ...headers, 'content-length': String(body.length) }, body);
    expect([announced.status, codeOf(announced)]).toEqual([413, 'OTSRequestBodyTooLarge']);
    const chunked = await send('/PutRow', { ...headers, 'transfer-encoding': 'chunked' }, body);
    expect([chunked.status, codeOf(chunked)]).toEqual([413, 'OTSRequestBodyTooLarge']);
  });

  it('for bodies that are no message of the operation', async () => {
    for (const body of ['ff', '0a', '0aff01', '0800', '0b', '1a00'].map((text) => Buffer.from(text, 'hex'))) {
      for (const operation of ['/GetRow', '/PutRow', '/CreateTable', '/GetRange', '/UpdateTable']) {
        const answer = await call(operation, body);
        expect([answer.status, codeOf(answer)], `${operation} ${body.toString('hex')}`).toEqual([
          400,
          'OTSParameterInvalid',
        ]);
      }
    }
  });
});

it('survives a client that leaves in the middle of its request', async () => {
  const headers = { ...signed('/PutRow', Buffer.alloc(0)), 'content-length': '1000' };
  await new Promise<void>((resolve) => {
    const outgoing = request(`${server.endpoint}/PutRow`, { method: 'POST', headers });
    outgoing.on('error', () => {});
    outgoing.on('close', resolve);
    outgoing.write(Buffer.alloc(10), () => outgoing.destroy());
  });

  expect((await call('/ListTable')).status).toBe(200);
  expect(foundation.gate.records.map(({ action }) => action)).not.toContain('PutRow');
});

describe('an atomic batch', () => {
  it('is refused rather than run row by row', async () => {
    const answer = await call('/BatchWriteRow', Buffer.from('1801', 'hex'));
    expect([answer.status, codeOf(answer)]).toEqual([400, 'OTSParameterInvalid']);
  });
});
