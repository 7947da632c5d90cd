import { describe, expect, it } from 'vitest';
import { REQUEST_AGAIN_KIND } from '../../../shared/events/change-request.ts';
import { parseBatch } from '../../../shared/events/interpret.ts';
import { withStrayBit } from '../../support/request-fuzz/signatures.ts';
import { aRequest, signed } from '../../support/requests.ts';

const REQUEST = signed(aRequest());
const VALUE = REQUEST.signature?.value ?? '';
const TEXT = JSON.stringify(REQUEST);
const read = (text: string) => parseBatch(Buffer.from(text));
const again = (request: string, more = '') =>
  `{"kind":"${REQUEST_AGAIN_KIND}","version":1,"attempts":2,"story":["no table"],"request":${request}${more}}`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const notUnderstood = (reason: RegExp) => [
  { kind: 'not-understood', reason: expect.stringMatching(reason), requestId: 'deploy-4711' },
];

describe('a change request', () => {
  it.each<[string, string, RegExp]>([
    [
      'whose signature is spelled with a stray bit',
      TEXT.replace(VALUE, withStrayBit(VALUE)),
      /signature.value: 64 bytes/,
    ],
    [
      'with a prototype of its own',
      TEXT.replace('{', '{"__proto__":{"a":1},'),
      /no such member: "__proto__"/,
    ],
    [
      'with a prototype of its own, tried before',
      again(TEXT.replace('{', '{"__proto__":{"a":1},')),
      /no such member: "__proto__"/,
    ],
    [
      'with half a surrogate pair',
      TEXT.replace('kernel', '\\ud800'),
      /^change request: .*half a surrogate pair/,
    ],
    ['tried before, and a list', again(`[${TEXT}]`), /request: an object/],
  ])('%s is not understood', (what, text, reason) => {
    const [event] = read(text);

    expect(event).toMatchObject({ kind: 'not-understood', reason: expect.stringMatching(reason) });
    if (!what.endsWith('a list')) expect(event).toMatchObject({ requestId: 'deploy-4711' });
  });

  it('is told what it has too much, in words that logs can bear, and never its signature', () => {
    const wild = JSON.stringify('a\nb\u001b[31m😀');
    const more = Array.from({ length: 300 }, (_, n) => `"n${n}":1`).join();
    const [event] = read(TEXT.replace('{', `{"${VALUE}":1,${wild}:2,${more},`));

    expect(event?.kind === 'not-understood' && event.reason).toMatch(
      /^change request: it: no such member: "[\w.?-]{40}", "a\?b\?\[31m\?\?", "n0" and 299 more$/,
    );
  });

  it('that is too large is refused for its size, before anything else of it is looked at', () => {
    const filler = Array.from({ length: 8_000 }, (_, n) => `"n${n}":1e999`).join();
    const large = TEXT.replace('{', `{${filler},`);

    expect(read(large)).toMatchObject(notUnderstood(/it has \d+ bytes, at most 65536/));
    expect(read(again(large))).toMatchObject(notUnderstood(/it has \d+ bytes, at most 65536/));
    expect(read(again(TEXT, `,"filler":"${'x'.repeat(64 * 1024)}"`))).toMatchObject(
      notUnderstood(/it has \d+ bytes, at most 65536/),
    );
    const notes = TEXT.replace('kernel', 'x'.repeat(48 * 1024));
    for (const text of [notes, again(notes), base64(notes)]) {
      expect(read(text)).toMatchObject(notUnderstood(/it has \d+ bytes, at most (?:49152|65536)/));
    }
  });

  it('may have 48 KiB in Base64, too', () => {
    const just = TEXT.replace('kernel', 'x'.repeat(47 * 1024));

    expect(read(base64(just))).toMatchObject(notUnderstood(/reason: Too big/));
  });

  it('that was tried before is the same request', () => {
    const [first] = read(TEXT);

    expect(read(again(TEXT))).toEqual([{ ...first, attempts: 2, story: ['no table'] }]);
  });
});
