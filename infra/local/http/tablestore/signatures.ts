import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Headers as pairs, names in lower case. */
export type OtsHeaders = ReadonlyArray<readonly [name: string, value: string]>;

/** Base64 of the MD5 of a body, as `x-ots-contentmd5` carries it. */
export function contentMd5(body: Uint8Array): string {
  return createHash('md5').update(body).digest('base64');
}

/**
 * The signature of a request: HMAC-SHA1 over path, method, the empty query and all `x-ots-*` headers but the
 * signature itself, sorted by name. `path` is `/PutRow`.
 */
export function signRequest(path: string, headers: OtsHeaders, secret: string): string {
  return hmac(`${path}\nPOST\n\n${canonical(headers)}`, secret);
}

/** The signature of an answer, which SDKs other than Node's verify: its sorted `x-ots-*` headers, then the path. */
export function signAnswer(path: string, headers: OtsHeaders, secret: string): string {
  return hmac(`${canonical(headers)}${path}`, secret);
}

/** Compares without telling by its duration how much of the two is equal. */
export function isSameSignature(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function canonical(headers: OtsHeaders): string {
  let text = '';
  const sorted = [...headers].sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [name, value] of sorted) text += `${name}:${value}\n`;
  return text;
}

function hmac(text: string, secret: string): string {
  return createHmac('sha1', secret).update(text).digest('base64');
}
