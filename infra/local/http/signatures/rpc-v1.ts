import { createHmac } from 'node:crypto';
import { CloudError } from '../../world/errors.ts';
import type { Credential, Identities } from '../../world/identities.ts';
import {
  checkSecurityToken,
  checkTimestamp,
  findCredential,
  missingParameter,
  type SignatureOptions,
} from './credentials.ts';
import { canonicalQuery, isSameSecret, percentEncode } from './encoding.ts';

const TIMESTAMP_TOLERANCE_MS = 31 * 60_000;

/**
 * The credential that signed an RPC call by the legacy signature, version 1.0 by HMAC-SHA1. `parameters` are those of
 * the query and of a form body together, `Signature` among them. Throws CloudError in the API gateway's words, as
 * `verifyAcs3` does. That the nonce is new is not checked here: see `createNonces`.
 *
 * @see https://help.aliyun.com/document_detail/25490.html
 */
export function verifyRpcV1(
  request: { readonly method: string; readonly parameters: ReadonlyMap<string, string> },
  identities: Identities,
  nowMs: number,
  options: SignatureOptions = {},
): Credential {
  const { method, parameters } = request;
  const required = (name: string): string => {
    const value = parameters.get(name);
    if (value === undefined || value === '') throw missingParameter(name);
    return value;
  };
  const accessKeyId = required('AccessKeyId');
  const signature = required('Signature');
  required('SignatureNonce');
  if (required('SignatureMethod').toUpperCase() !== 'HMAC-SHA1' || required('SignatureVersion') !== '1.0') {
    throw new CloudError(
      400,
      'IncompleteSignature',
      'The request signature does not conform to Aliyun standards.',
    );
  }
  checkTimestamp(required('Timestamp'), nowMs, TIMESTAMP_TOLERANCE_MS);
  const securityToken = parameters.get('SecurityToken') || null;
  const credential = findCredential(identities, accessKeyId, securityToken, options);
  const signed = [...parameters].filter(([name]) => name !== 'Signature');
  const expected = createHmac('sha1', `${credential.accessKeySecret}&`)
    .update(stringToSign(method, signed))
    .digest('base64');
  if (!isSameSecret(signature, expected)) {
    // The real answer repeats the whole string; a session's token has no business in anybody's log.
    const shown = signed.map(([name, value]) => [name, name === 'SecurityToken' ? '***' : value] as const);
    throw new CloudError(
      400,
      'SignatureDoesNotMatch',
      `Specified signature is not matched with our calculation. server string to sign is:${stringToSign(method, shown)}`,
    );
  }
  checkSecurityToken(identities, credential, securityToken);
  return credential;
}

function stringToSign(method: string, pairs: Iterable<readonly [string, string]>): string {
  return `${method}&%2F&${percentEncode(canonicalQuery(pairs))}`;
}
