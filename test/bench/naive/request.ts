import { verify } from 'node:crypto';
import { canonicalText } from '../../../shared/events/json.ts';
import { publicKeyOf } from '../../../shared/requests/signature.ts';

/**
 * Whether a change request is signed, as one writes it first: parsed and verified, nothing looked at in between. Throws for
 * much of what is none.
 */
export function naiveAdmit(text: string, publicKeys: ReadonlyMap<string, string>): boolean {
  const { signature, ...said } = JSON.parse(text);
  const publicKey = publicKeyOf(publicKeys.get(signature.keyId) ?? '');
  return verify(null, Buffer.from(canonicalText(said)), publicKey, Buffer.from(signature.value, 'base64'));
}
