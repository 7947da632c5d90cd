import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessKey } from '../../../../shared/access-key.ts';
import {
  createQueueClient,
  DELAY_SECONDS_MAX,
  type QueueClient,
} from '../../../../shared/adapters/mns/queue-client.ts';
import {
  createQuarantineNotes,
  createRequestQueue,
  createResults,
  createWakeUps,
  QUEUES,
} from '../../../../shared/adapters/mns/queues.ts';
import { describeError, RejectedError, TransientError } from '../../../../shared/errors.ts';
import {
  answers,
  failureOf,
  hangUp,
  type MisbehavingServer,
  printed,
  startMisbehavingServer,
  WAYS_OF_NOT_ANSWERING,
} from '../../../support/misbehaving-server.ts';

const SECRET = 'secret-of-the-key-0123456789';
const TOKEN = 'CAIS-token-of-the-session-0123456789';
const TIMEOUT_MS = 300;
const MARGIN_MS = 900;

let server: MisbehavingServer;
let client: QueueClient;
const connect = (accessKey: () => AccessKey) =>
  createQueueClient({
    accountId: '1234567890123456',
    endpoint: server.endpoint,
    accessKey,
    timeoutMs: TIMEOUT_MS,
  });
beforeEach(async () => {
  server = await startMisbehavingServer();
  client = connect(() => ({ accessKeyId: 'STS.key', accessKeySecret: SECRET, securityToken: TOKEN }));
});
afterEach(() => server.close());

const xml = (root: string) => `<?xml version="1.0"?>${root}`;
const sent = answers(
  201,
  xml('<Message><MessageId>m-1</MessageId><MessageBodyMD5>0</MessageBodyMD5></Message>'),
  {
    'content-type': 'text/xml;charset=utf-8',
  },
);
const refusal = (status: number, code: string) =>
  answers(
    status,
    xml(
      `<Error><Code>${code}</Code><Message>these words</Message><RequestId>5F29</RequestId><HostId>h</HostId></Error>`,
    ),
    { 'content-type': 'text/xml' },
  );

describe('a server that does not take a message', () => {
  it.each([
    ...WAYS_OF_NOT_ANSWERING,
    [
      'answers 200 with a login page',
      answers(200, '<html></html>', { 'content-type': 'text/html' }),
    ] as const,
    [
      'answers with half a refusal',
      answers(400, xml('<Error><Code>Oops</Code></Error>'), { 'content-type': 'text/xml' }),
    ] as const,
    ['answers 201 with broken XML', answers(201, '<Message><', { 'content-type': 'text/xml' })] as const,
  ])('but %s leaves it open whether it is on the queue, in time, and gets it once', async (_, behaviour) => {
    server.behave(behaviour);

    const { error, tookMs } = await failureOf(client.send('q', 'text', 0));

    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ reason: 'unknown-outcome', origin: { api: 'SendMessage', code: null } });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
    expect(server.requests()).toBe(1);
    for (const secret of [SECRET, TOKEN, 'MNS STS.key:']) expect(printed(error)).not.toContain(secret);
  });
});

describe('a refusal', () => {
  it.each([
    [404, 'QueueNotExist'],
    [403, 'AccessDenied'],
    [400, 'InvalidArgument'],
  ])('%i %s is final, with its code and request id', async (status, code) => {
    server.behave(refusal(status, code));

    const { error } = await failureOf(client.send('q', 'text', 0));

    expect(error).toBeInstanceOf(RejectedError);
    expect(describeError(error)).toBe(
      `MNS SendMessage to q was refused (SendMessage, ${code}, request 5F29)`,
    );
  });

  it.each([
    [500, 'InternalError', 'unknown-outcome'],
    [503, 'ServiceUnavailable', 'unknown-outcome'],
    [403, 'QpsLimitExceeded', 'throttled'],
  ])('%i %s may work later: %s', async (status, code, reason) => {
    server.behave(refusal(status, code));

    const { error } = await failureOf(client.send('q', 'text', 0));

    expect(error).toMatchObject({ name: 'TransientError', reason, origin: { code, requestId: '5F29' } });
    expect(server.requests()).toBe(1);
  });
});

describe('a message', () => {
  const bodies: Array<string> = [];
  const paths: Array<string | undefined> = [];
  beforeEach(() => {
    bodies.length = 0;
    paths.length = 0;
    server.behave((response, request, body) => {
      bodies.push(body.toString());
      paths.push(request.url);
      return sent(response, request, body);
    });
  });
  const textOf = (body = '') =>
    Buffer.from(/<MessageBody>(.*)<\/MessageBody>/.exec(body)?.[1] ?? '', 'base64').toString();
  const delayOf = (body = '') => /<DelaySeconds>(.*)<\/DelaySeconds>/.exec(body)?.[1] ?? null;

  it('travels as Base64, so that XML and other alphabets pass', async () => {
    const text = '</MessageBody>&<a "抢占式"🙂\u0000';

    await client.send('q', text, 0);

    expect(textOf(bodies[0])).toBe(text);
    expect(delayOf(bodies[0])).toBeNull();
  });

  it('that wakes a lane comes at its time or up to a second later, never earlier, and never after seven days', async () => {
    const wakeUps = createWakeUps(client, { nowMs: () => 1_000_000 });

    await wakeUps.send('lb-1', 1_000_000 + 1_001);
    await wakeUps.send('lb-1', 999_000);
    await wakeUps.send('lb-1', 1_000_000 + 30 * 86_400_000);

    expect(bodies.map((body) => delayOf(body))).toEqual(['2', null, String(DELAY_SECONDS_MAX)]);
    expect(JSON.parse(textOf(bodies[0]))).toEqual({
      kind: 'slb-autopilot/wake-up',
      version: 2,
      lane: 'lb-1',
      dueAtMs: 1_001_001,
    });
    expect(paths[0]).toBe(`/queues/${QUEUES.wakeUps}/messages`);
  });

  it('with a result, or with a request that goes back, travels as it is, once more when nobody answers', async () => {
    let turn = 0;
    server.behave((response, request, body) => {
      bodies.push(body.toString());
      paths.push(request.url);
      return (turn++ === 0 ? hangUp : sent)(response, request, body);
    });

    await createResults(client).send('{"a":"抢占式"}');
    await createRequestQueue(client).send('{"b":1}', 90);

    expect(bodies.map(textOf)).toEqual(['{"a":"抢占式"}', '{"a":"抢占式"}', '{"b":1}']);
    expect(bodies.map(delayOf)).toEqual([null, null, '90']);
    expect(paths).toEqual([
      `/queues/${QUEUES.results}/messages`,
      `/queues/${QUEUES.results}/messages`,
      `/queues/${QUEUES.changeRequests}/messages`,
    ]);
  });

  it('with a result that the queue refuses is not sent again', async () => {
    server.behave(refusal(403, 'AccessDenied'));

    const { error } = await failureOf(createResults(client).send('{}'));

    expect(error).toBeInstanceOf(RejectedError);
    expect(server.requests()).toBe(1);
  });

  it('about something in quarantine names key and reason', async () => {
    await createQuarantineNotes(client).send('quarantine:abc', 'of no known shape');

    expect(JSON.parse(textOf(bodies[0]))).toMatchObject({
      key: 'quarantine:abc',
      reason: 'of no known shape',
    });
    expect(paths[0]).toBe(`/queues/${QUEUES.quarantine}/messages`);
  });
});

describe('the access key', () => {
  it('is the current one in every call, its token too', async () => {
    const seen: Array<unknown> = [];
    server.behave((response, request, body) => {
      const { authorization, 'security-token': token } = request.headers;
      seen.push([/^MNS ([^:]+):/.exec(authorization ?? '')?.[1], token]);
      return sent(response, request, body);
    });
    const keys: ReadonlyArray<AccessKey> = [
      { accessKeyId: 'STS.1', accessKeySecret: 's1', securityToken: 't1' },
      { accessKeyId: 'STS.1', accessKeySecret: 's1', securityToken: 't2' },
      { accessKeyId: 'LTAI', accessKeySecret: 's3', securityToken: null },
    ];
    let turn = 0;
    const changing = connect(() => keys[turn] as AccessKey);

    for (; turn < keys.length; turn++) await changing.send('q', 'text', 0);

    expect(seen).toEqual([
      ['STS.1', 't1'],
      ['STS.1', 't2'],
      ['LTAI', undefined],
    ]);
  });
});
