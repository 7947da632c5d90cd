import { createHash, createHmac } from 'node:crypto';
import { CloudError } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { Principal } from '../../world/identities.ts';
import { isSameSecret } from './encoding.ts';

/** A request as it came over the wire. Header names are in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as sent. */
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const DATE_TOLERANCE_MS = 15 * 60_000;

/**
 * The caller of a request to MNS, after its signature (`MNS AccessKeyId:Signature`, HMAC-SHA1), its date and its
 * Content-MD5 were checked. Throws the product's own errors; those that are not settled are switches.
 * @see https://www.alibabacloud.com/help/en/mns/developer-reference/sign-requests
 */
export function verifyMnsSignature(
  foundation: Pick<Foundation, 'clock' | 'identities' | 'switches'>,
  request: SignedRequest,
): Principal {
  const { clock, identities, switches } = foundation;
  const { accessKeyId, signature } = readAuthorization(request.headers.get('authorization'));
  requireFreshDate(request.headers.get('date') ?? request.headers.get('x-mns-date'), clock.nowMs());
  const credential = identities.find(accessKeyId);
  const wrongKey = () =>
    new CloudError(403, switches.mnsWrongKeyCode, 'The AccessKey Id you provided is not exist.');
  if (credential === null) throw wrongKey();
  const expected = createHmac('sha1', credential.accessKeySecret)
    .update(stringToSign(request))
    .digest('base64');
  if (!isSameSecret(signature, expected)) {
    throw new CloudError(
      403,
      switches.mnsWrongSignatureCode,
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  }
  // The words for a bad or expired token are not published: a temporary key without its token is no key.
  if (credential.securityToken !== null) {
    const token = request.headers.get('security-token') ?? '';
    if (!isSameSecret(token, credential.securityToken)) throw wrongKey();
    if (identities.isExpired(credential)) throw wrongKey();
  }
  requireDigest(request);
  return credential.principal;
}

function readAuthorization(header: string | undefined): { accessKeyId: string; signature: string } {
  if (header === undefined || header === '') {
    throw new CloudError(400, 'MissingAuthorizationHeader', 'Authorization header is required.');
  }
  const [, accessKeyId, signature] = /^MNS ([^:\s]+):([A-Za-z0-9+/=]+)$/.exec(header) ?? [];
  if (accessKeyId === undefined || signature === undefined) {
    throw new CloudError(400, 'InvalidAuthorizationHeader', 'The Authorization header format is invalid.');
  }
  return { accessKeyId, signature };
}

function requireFreshDate(date: string | undefined, nowMs: number): void {
  if (date === undefined) throw new CloudError(400, 'MissingDateHeader', 'Date header is required.');
  const atMs = Date.parse(date);
  if (Number.isNaN(atMs)) {
    throw new CloudError(400, 'InvalidDateHeader', 'The Date header format is invalid.');
  }
  if (Math.abs(atMs - nowMs) > DATE_TOLERANCE_MS) {
    throw new CloudError(403, 'TimeExpired', 'The http request you sent is expired.');
  }
}

function stringToSign({ method, target, headers }: SignedRequest): string {
  const ownHeaders = [...headers]
    .filter(([name]) => name.startsWith('x-mns-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  const digest = headers.get('content-md5') ?? '';
  const type = headers.get('content-type') ?? '';
  const date = headers.get('date') ?? '';
  return `${method}\n${digest}\n${type}\n${date}\n${ownHeaders}${target}`;
}

/** The clients send the digest's hex text in Base64; the pages point to RFC 1864, its 16 bytes in Base64: both pass. */
function requireDigest({ headers, body }: SignedRequest): void {
  const sent = headers.get('content-md5');
  if (sent === undefined) return;
  const digest = createHash('md5').update(body).digest();
  const hexText = Buffer.from(digest.toString('hex')).toString('base64');
  if (sent !== hexText && sent !== digest.toString('base64')) {
    throw new CloudError(400, 'InvalidDegist', 'The Content-MD5 you specified is invalid.');
  }
}
