import type { IncomingHttpHeaders } from 'node:http';
import { CloudError } from '../../world/errors.ts';
import type { Foundation } from '../../world/foundation.ts';
import type { Credential } from '../../world/identities.ts';
import { parameterInvalid } from '../../world/tablestore/refusals.ts';
import { contentMd5, isSameSignature, type OtsHeaders, signRequest } from './signatures.ts';

const API_VERSION = '2015-12-31';
const REQUIRED_HEADERS = [
  'x-ots-date',
  'x-ots-apiversion',
  'x-ots-accesskeyid',
  'x-ots-instancename',
  'x-ots-contentmd5',
  'x-ots-signature',
] as const;
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const INSTANCE_NAME = /^[A-Za-z][A-Za-z0-9-]{1,14}[A-Za-z0-9]$/;

/** A request as far as its authenticity goes. */
export interface SignedRequest {
  /** `/PutRow` */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/**
 * The credential a request is signed with. Throws 400 OTSParameterInvalid for missing or malformed headers, else 403
 * OTSAuthFailed: unknown key, foreign instance, wrong signature, clock too far off, ended session, altered body.
 */
export function authenticate(
  foundation: Foundation,
  instanceName: string,
  { path, headers, body }: SignedRequest,
): Credential {
  const { clock, identities, switches } = foundation;
  for (const name of REQUIRED_HEADERS) {
    if (headers[name] === undefined) throw parameterInvalid(`Missing header: '${name}'.`);
  }
  const header = (name: (typeof REQUIRED_HEADERS)[number]) => String(headers[name]);
  if (header('x-ots-apiversion') !== API_VERSION) {
    throw parameterInvalid(`Unsupported API version: '${header('x-ots-apiversion')}'.`);
  }
  const date = header('x-ots-date');
  const dateMs = DATE.test(date) ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(dateMs)) throw parameterInvalid(`Invalid date format: ${date}.`);

  const credential = identities.find(header('x-ots-accesskeyid'));
  if (credential === null) throw authFailed('The AccessKeyID does not exist.');
  const instance = header('x-ots-instancename');
  if (!INSTANCE_NAME.test(instance)) throw parameterInvalid(`Invalid instance name: '${instance}'.`);
  if (instance !== instanceName) throw authFailed('The instance is not found.');

  const signed: Array<readonly [string, string]> = [];
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-ots-') && name !== 'x-ots-signature') signed.push([name, String(value)]);
  }
  const expected = signRequest(path, signed satisfies OtsHeaders, credential.accessKeySecret);
  if (!isSameSignature(header('x-ots-signature'), expected)) throw authFailed('Signature mismatch.');
  const token = headers['x-ots-ststoken'];
  if ((credential.securityToken ?? undefined) !== token) throw authFailed('The security token is invalid.');
  if (identities.isExpired(credential)) throw authFailed('The security token has expired.');
  if (Math.abs(clock.nowMs() - dateMs) > switches.otsDateToleranceMs) {
    throw authFailed(`Mismatch between system time and x-ots-date: ${date}.`);
  }
  if (contentMd5(body) !== header('x-ots-contentmd5')) {
    throw authFailed('Mismatch between MD5 value of request body and x-ots-contentmd5 in header.');
  }
  return credential;
}

function authFailed(message: string): CloudError {
  return new CloudError(403, 'OTSAuthFailed', message);
}
