// Signs a change request of slb-autopilot, puts it on the queue and prints the message's id.
//
//   npx tsx request.ts --key ci.pem --key-id ci-2026 [FILE]
//
// FILE holds the request as JSON, without a signature; without FILE it is read from standard input. In the environment:
// MNS_ENDPOINT (https://ACCOUNT.mns.REGION.aliyuncs.com), ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET
// and, with a temporary key, ALIBABA_CLOUD_SECURITY_TOKEN. Exit status: 0 it is on the queue, 1 it is not, or nobody knows.
// Running it again does no harm: the same request under the same requestId is carried out once.
//
// Needs Node 20 and the packages @alicloud/mns, canonicalize and tsx; nothing else of slb-autopilot.
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import MnsModule from '@alicloud/mns';
import canonicalizeModule from 'canonicalize';

const QUEUE = 'slb-autopilot-change-requests';
const KIND = 'slb-autopilot/change-request';
/** Base64 makes it the 64 KiB that a message may have. */
const REQUEST_BYTES_MAX = 48 * 1024;
const TIMEOUT_MS = 10_000;

// The one package has no types, those of the other are of another module system.
const Mns = MnsModule as unknown as new (
  accountId: string,
  options: object,
) => {
  sendMessage(
    queue: string,
    message: { MessageBody: string },
  ): Promise<{ code: number; body?: { MessageId?: string } }>;
};
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string;

function readRequest(file: string | undefined): Record<string, unknown> {
  // `fatal`: what is no UTF-8 must not become something else silently. 0 is standard input.
  const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file ?? 0));
  const request = JSON.parse(text, refuseHalves);
  if (request?.kind !== KIND) throw new Error(`it is no change request: its kind is not ${KIND}`);
  if ('signature' in request) throw new Error('it has a signature already');
  return request;
}

/** Half a surrogate pair passes JSON.parse as an escape, and has no UTF-8 that could be signed. */
function refuseHalves(name: string, value: unknown): unknown {
  // In a `u` pattern a surrogate matches only when it stands alone.
  if (/\p{Surrogate}/u.test(typeof value === 'string' ? name + value : name)) {
    throw new Error('a text has half a surrogate pair');
  }
  return value;
}

/** The request with its signature: Ed25519 over the canonical JSON (RFC 8785) of all the rest. */
function signRequest(request: Record<string, unknown>, privateKey: KeyObject, keyId: string): string {
  const said = canonicalize(request);
  const value = sign(null, Buffer.from(said, 'utf8'), privateKey).toString('base64');
  return canonicalize({ ...request, signature: { keyId, value } });
}

async function send(text: string): Promise<string> {
  const endpoint = variable('MNS_ENDPOINT').replace(/\/$/, '');
  const securityToken = process.env.ALIBABA_CLOUD_SECURITY_TOKEN;
  // The account is part of the endpoint's name; the client only wants to see one.
  const client = new Mns('by-endpoint', {
    endpoint: /^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`,
    accessKeyId: variable('ALIBABA_CLOUD_ACCESS_KEY_ID'),
    accessKeySecret: variable('ALIBABA_CLOUD_ACCESS_KEY_SECRET'),
    ...(securityToken ? { securityToken } : {}),
    readTimeout: TIMEOUT_MS,
    // In truth the longest silence on the connection: below the other it would end calls that are being answered.
    connectTimeout: TIMEOUT_MS,
  });
  const { code, body } = await client.sendMessage(QUEUE, {
    MessageBody: Buffer.from(text, 'utf8').toString('base64'),
  });
  // The client takes an error page that is not XML for success.
  if (code !== 201 || body?.MessageId === undefined) throw new Error(`MNS answered with status ${code}`);
  return body.MessageId;
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

try {
  const { values, positionals } = parseArgs({
    options: { key: { type: 'string' }, 'key-id': { type: 'string' } },
    allowPositionals: true,
  });
  if (!values.key || !values['key-id'] || positionals.length > 1) {
    throw new Error('usage: request.ts --key PEM --key-id ID [FILE]');
  }
  const privateKey = createPrivateKey(readFileSync(values.key));
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`${values.key} is no Ed25519 key`);
  const text = signRequest(readRequest(positionals[0]), privateKey, values['key-id']);
  if (Buffer.byteLength(text) > REQUEST_BYTES_MAX) throw new Error('it is larger than 48 KiB');
  console.log(await send(text));
} catch (error) {
  // MNS's codes are in the name: MNSAccessDeniedError. Of a failed connection the message may be empty.
  const { name, message, code } = error as Error & { code?: string };
  console.error(`request.ts: ${name === 'Error' ? '' : `${name}: `}${message || code}`);
  process.exitCode = 1;
}
