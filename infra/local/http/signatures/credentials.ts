import { CloudError } from '../../world/errors.ts';
import type { Credential, Identities } from '../../world/identities.ts';
import { isSameSecret } from './encoding.ts';

/** Settings of the signature checks. */
export interface SignatureOptions {
  /** HTTP status of `InvalidAccessKeyId.NotFound`; the switch `rpcUnknownAccessKeyStatus`. @default 404 */
  readonly unknownAccessKeyStatus?: 400 | 404;
}

/**
 * The credential of an access key id. Throws `InvalidAccessKeyId.NotFound` for an unknown id, and for a session's id
 * without its token: the gateway finds such keys only through the token.
 */
export function findCredential(
  identities: Identities,
  accessKeyId: string,
  securityToken: string | null,
  options: SignatureOptions = {},
): Credential {
  const credential = identities.find(accessKeyId);
  if (credential === null || (credential.securityToken !== null && securityToken === null)) {
    throw new CloudError(
      options.unknownAccessKeyStatus ?? 404,
      'InvalidAccessKeyId.NotFound',
      'Specified access key is not found.',
    );
  }
  return credential;
}

/**
 * Checks the security token that came with a request whose signature is right: it must be the session's own and the
 * session must not have ended. Throws `InvalidSecurityToken.Malformed`, `.MismatchWithAccessKey` or `.Expired`, 400.
 */
export function checkSecurityToken(
  identities: Identities,
  credential: Credential,
  securityToken: string | null,
): void {
  if (securityToken !== null) {
    if (!/^CAIS[0-9A-Za-z+/=]+$/.test(securityToken)) {
      throw new CloudError(400, 'InvalidSecurityToken.Malformed', 'Specified SecurityToken is malformed.');
    }
    if (credential.securityToken === null || !isSameSecret(securityToken, credential.securityToken)) {
      throw new CloudError(
        400,
        'InvalidSecurityToken.MismatchWithAccessKey',
        'Specified SecurityToken mismatch with the AccessKey.',
      );
    }
  }
  if (identities.isExpired(credential)) {
    throw new CloudError(400, 'InvalidSecurityToken.Expired', 'Specified SecurityToken is expired.');
  }
}

/** The `MissingParameter` refusal (400), in the gateway's words. */
export function missingParameter(name: string): CloudError {
  return new CloudError(
    400,
    'MissingParameter',
    `The input parameter "${name}" that is mandatory for processing this request is not supplied.`,
  );
}

/**
 * Checks that a request's own time, `2026-11-20T15:18:46Z`, is at most `toleranceMs` away from `nowMs`, either way.
 * Throws `InvalidTimeStamp.Format` or `InvalidTimeStamp.Expired`, 400.
 */
export function checkTimestamp(text: string, nowMs: number, toleranceMs: number): void {
  const atMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) {
    throw new CloudError(
      400,
      'InvalidTimeStamp.Format',
      'Specified time stamp or date value is not well formatted.',
    );
  }
  if (Math.abs(nowMs - atMs) > toleranceMs) {
    throw new CloudError(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.');
  }
}
