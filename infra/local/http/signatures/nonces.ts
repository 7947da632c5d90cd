import { CloudError } from '../../world/errors.ts';

/** The signature nonces that an endpoint has seen. */
export interface Nonces {
  /** Notes the nonce; throws `SignatureNonceUsed` (400) when that key used it before and it is still remembered. */
  use(accessKeyId: string, nonce: string, nowMs: number): void;
}

// Longer than any signature is accepted for, so that nothing can be replayed after it was forgotten.
const REMEMBERED_MS = 2 * 31 * 60_000;

/** Nothing seen yet. Memory is bounded by forgetting nonces whose requests would be too old by now anyway. */
export function createNonces(): Nonces {
  const forgetAtMs = new Map<string, number>();
  return {
    use(accessKeyId, nonce, nowMs) {
      // Insertion order is time order, so the ones to forget are in front.
      for (const [key, atMs] of forgetAtMs) {
        if (atMs > nowMs) break;
        forgetAtMs.delete(key);
      }
      const key = `${accessKeyId} ${nonce}`;
      if (forgetAtMs.has(key)) {
        throw new CloudError(400, 'SignatureNonceUsed', 'The request signature nonce has been used.');
      }
      forgetAtMs.set(key, nowMs + REMEMBERED_MS);
    },
  };
}
