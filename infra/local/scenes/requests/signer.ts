import { generateKeyPairSync } from 'node:crypto';
import { type ChangeRequest, REQUEST_KIND } from '../../../../shared/requests/document.ts';
import { signRequest } from '../../../../shared/requests/signature.ts';

/** Somebody who asks for changes, with a key that nobody else has. */
export interface Signer {
  /** `requestedBy` */
  readonly name: string;
  /** The 32 bytes in Base64, as the configuration has them. */
  readonly publicKey: string;
  /** The request as its requester would put it on the queue. */
  ask(said: Asked): ChangeRequest;
}

/** What a request says beside who asks. */
export type Asked = Omit<ChangeRequest, 'kind' | 'version' | 'requestedBy' | 'signature'>;

/** Makes a key pair for the requester; the private half never leaves this. */
export function createSigner(name: string, keyId: string): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    name,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64'),
    ask(said) {
      const request = { kind: REQUEST_KIND, version: 1, requestedBy: name, ...said } as const;
      return { ...request, signature: { keyId, value: signRequest(request, privateKey) } };
    },
  };
}

/** The configuration with the public keys in the places that wait for them. */
export function withKeys(configuration: string, signers: ReadonlyArray<Signer>): string {
  return signers.reduce(
    (text, { name, publicKey }) => text.replaceAll(`KEY-OF-${name}`, publicKey),
    configuration,
  );
}
