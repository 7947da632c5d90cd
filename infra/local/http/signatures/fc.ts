import { createHash, createHmac } from 'node:crypto';
import { CloudError } from '../../world/errors.ts';
import type { Credential, Identities } from '../../world/identities.ts';
import { isSameSecret } from './encoding.ts';

/** What of an HTTP request the signature of the FC 2016-08-15 API covers, and what is checked beside it. */
export interface FcSignedRequest {
  /** `POST`, upper case. */
  readonly method: string;
  /** The path as it came, without the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

const DATE_TOLERANCE_MS = 15 * 60_000;

/**
 * The credential that signed the request by `FC AccessKeyId:Signature` (HMAC-SHA256, Base64). Throws CloudError
 * `MissingRequiredHeader` or `InvalidArgument` (400), `InvalidAccessKeyID`, `SignatureNotMatch` or `AccessDenied`
 * (403: the date is too far off, or the session's token is wrong or expired).
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/error-codes
 */
export function verifyFcSignature(
  request: FcSignedRequest,
  identities: Identities,
  nowMs: number,
): Credential {
  const { headers } = request;
  const { accessKeyId, signature } = readAuthorization(headers);
  checkDate(required(headers, 'date'), nowMs);
  const credential = identities.find(accessKeyId);
  if (credential === null) {
    throw new CloudError(403, 'InvalidAccessKeyID', `invalid access key ID '${accessKeyId}'`);
  }
  const expected = createHmac('sha256', credential.accessKeySecret)
    .update(stringToSign(request))
    .digest('base64');
  if (!isSameSecret(signature, expected)) throw signatureNotMatch();
  checkSession(identities, credential, headers['x-fc-security-token'] ?? '');
  checkDigest(request);
  return credential;
}

/** The `SignatureNotMatch` refusal, in the vendor's words. */
export function signatureNotMatch(): CloudError {
  return new CloudError(
    403,
    'SignatureNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your access key and signing method',
  );
}

function required(headers: FcSignedRequest['headers'], name: string): string {
  const value = headers[name];
  if (value === undefined || value === '') {
    throw new CloudError(400, 'MissingRequiredHeader', `required HTTP header ${name} was not specified`);
  }
  return value;
}

function readAuthorization(headers: FcSignedRequest['headers']) {
  const fields = /^FC ([^:\s]+):([A-Za-z0-9+/=]+)$/.exec(required(headers, 'authorization'));
  const [, accessKeyId, signature] = fields ?? [];
  if (accessKeyId === undefined || signature === undefined) {
    throw new CloudError(
      400,
      'InvalidArgument',
      'the Authorization header is not "FC AccessKeyId:Signature"',
    );
  }
  return { accessKeyId, signature };
}

function checkDate(text: string, nowMs: number): void {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new CloudError(400, 'InvalidArgument', `invalid date '${text}'`);
  if (Math.abs(atMs - nowMs) > DATE_TOLERANCE_MS) {
    throw new CloudError(403, 'AccessDenied', 'the request time and the current time differ by too much');
  }
}

function stringToSign({ method, path, headers }: FcSignedRequest): string {
  const own = Object.keys(headers)
    .filter((name) => name.startsWith('x-fc-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const fixed = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', headers.date];
  return `${fixed.join('\n')}\n${own.join('')}${decodePath(path)}`;
}

/** The clients sign the path before it is percent-encoded. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function checkSession(identities: Identities, credential: Credential, token: string): void {
  if (credential.securityToken === null) return;
  if (!isSameSecret(token, credential.securityToken)) {
    throw new CloudError(403, 'AccessDenied', 'the security token you provided is invalid');
  }
  if (identities.isExpired(credential)) {
    throw new CloudError(403, 'AccessDenied', 'the security token you provided has expired');
  }
}

/** `content-md5` is the Base64 of the digest's hex text, not of the digest. */
function checkDigest({ headers, body }: FcSignedRequest): void {
  const sent = headers['content-md5'];
  if (sent === undefined) return;
  const hex = createHash('md5').update(body).digest('hex');
  if (sent !== Buffer.from(hex).toString('base64')) {
    throw new CloudError(400, 'InvalidArgument', 'the Content-MD5 you specified does not match the body');
  }
}
