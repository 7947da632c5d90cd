import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestPolicy } from '../../../shared/config/requests.ts';
import type { ChangeRequest } from '../../../shared/requests/document.ts';
import { signRequest } from '../../../shared/requests/signature.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';

/** Where the name of the key's file may stand instead of `--key`. */
export const KEY_VARIABLE = 'AUTOPILOT_REQUEST_KEY';

/** Who asks, and with which of their keys. */
export interface Identity {
  readonly requestedBy: string;
  /** `null` = without a signature. */
  readonly key: { readonly id: string; readonly privateKey: KeyObject } | null;
}

/** What somebody says about who they are. */
export interface Claim {
  /** The name of a file. */
  readonly key?: string;
  readonly keyId?: string;
  readonly as?: string;
}

/**
 * Who asks: whoever they say, else the only requester whose key it is, else without a key `userName` as far as a name may
 * have its letters. Throws CommandError with 2 when it is not clear, or the key is none.
 */
export function identify(
  { key: file, keyId, as }: Claim,
  { requesters }: RequestPolicy,
  userName: string,
): Identity {
  if (file === undefined) {
    if (keyId !== undefined) throw wrong('--key-id goes with --key.');
    return { requestedBy: as ?? asName(userName), key: null };
  }
  const privateKey = readKey(file);
  if (as !== undefined && keyId !== undefined) return { requestedBy: as, key: { id: keyId, privateKey } };
  const publicKey = publicTextOf(privateKey);
  const owned = requesters
    .filter(({ name }) => as === undefined || name === as)
    .flatMap(({ name, keys }) => keys.map(({ id, publicKey: known }) => ({ name, id, known })))
    .filter(({ id, known }) => known === publicKey && (keyId === undefined || id === keyId));
  const names = [...new Set(owned.map(({ name }) => name))];
  const [first] = owned;
  if (first === undefined) {
    const whom = as === undefined ? 'no requester has' : `${as} has not`;
    throw wrong(
      `In the configuration ${whom} this key, whose public half is ${publicKey}. Say with --as and --key-id whose it is, or enter it.`,
    );
  }
  if (names.length > 1) throw wrong(`${names.join(' and ')} have this key: say with --as who asks.`);
  return { requestedBy: first.name, key: { id: first.id, privateKey } };
}

/** The request with a signature of whoever asks, if they have a key. */
export function signedBy(request: ChangeRequest, { key }: Identity): ChangeRequest {
  if (key === null) return request;
  const { signature: _, ...said } = request;
  return { ...said, signature: { keyId: key.id, value: signRequest(said, key.privateKey) } };
}

/** Nothing of what was given is repeated: it might be the key itself. */
function readKey(file: string): KeyObject {
  const named = `the file that --key or ${KEY_VARIABLE} names`;
  let text: Buffer;
  try {
    text = readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw wrong(`There is no key to be read in ${named} (${code}).`);
  }
  let key: KeyObject | null = null;
  try {
    key = createPrivateKey(text);
  } catch {
    // Whatever it is, it is not what is asked for.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw wrong(
    `In ${named} there is no Ed25519 private key as PEM without a passphrase (openssl genpkey -algorithm ed25519).`,
  );
}

/** The 32 bytes in Base64, as the configuration has them. */
function publicTextOf(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
}

function asName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 40);
  return name === '' ? 'somebody' : name;
}

function wrong(text: string): CommandError {
  return new CommandError(EXIT_STATUS.wrong, text);
}
