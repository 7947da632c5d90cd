import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalClouds, startLocalClouds } from '../../infra/local/clouds.ts';
import type { Credential } from '../../infra/local/world/identities.ts';
import type { PolicyDocument } from '../../infra/local/world/policy.ts';
import { parseBatch } from '../../shared/events/interpret.ts';
import type { ChangeRequested } from '../../shared/events/model.ts';
import { admit } from '../../shared/requests/admission.ts';
import type { ChangeRequest } from '../../shared/requests/document.ts';
import { aBinding, NOW_MS } from '../support/builders.ts';
import { aRequest, aRequester } from '../support/requests.ts';
import { PRODUCER_FILES, runLine, runProducer } from './run-producer.ts';

const QUEUE = 'slb-autopilot-change-requests';
const SENDING: PolicyDocument['Statement'][number] = {
  Effect: 'Allow',
  Action: ['mns:SendMessage'],
  Resource: [`acs:mns:*:*:/queues/${QUEUE}/messages`],
};

/** As much of the untyped client as these tests use. */
interface MnsClient {
  createQueue(name: string): Promise<unknown>;
  batchReceiveMessage(
    name: string,
    count: number,
  ): Promise<{ body: Array<{ MessageId: string; MessageBody: string; ReceiptHandle: string }> }>;
  deleteMessage(name: string, handle: string): Promise<unknown>;
}
const Mns = createRequire(import.meta.url)('@alicloud/mns') as new (id: string, options: object) => MnsClient;

let clouds: LocalClouds;
let client: MnsClient;
let producer: Credential;
let folder: string;
let publicKey: string;

beforeAll(async () => {
  clouds = await startLocalClouds();
  const { identities } = clouds.foundation;
  client = new Mns(identities.accountId, { endpoint: clouds.endpoints.mns, ...identities.administrator });
  await client.createQueue(QUEUE);
  identities.putRole('producer', [{ Version: '1', Statement: [SENDING] }]);
  producer = identities.assumeRole('producer', 'ci', 3_600_000);
  folder = mkdtempSync(join(tmpdir(), 'producers-'));
  await runLine('openssl genpkey -algorithm ed25519 -out "$1/ci.pem"', folder);
  publicKey = await runLine(
    'openssl pkey -in "$1/ci.pem" -pubout -outform DER | tail -c 32 | base64',
    folder,
  );
});
afterAll(async () => {
  await clouds.close();
  rmSync(folder, { recursive: true, force: true });
});

const keyFile = () => join(folder, 'ci.pem');

/** Runs a producer with the key of `ci`, unless told otherwise, and the temporary key of a role that may send. */
function ask(
  file: string,
  input: string | Buffer,
  { args, key = producer, ...env }: { args?: Array<string>; key?: Credential } & Record<string, unknown> = {},
) {
  return runProducer(file, {
    args: args ?? ['--key', keyFile(), '--key-id', 'ci-2026'],
    input,
    env: {
      MNS_ENDPOINT: clouds.endpoints.mns,
      ALIBABA_CLOUD_ACCESS_KEY_ID: key.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.accessKeySecret,
      ...(key.securityToken === null ? {} : { ALIBABA_CLOUD_SECURITY_TOKEN: key.securityToken }),
      TMPDIR: folder,
      ...(env as Record<string, string>),
    },
  });
}

/** Takes everything off the queue. */
async function received(): Promise<ReadonlyArray<{ messageId: string; event: ChangeRequested }>> {
  const { body } = await client.batchReceiveMessage(QUEUE, 16);
  for (const { ReceiptHandle } of body) await client.deleteMessage(QUEUE, ReceiptHandle);
  return body.map(({ MessageId: messageId, MessageBody: messageBody }) => {
    const [event] = parseBatch(Buffer.from(JSON.stringify([{ data: { messageId, messageBody } }])));
    if (event?.kind !== 'change-request') throw new Error(`read as ${JSON.stringify(event)}`);
    return { messageId, event };
  });
}

function admission(request: ChangeRequest) {
  const key = { id: 'ci-2026', publicKey: publicKey.trim(), fromMs: null, untilMs: null };
  const requests = { areSignaturesRequired: true, requesters: [aRequester({ keys: [key] })] };
  return admit(request, { requests, bindings: [aBinding()], pairs: [] }, NOW_MS);
}

/** Whatever an escape, a sort, a shell or XML could spoil. The one in the middle is text, and no escape. */
const REASON =
  '"quoted" \\ back\\\\slash\\" / \\ud800 \b\f\n\r\t \u0000\u0001\u001f\u007f\u0080\u009f äöüß 日本 🎉👩‍🔧 \u2028\u2029\uFEFF ' +
  "e\u0301 \uE000 \uFFFE 'single' $(id) `id` %s %b \\0101 $HOME <a>&amp;</MessageBody>]]>";
/** Its members in an order of its own, and numbers spelt in other ways. */
const TRICKY = `{ "version": 1.0, "requestId": "deploy-4711", "kind": "slb-autopilot/change-request",
  "change": { "ports": [443, 8e1], "kind": "drain", "instances": ["i-bp1b", "i-bp1a"], "for": "2h", "binding": "web" },
  "dryRun": false, "reason": ${JSON.stringify(REASON)}, "requestedBy": "ci" }\n`;

const FAULTS: ReadonlyArray<[string, string | Buffer, RegExp]> = [
  ['what is no JSON', '{"kind": ', /JSON|Expecting|could not be read/],
  ['another document', '{"kind":"slb-autopilot/wake-up","version":1}', /no change request/],
  ['a request that is signed already', JSON.stringify({ ...aRequest(), signature: {} }), /signature already/],
  [
    'half a surrogate pair',
    JSON.stringify(aRequest({ reason: 'x' })).replace('"x"', '"\\ud83d!"'),
    /surrogate|could not be read|no Unicode/,
  ],
  [
    'what is no UTF-8',
    Buffer.from(JSON.stringify(aRequest({ reason: 'ü' })), 'latin1'),
    /utf-?8|no Unicode/i,
  ],
  ['more than 48 KiB', JSON.stringify(aRequest({ reason: 'x'.repeat(49_000) })), /48 KiB/],
];

describe.each(PRODUCER_FILES)('%s', (file) => {
  it.each(FAULTS)('refuses %s, saying so, and sends nothing', async (_what, input, why) => {
    const ended = await ask(file, input);

    expect(ended).toMatchObject({ status: 1, out: '' });
    expect(ended.err).toMatch(why);
    await expect(received()).rejects.toThrow(/MessageNotExist|not exist/i);
  });

  it('refuses keys that are none, or of another kind, and names the file', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const other = join(folder, 'p256.pem');
    writeFileSync(other, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const none = join(folder, 'none.pem');

    for (const pem of [other, none]) {
      const ended = await ask(file, TRICKY, { args: ['--key', pem, '--key-id', 'ci-2026'] });
      expect(ended).toMatchObject({ status: 1, out: '' });
      expect(ended.err).toContain(pem);
    }
    rmSync(other);
  });

  it('says what of its command line or the environment is missing', async () => {
    expect(await ask(file, TRICKY, { args: ['--key', keyFile()] })).toMatchObject({
      status: 1,
      err: expect.stringMatching(/--key-id/),
    });
    expect(await ask(file, TRICKY, { ALIBABA_CLOUD_ACCESS_KEY_SECRET: '' })).toMatchObject({
      status: 1,
      err: expect.stringContaining('ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set'),
    });
  });

  it('passes on what MNS says, and fails when it says nothing', async () => {
    const { identities } = clouds.foundation;
    identities.putRole('reader', [
      { Version: '1', Statement: [{ ...SENDING, Action: ['mns:ReceiveMessage'] }] },
    ]);
    const reader = identities.assumeRole('reader', 'ci', 60_000);

    const denied = await ask(file, TRICKY, { key: reader });
    const unheard = await ask(file, TRICKY, { MNS_ENDPOINT: 'http://127.0.0.1:1' });

    expect(denied).toMatchObject({ status: 1, out: '', err: expect.stringMatching(/403.*[0-9A-F]{24}/) });
    expect(denied.err).toContain('AccessDenied');
    expect(unheard).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringMatching(/request\.(ts|py|sh): .+/),
    });
  });

  it('signs what it is given and puts it on the queue: it is admitted, and refused once altered', async () => {
    const ended = await ask(file, TRICKY);

    expect(ended).toMatchObject({ status: 0, err: '' });
    const [message, ...others] = await received();
    expect(others).toEqual([]);
    expect(ended.out).toBe(`${message?.messageId}\n`);
    const request = message?.event.request as ChangeRequest;
    expect(request.reason).toBe(REASON);
    expect(request.change).toMatchObject({ ports: [443, 80], instances: ['i-bp1b', 'i-bp1a'] });
    expect(admission(request)).toEqual({ kind: 'admitted' });
    for (const altered of [
      { ...request, reason: REASON.replace('\u007f', '') },
      { ...request, dryRun: true },
      { ...request, requestId: 'deploy-4712' },
    ]) {
      expect(admission(altered)).toMatchObject({ kind: 'refused', code: 'bad-signature' });
    }
  });

  it('takes the request from a file, as large as one may be, with a lasting key, and leaves nothing behind', async () => {
    const instances = Array.from({ length: 100 }, (_, n) => `i-${String(n).padStart(60, '0')}`);
    const ports = Array.from({ length: 40 }, (_, n) => n * 1_600 + 1);
    const change = { kind: 'drain', binding: 'web', instances, ports, for: '2h' } as const;
    const path = join(folder, 'request.json');
    writeFileSync(path, JSON.stringify(aRequest({ change }), null, 2));

    const ended = await ask(file, '', {
      args: ['--key', keyFile(), '--key-id', 'ci-2026', path],
      key: clouds.foundation.identities.administrator,
    });

    expect(ended).toMatchObject({ status: 0, err: '' });
    const [message] = await received();
    expect(message?.event.request.change).toEqual(change);
    expect(admission(message?.event.request as ChangeRequest)).toEqual({ kind: 'admitted' });
    rmSync(path);
    // tsx keeps what it has compiled.
    expect(readdirSync(folder).filter((name) => !name.startsWith('tsx-'))).toEqual(['ci.pem']);
  });
});

describe('all producers', () => {
  it('make the same request of the same document, so that asking again in another way is a repeat', async () => {
    for (const file of PRODUCER_FILES) expect(await ask(file, TRICKY)).toMatchObject({ status: 0 });

    const hashes = new Set((await received()).map(({ event }) => event.payloadHash));

    expect(hashes.size).toBe(1);
  });

  it('need nothing of the product, so that they can be copied', () => {
    const source = readFileSync(new URL('../../events/producers/request.ts', import.meta.url), 'utf8');

    expect([...source.matchAll(/ from '([^']+)'/g)].map(([, name]) => name)).toEqual([
      'node:crypto',
      'node:fs',
      'node:util',
      '@alicloud/mns',
      'canonicalize',
    ]);
  });
});
