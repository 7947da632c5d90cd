import { createHash, createHmac } from 'node:crypto';
import { CloudError } from '../../world/errors.ts';
import type { Credential, Identities } from '../../world/identities.ts';
import {
  checkSecurityToken,
  checkTimestamp,
  findCredential,
  missingParameter,
  type SignatureOptions,
} from './credentials.ts';
import { canonicalQuery, isSameSecret } from './encoding.ts';

/** What of an HTTP request the ACS3 signature covers. */
export interface SignedRequest {
  /** `POST`, upper case. */
  readonly method: string;
  /** The path as it came, still percent-encoded, without the query: `/2023-03-30/functions/x/invocations`. */
  readonly path: string;
  /** The query as it came, without `?`; empty when there is none. */
  readonly query: string;
  /** Names in lower case, `host` among them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body; an empty or absent one is not compared with `x-acs-content-sha256`. */
  readonly body?: Uint8Array;
}

const ALGORITHM = 'ACS3-HMAC-SHA256';
const DATE_TOLERANCE_MS = 15 * 60_000;
const HEADERS_THAT_MUST_BE_SIGNED = [
  'host',
  'x-acs-action',
  'x-acs-content-sha256',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-version',
];

/** Whether the request carries an ACS3 signature at all, right or wrong. */
export function hasAcs3Signature(headers: SignedRequest['headers']): boolean {
  return headers.authorization?.startsWith('ACS3-') ?? false;
}

/**
 * The credential that signed the request by `ACS3-HMAC-SHA256`. Throws CloudError in the API gateway's words:
 * `MissingParameter`, `IncompleteSignature`, `InvalidTimeStamp.*`, `InvalidAccessKeyId.NotFound`,
 * `SignatureDoesNotMatch`, `InvalidSecurityToken.*`. That the nonce is new is not checked here: see `createNonces`.
 *
 * @see https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
export function verifyAcs3(
  request: SignedRequest,
  identities: Identities,
  nowMs: number,
  options: SignatureOptions = {},
): Credential {
  const { headers } = request;
  const authorization = parseAuthorization(headers.authorization);
  for (const name of HEADERS_THAT_MUST_BE_SIGNED) {
    if (headers[name] === undefined) throw missingParameter(name);
    if (!authorization.signedHeaders.includes(name)) throw incompleteSignature();
  }
  checkTimestamp(headers['x-acs-date'] ?? '', nowMs, DATE_TOLERANCE_MS);
  const securityToken = headers['x-acs-security-token'] || null;
  const credential = findCredential(identities, authorization.accessKeyId, securityToken, options);
  checkBodyHash(request);
  const stringToSign = `${ALGORITHM}\n${sha256(canonicalRequest(request, authorization.signedHeaders))}`;
  const expected = createHmac('sha256', credential.accessKeySecret).update(stringToSign).digest('hex');
  if (!isSameSecret(authorization.signature, expected)) {
    throw new CloudError(
      400,
      'SignatureDoesNotMatch',
      `Specified signature is not matched with our calculation. server string to sign is:${stringToSign}`,
    );
  }
  checkSecurityToken(identities, credential, securityToken);
  return credential;
}

interface Authorization {
  readonly accessKeyId: string;
  readonly signedHeaders: ReadonlyArray<string>;
  readonly signature: string;
}

function parseAuthorization(header: string | undefined): Authorization {
  if (header === undefined || header === '') throw missingParameter('Authorization');
  const fields =
    /^ACS3-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  const [, accessKeyId, signedHeaders, signature] = fields ?? [];
  if (accessKeyId === undefined || signedHeaders === undefined || signature === undefined) {
    throw incompleteSignature();
  }
  return { accessKeyId, signedHeaders: signedHeaders.split(';'), signature };
}

function incompleteSignature(): CloudError {
  return new CloudError(
    400,
    'IncompleteSignature',
    'The request signature does not conform to Aliyun standards.',
  );
}

function canonicalRequest(request: SignedRequest, signedHeaders: ReadonlyArray<string>): string {
  const headerLines = signedHeaders.map((name) => {
    const value = request.headers[name];
    if (value === undefined) throw incompleteSignature();
    return `${name}:${value.trim()}\n`;
  });
  return [
    request.method,
    // The same three replacements that the vendor's SDKs make before they sign.
    request.path.replaceAll('+', '%20').replaceAll('*', '%2A').replaceAll('%7E', '~'),
    canonicalQuery(new URLSearchParams(request.query)),
    headerLines.join(''),
    signedHeaders.join(';'),
    request.headers['x-acs-content-sha256'],
  ].join('\n');
}

function checkBodyHash({ body, headers }: SignedRequest): void {
  if (body === undefined || body.length === 0) return;
  if (headers['x-acs-content-sha256'] === sha256(body)) return;
  throw new CloudError(
    400,
    'SignatureDoesNotMatch',
    'Specified signature is not matched with our calculation. x-acs-content-sha256 is not the hash of the body.',
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
