import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Requester, RequesterKey } from '../config/requests.ts';
import { canonicalText } from '../events/json.ts';
import type { ChangeRequest } from './document.ts';

/** What a signature says about a request. */
export type SignatureFinding =
  | { readonly kind: 'none' }
  | { readonly kind: 'good'; readonly requester: Requester }
  /** `reason` completes "refused: …"; it never repeats what was signed. */
  | { readonly kind: 'bad'; readonly reason: string };

/** The bytes that are signed: the canonical JSON of the request without its signature. */
export function signedBytes({
  signature: _,
  ...said
}: Omit<ChangeRequest, 'signature'> & { signature?: unknown }): Buffer {
  return Buffer.from(canonicalText(said), 'utf8');
}

/**
 * Checks who signed a request: the key must be one of its requester's, valid at `nowMs`, and the signature its. A key that
 * is not known and one of somebody else are told apart, since the latter is worth a question.
 */
export function checkSignature(
  request: ChangeRequest,
  requesters: ReadonlyArray<Requester>,
  nowMs: number,
): SignatureFinding {
  const { signature, requestedBy } = request;
  if (signature === undefined) return { kind: 'none' };
  const requester = requesters.find(({ name }) => name === requestedBy);
  if (requester === undefined) return bad(`no requester is called ${requestedBy}`);
  const key = requester.keys.find(({ id }) => id === signature.keyId);
  if (key === undefined) {
    const owner = requesters.find(({ keys }) => keys.some(({ id }) => id === signature.keyId));
    return bad(
      owner === undefined
        ? `no key is called ${signature.keyId}`
        : `the key ${signature.keyId} is not one of ${requestedBy}'s`,
    );
  }
  const validity = faultOfValidity(key, nowMs);
  if (validity !== null) return bad(validity);
  const isGood = verify(null, signedBytes(request), keyObjectOf(key), Buffer.from(signature.value, 'base64'));
  return isGood ? { kind: 'good', requester } : bad('the signature does not belong to what it says');
}

/** The signature's value for a request, as who holds the private key makes it. */
export function signRequest(request: Omit<ChangeRequest, 'signature'>, privateKey: KeyObject): string {
  return sign(null, signedBytes(request), privateKey).toString('base64');
}

/** Making one costs more than checking a signature with it. */
const keyObjects = new WeakMap<RequesterKey, KeyObject>();

function keyObjectOf(key: RequesterKey): KeyObject {
  const known = keyObjects.get(key) ?? publicKeyOf(key.publicKey);
  keyObjects.set(key, known);
  return known;
}

/** In front of the 32 bytes of an Ed25519 key: the DER of a SubjectPublicKeyInfo, RFC 8410. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The key of its 32 bytes in Base64. Throws when they are none. */
export function publicKeyOf(base64: string): KeyObject {
  const der = Buffer.concat([SPKI_PREFIX, Buffer.from(base64, 'base64')]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

function faultOfValidity({ id, fromMs, untilMs }: RequesterKey, nowMs: number): string | null {
  if (fromMs !== null && nowMs < fromMs) return `the key ${id} is not valid yet`;
  if (untilMs !== null && nowMs >= untilMs) return `the key ${id} is not valid any more`;
  return null;
}

function bad(reason: string): SignatureFinding {
  return { kind: 'bad', reason };
}
