import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../../../../infra/local/http/listen.ts';
import { createMnsApp } from '../../../../../infra/local/http/mns/app.ts';
import { createFoundation, type FoundationOptions } from '../../../../../infra/local/world/foundation.ts';
import type { Credential } from '../../../../../infra/local/world/identities.ts';
import { createMns } from '../../../../../infra/local/world/mns/mns.ts';

interface Answer<Body> {
  readonly code: number;
  readonly headers: Record<string, string>;
  readonly body: Body;
}
type Fields = Record<string, string>;
/** As much of the untyped client as these tests use. */
interface Client {
  createQueue(name: string, attributes?: object): Promise<Answer<undefined>>;
  setQueueAttributes(name: string, attributes: object): Promise<Answer<undefined>>;
  getQueueAttributes(name: string): Promise<Answer<Fields>>;
  deleteQueue(name: string): Promise<Answer<undefined>>;
  listQueue(start?: string, limit?: number, prefix?: string): Promise<Answer<Array<Fields> | undefined>>;
  sendMessage(name: string, message: object): Promise<Answer<Fields>>;
  batchSendMessage(name: string, messages: Array<object>): Promise<Answer<Array<Fields>>>;
  receiveMessage(name: string, waitSeconds?: number): Promise<Answer<Fields>>;
  batchReceiveMessage(name: string, count: number, waitSeconds?: number): Promise<Answer<Array<Fields>>>;
  peekMessage(name: string): Promise<Answer<Fields>>;
  batchPeekMessage(name: string, count: number): Promise<Answer<Array<Fields>>>;
  deleteMessage(name: string, handle: string): Promise<Answer<undefined>>;
  batchDeleteMessage(name: string, handles: Array<string>): Promise<Answer<Array<Fields> | undefined>>;
  changeMessageVisibility(name: string, handle: string, seconds: number): Promise<Answer<Fields>>;
}
const MnsClient = createRequire(import.meta.url)('@alicloud/mns') as new (
  accountId: string,
  options: object,
) => Client;

let opened: Array<() => Promise<void>> = [];
afterEach(async () => {
  await Promise.all(opened.map((close) => close()));
  opened = [];
});

async function aCloud(options: FoundationOptions = {}) {
  const foundation = createFoundation(options);
  const mns = createMns(foundation);
  const server = await listen(createMnsApp(foundation, mns));
  opened.push(() => {
    mns.close();
    return server.close();
  });
  const clientOf = (credential: {
    accessKeyId: string;
    accessKeySecret: string;
    securityToken?: string | null;
  }) =>
    new MnsClient(foundation.identities.accountId, {
      endpoint: server.endpoint,
      accessKeyId: credential.accessKeyId,
      accessKeySecret: credential.accessKeySecret,
      securityToken: credential.securityToken ?? undefined,
      readTimeout: 40_000,
      connectTimeout: 40_000,
    });
  const { administrator } = foundation.identities;
  return { foundation, mns, server, clientOf, administrator, client: clientOf(administrator) };
}

/** A request that this test signs itself, so that the wire can be seen as it is. */
async function send(
  server: Listening,
  credential: Credential,
  method: string,
  target: string,
  body = '',
  changes: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, string | Array<string> | undefined>; text: string }> {
  const headers: Record<string, string> = {
    date: new Date().toUTCString(),
    'x-mns-version': '2015-06-06',
    'content-type': 'text/xml;charset=utf-8',
    'content-md5': Buffer.from(createHash('md5').update(body).digest('hex')).toString('base64'),
    'content-length': String(Buffer.byteLength(body)),
    ...changes,
  };
  const own = Object.keys(headers)
    .filter((name) => name.startsWith('x-mns-'))
    .sort();
  const text = [
    method,
    headers['content-md5'],
    headers['content-type'],
    headers.date,
    ...own.map((name) => `${name}:${headers[name]}`),
    target,
  ].join('\n');
  const signature = createHmac('sha1', credential.accessKeySecret).update(text).digest('base64');
  headers.authorization = changes.authorization ?? `MNS ${credential.accessKeyId}:${signature}`;
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server.endpoint}${target}`, { method, headers, path: target }, (incoming) => {
      incoming.setEncoding('utf8');
      let received = '';
      incoming.on('data', (chunk: string) => {
        received += chunk;
      });
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: received }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

describe('the vendor’s client', () => {
  it('creates, reads, changes, lists and deletes queues', async () => {
    const { client, server } = await aCloud();

    const created = await client.createQueue('jobs', { VisibilityTimeout: 60 });
    expect(created).toMatchObject({ code: 201, headers: { location: `${server.endpoint}/queues/jobs` } });
    expect((await client.createQueue('jobs', { VisibilityTimeout: 60 })).code).toBe(204);
    await expect(client.createQueue('jobs')).rejects.toMatchObject({ name: 'MNSQueueAlreadyExistError' });
    expect((await client.setQueueAttributes('jobs', { PollingWaitSeconds: 1 })).code).toBe(204);
    const { body } = await client.getQueueAttributes('jobs');
    expect(body).toMatchObject({
      QueueName: 'jobs',
      DelaySeconds: '0',
      MaximumMessageSize: '65536',
      MessageRetentionPeriod: '345600',
      VisibilityTimeout: '60',
      PollingWaitSeconds: '1',
      ActiveMessages: '0',
      InactiveMessages: '0',
      DelayMessages: '0',
      LoggingEnabled: 'False',
    });
    expect(Math.abs(Number(body.CreateTime) - Date.now() / 1_000)).toBeLessThan(60);

    await client.createQueue('jobs-2');
    await client.createQueue('other');
    expect((await client.listQueue(undefined)).body).toHaveLength(3);
    const page = await client.listQueue('', 1, 'jobs');
    expect(page.body).toEqual([{ QueueURL: `${server.endpoint}/queues/jobs` }]);
    expect((await client.listQueue('', 10, 'none')).body).toBeUndefined();

    expect((await client.deleteQueue('jobs')).code).toBe(204);
    await expect(client.getQueueAttributes('jobs')).rejects.toMatchObject({ name: 'MNSQueueNotExistError' });
  });

  it('sends, peeks, receives, hides and deletes a message', async () => {
    const { client } = await aCloud();
    await client.createQueue('jobs');

    const sent = await client.sendMessage('jobs', { MessageBody: 'aGVsbG8=', Priority: 3 });
    expect(sent.code).toBe(201);
    // MD5 of the text `aGVsbG8=`, from md5sum.
    expect(sent.body).toEqual({
      MessageId: expect.stringMatching(/^[0-9A-F]{32}$/),
      MessageBodyMD5: createHash('md5').update('aGVsbG8=').digest('hex').toUpperCase(),
    });
    const peeked = await client.peekMessage('jobs');
    expect(peeked.body).toMatchObject({ MessageBody: 'aGVsbG8=', DequeueCount: '0', FirstDequeueTime: '0' });
    expect(peeked.body).not.toHaveProperty('ReceiptHandle');
    expect(peeked.body).not.toHaveProperty('NextVisibleTime');

    const { body } = await client.receiveMessage('jobs');
    expect(Object.keys(body).sort()).toEqual(
      [
        'MessageId',
        'ReceiptHandle',
        'MessageBody',
        'MessageBodyMD5',
        'EnqueueTime',
        'NextVisibleTime',
        'FirstDequeueTime',
        'DequeueCount',
        'Priority',
      ].sort(),
    );
    expect(body).toMatchObject({ MessageId: sent.body.MessageId, DequeueCount: '1', Priority: '3' });
    expect(body.ReceiptHandle).toMatch(/^[A-Za-z0-9_-]+$/);
    await expect(client.receiveMessage('jobs')).rejects.toMatchObject({ name: 'MNSMessageNotExistError' });

    const changed = await client.changeMessageVisibility('jobs', body.ReceiptHandle ?? '', 60);
    expect(changed.code).toBe(200);
    await expect(client.deleteMessage('jobs', body.ReceiptHandle ?? '')).rejects.toMatchObject({
      name: 'MNSMessageNotExistError',
    });
    expect((await client.deleteMessage('jobs', changed.body.ReceiptHandle ?? '')).code).toBe(204);
    await expect(client.deleteMessage('jobs', 'x')).rejects.toMatchObject({
      name: 'MNSReceiptHandleErrorError',
    });
  });

  it('waits in a long poll for a delayed message', async () => {
    const { client } = await aCloud();
    await client.createQueue('jobs');
    const delayed = await client.sendMessage('jobs', { MessageBody: 'later', DelaySeconds: 1 });
    const startedAt = Date.now();

    expect(delayed.body).toHaveProperty('ReceiptHandle');
    await expect(client.receiveMessage('jobs')).rejects.toMatchObject({ name: 'MNSMessageNotExistError' });
    expect((await client.receiveMessage('jobs', 10)).body).toMatchObject({ MessageBody: 'later' });
    expect(Date.now() - startedAt).toBeGreaterThan(500);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });

  it('is handed nothing after it hung up in a long poll', async () => {
    const { clientOf, administrator, foundation, mns, server } = await aCloud();
    mns.createQueue('jobs');
    const impatient = new MnsClient(administrator.principal.accountId, {
      ...administrator,
      endpoint: server.endpoint,
      readTimeout: 200,
      connectTimeout: 200,
    });

    await expect(impatient.receiveMessage('jobs', 20)).rejects.toMatchObject({ name: 'RequestTimeoutError' });
    await expect.poll(() => foundation.gate.records.at(-1)?.errorCode).toBe('MessageNotExist');
    mns.sendMessage('jobs', { body: 'x' });

    expect((await clientOf(administrator).receiveMessage('jobs')).body.DequeueCount).toBe('1');
  });

  it('sends, receives and deletes in batches, and reads partial failures', async () => {
    const { client } = await aCloud();
    await client.createQueue('jobs');

    const sent = await client.batchSendMessage('jobs', [{ MessageBody: 'a' }, { MessageBody: 'b' }]);
    expect(sent).toMatchObject({ code: 201, body: [{ MessageId: expect.any(String) }, {}] });
    const partly = await client.batchSendMessage('jobs', [
      { MessageBody: 'c' },
      { MessageBody: 'd', DelaySeconds: 700_000 },
    ]);
    expect(partly.code).toBeGreaterThanOrEqual(400);
    expect(partly.body).toMatchObject([
      { MessageId: expect.any(String) },
      { ErrorCode: 'InvalidArgument', ErrorMessage: expect.any(String) },
    ]);
    expect((await client.batchPeekMessage('jobs', 16)).body).toHaveLength(3);
    await expect(client.batchReceiveMessage('jobs', 17)).rejects.toMatchObject({
      name: 'MNSInvalidArgumentError',
    });

    const { body } = await client.batchReceiveMessage('jobs', 16);
    expect(body.map(({ MessageBody }) => MessageBody)).toEqual(['a', 'b', 'c']);
    const [a, b, c] = body.map(({ ReceiptHandle }) => ReceiptHandle ?? '');
    expect(await client.batchDeleteMessage('jobs', [a ?? '', b ?? ''])).toMatchObject({
      code: 204,
      body: undefined,
    });
    const failed = await client.batchDeleteMessage('jobs', [a ?? '', c ?? '']);
    expect(failed.body).toEqual([
      { ErrorCode: 'MessageNotExist', ErrorMessage: expect.any(String), ReceiptHandle: a },
    ]);
    expect((await client.getQueueAttributes('jobs')).body).toMatchObject({
      ActiveMessages: '0',
      InactiveMessages: '0',
    });
    await expect(client.batchReceiveMessage('jobs', 16)).rejects.toMatchObject({
      name: 'MNSMessageNotExistError',
    });
  });

  it('moves what was received too often to the dead-letter queue', async () => {
    const { client } = await aCloud();
    await client.createQueue('dead');
    await client.createQueue('jobs', {
      VisibilityTimeout: 1,
      DlqPolicy: { Enabled: true, DeadLetterTargetQueue: 'dead', MaxReceiveCount: 1 },
    });
    await client.sendMessage('jobs', { MessageBody: 'poison' });
    await client.receiveMessage('jobs');

    expect((await client.receiveMessage('dead', 10)).body).toMatchObject({ MessageBody: 'poison' });
    const { body } = await client.getQueueAttributes('jobs');
    expect(body.DlqPolicy).toEqual([
      { Enabled: 'true', DeadLetterTargetQueue: 'dead', MaxReceiveCount: '1' },
    ]);
  });

  it('is refused with a wrong key, a wrong secret or a wrong clock', async () => {
    const { clientOf, administrator } = await aCloud();
    const right = administrator;

    await expect(
      clientOf({ ...right, accessKeyId: 'LTAInobody' }).getQueueAttributes('q'),
    ).rejects.toMatchObject({
      name: 'MNSInvalidAccessKeyIdError',
    });
    await expect(
      clientOf({ ...right, accessKeySecret: 'guess' }).getQueueAttributes('q'),
    ).rejects.toMatchObject({
      name: 'MNSSignatureDoesNotMatchError',
    });

    const switched = await aCloud({
      switches: { mnsWrongKeyCode: 'AccessDenied', mnsWrongSignatureCode: 'AccessDenied' },
    });
    for (const wrong of [{ accessKeyId: 'LTAInobody' }, { accessKeySecret: 'guess' }]) {
      await expect(
        switched.clientOf({ ...switched.administrator, ...wrong }).listQueue(),
      ).rejects.toMatchObject({ name: 'MNSAccessDeniedError' });
    }
  });

  it('may do with a role’s session what the role’s policy says, batches as their single action', async () => {
    const { client, clientOf, foundation } = await aCloud();
    await client.createQueue('jobs');
    foundation.identities.putRole('worker', [
      {
        Version: '1',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['mns:SendMessage'],
            Resource: [`acs:mns:cn-hangzhou:${foundation.identities.accountId}:/queues/jobs/messages`],
          },
        ],
      },
    ]);
    const session = foundation.identities.assumeRole('worker', 'test', 60_000);
    const worker = clientOf(session);

    expect((await worker.sendMessage('jobs', { MessageBody: 'x' })).code).toBe(201);
    expect((await worker.batchSendMessage('jobs', [{ MessageBody: 'x' }])).code).toBe(201);
    await expect(worker.receiveMessage('jobs')).rejects.toMatchObject({ name: 'MNSAccessDeniedError' });
    await expect(worker.getQueueAttributes('jobs')).rejects.toMatchObject({ name: 'MNSAccessDeniedError' });
    await expect(worker.sendMessage('other', { MessageBody: 'x' })).rejects.toMatchObject({
      name: 'MNSAccessDeniedError',
    });
    await expect(
      clientOf({ ...session, securityToken: null }).sendMessage('jobs', { MessageBody: 'x' }),
    ).rejects.toThrow();
    await expect(
      clientOf({ ...session, securityToken: 'CAISwrong' }).sendMessage('jobs', { MessageBody: 'x' }),
    ).rejects.toThrow();
    const expired = foundation.identities.assumeRole('worker', 'test', 0);
    await expect(clientOf(expired).sendMessage('jobs', { MessageBody: 'x' })).rejects.toThrow();
    expect(foundation.gate.records.filter(({ applied }) => applied).map(({ action }) => action)).toEqual([
      'CreateQueue',
      'SendMessage',
      'SendMessage',
    ]);
  });

  it('sees a lost reply as a broken connection, with the message sent', async () => {
    const { client, foundation, mns } = await aCloud();
    await client.createQueue('jobs');
    foundation.faults.inject({
      name: 'lost',
      match: { action: 'SendMessage' },
      skip: 0,
      times: 1,
      effect: { kind: 'lose-reply' },
    });

    await expect(client.sendMessage('jobs', { MessageBody: 'x' })).rejects.toThrow();

    expect(mns.getQueueAttributes('jobs').activeMessages).toBe(1);
  });

  it('gets the words of an injected refusal', async () => {
    const { client, foundation } = await aCloud();
    foundation.faults.inject({
      name: 'down',
      match: { product: 'mns' },
      skip: 0,
      times: null,
      effect: { kind: 'error', status: 500, code: 'InternalError', message: 'Internal error.' },
    });

    await expect(client.listQueue()).rejects.toMatchObject({ name: 'MNSInternalErrorError' });
  });
});

describe('the wire', () => {
  it('answers an error with its four parts, its status and a request id', async () => {
    const { server, administrator } = await aCloud();

    const { status, headers, text } = await send(server, administrator, 'GET', '/queues/nowhere');

    expect(status).toBe(404);
    expect(headers['content-type']).toMatch(/^text\/xml/);
    const requestId = String(headers['x-mns-request-id']);
    expect(requestId).toMatch(/^[0-9A-F]{24}$/);
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Error xmlns="http://mns.aliyuncs.com/doc/v1/">' +
        '<Code>QueueNotExist</Code><Message>The queue name you provided is not exist.</Message>' +
        `<RequestId>${requestId}</RequestId><HostId>${server.endpoint}</HostId></Error>`,
    );
  });

  it('keeps a body exactly: white space, entities, character references, CDATA, carriage returns', async () => {
    const { server, administrator, mns } = await aCloud();
    mns.createQueue('q');
    const bodies = [
      ['  &lt;a href=&quot;x&quot;&gt; &amp;amp; \n\t', '  <a href="x"> &amp; \n\t'],
      ['&#65;&#x42;&#13;', 'AB\r'],
      ['<![CDATA[ <raw> &amp; ]]>', ' <raw> &amp; '],
      ['007', '007'],
      ['true', 'true'],
      ['日本 🎉', '日本 🎉'],
    ] as const;

    for (const [sent, stored] of bodies) {
      const xml = `<?xml version="1.0" encoding="utf-8"?>\n<Message xmlns="http://mns.aliyuncs.com/doc/v1/">\n <MessageBody>${sent}</MessageBody>\n</Message>`;
      expect((await send(server, administrator, 'POST', '/queues/q/messages', xml)).status).toBe(201);
      expect(mns.peekMessages('q', 1)[0]?.body).toBe(stored);
      const { text } = await send(server, administrator, 'GET', '/queues/q/messages');
      const handle = /<ReceiptHandle>(.*)<\/ReceiptHandle>/.exec(text)?.[1];
      if (stored.includes('\r')) expect(text).toContain('<MessageBody>AB&#xD;</MessageBody>');
      const deleted = await send(
        server,
        administrator,
        'DELETE',
        `/queues/q/messages?ReceiptHandle=${handle}`,
      );
      expect(deleted.status).toBe(204);
    }
  });

  it('refuses XML that is not well formed, declares entities, or lacks the message', async () => {
    const { server, administrator, mns } = await aCloud();
    mns.createQueue('q');
    const codeOf = async (xml: string) => {
      const { status, text } = await send(server, administrator, 'POST', '/queues/q/messages', xml);
      return `${status} ${/<Code>(.*)<\/Code>/.exec(text)?.[1]}`;
    };

    expect(await codeOf('<Message><MessageBody>a<b & c</MessageBody></Message>')).toBe('400 MalformedXML');
    expect(await codeOf('<Message><MessageBody>a & b</MessageBody></Message>')).toBe('400 MalformedXML');
    expect(await codeOf('<Message><MessageBody>x')).toBe('400 MalformedXML');
    expect(await codeOf('')).toBe('400 MalformedXML');
    expect(
      await codeOf('<!DOCTYPE m [<!ENTITY e "boom">]><Message><MessageBody>&e;</MessageBody></Message>'),
    ).toBe('400 MalformedXML');
    expect(await codeOf('<Message><__proto__>x</__proto__></Message>')).toBe('400 MalformedXML');
    expect(await codeOf('<Message><Body>x</Body></Message>')).toBe('400 InvalidArgument');
    expect(await codeOf('<Message><MessageBody><b>x</b></MessageBody></Message>')).toBe(
      '400 InvalidArgument',
    );
    expect(await codeOf('<Messages></Messages>')).toBe('400 InvalidArgument');
    expect(await codeOf(`<Message><MessageBody>${'x'.repeat(65_537)}</MessageBody></Message>`)).toBe(
      '400 InvalidArgument',
    );
    expect(await codeOf(`<Message><MessageBody>${'x'.repeat(600_000)}</MessageBody></Message>`)).toBe(
      '400 InvalidArgument',
    );
    expect(mns.getQueueAttributes('q').activeMessages).toBe(0);
  });

  it('takes 64 KB in which every character is an entity', async () => {
    const { server, administrator, mns } = await aCloud();
    mns.createQueue('q');

    const xml = `<Message><MessageBody>${'&quot;'.repeat(65_536)}</MessageBody></Message>`;
    expect((await send(server, administrator, 'POST', '/queues/q/messages', xml)).status).toBe(201);

    expect(mns.peekMessages('q', 1)[0]?.body).toBe('"'.repeat(65_536));
  });

  it('judges authorization, date and digest with the product’s own codes', async () => {
    const { server, administrator } = await aCloud();
    const codeOf = async (changes: Record<string, string>) => {
      const { status, text } = await send(server, administrator, 'GET', '/queues', '', changes);
      return `${status} ${/<Code>(.*)<\/Code>/.exec(text)?.[1]}`;
    };
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toUTCString();

    expect(await codeOf({ authorization: '' })).toBe('400 MissingAuthorizationHeader');
    expect(await codeOf({ authorization: 'Basic abc' })).toBe('400 InvalidAuthorizationHeader');
    expect(await codeOf({ date: 'yesterday' })).toBe('400 InvalidDateHeader');
    expect(await codeOf({ date: minutesAgo(16) })).toBe('403 TimeExpired');
    expect(await codeOf({ date: minutesAgo(-16) })).toBe('403 TimeExpired');
    expect(await codeOf({ date: minutesAgo(14) })).toBe('200 undefined');
    expect(await codeOf({ 'content-md5': 'bm90IHRoZSBkaWdlc3Q=' })).toBe('400 InvalidDegist');
  });

  it('accepts both spellings of handle and timeout, and names what is missing', async () => {
    const { server, administrator, mns } = await aCloud();
    mns.createQueue('q');
    mns.sendMessage('q', { body: 'x' });
    const path = '/queues/q/messages';
    const handleIn = (text: string) => /<ReceiptHandle>(.*)<\/ReceiptHandle>/.exec(text)?.[1];
    const received = await send(server, administrator, 'GET', path);

    const lower = await send(
      server,
      administrator,
      'PUT',
      `${path}?receiptHandle=${handleIn(received.text)}&visibilityTimeout=60`,
    );
    const upper = await send(
      server,
      administrator,
      'PUT',
      `${path}?ReceiptHandle=${handleIn(lower.text)}&VisibilityTimeout=60`,
    );
    expect(lower.text).toMatch(
      /<ChangeVisibility xmlns="http:\/\/mns\.aliyuncs\.com\/doc\/v1\/"><ReceiptHandle>[^<]+<\/ReceiptHandle><NextVisibleTime>\d{13}<\/NextVisibleTime><\/ChangeVisibility>$/,
    );
    expect(upper.status).toBe(200);
    expect((await send(server, administrator, 'PUT', path)).text).toContain(
      '<Code>MissingReceiptHandle</Code>',
    );
    expect((await send(server, administrator, 'PUT', `${path}?ReceiptHandle=x`)).text).toContain(
      '<Code>MissingVisibilityTimeout</Code>',
    );
    expect((await send(server, administrator, 'DELETE', path)).text).toContain(
      '<Code>MissingReceiptHandle</Code>',
    );
    expect((await send(server, administrator, 'GET', `${path}?numOfMessages=many`)).text).toContain(
      '<Code>InvalidQueryString</Code>',
    );
    expect((await send(server, administrator, 'GET', '/elsewhere')).text).toContain(
      '<Code>InvalidRequestURL</Code>',
    );
  });

  it('pages the list of queues by headers, with their attributes on demand', async () => {
    const { server, administrator, mns } = await aCloud();
    for (const name of ['q-1', 'q-2', 'q-3']) mns.createQueue(name);

    const first = await send(server, administrator, 'GET', '/queues', '', { 'x-mns-ret-number': '2' });
    const marker = /<NextMarker>(.*)<\/NextMarker>/.exec(first.text)?.[1] ?? '';
    const second = await send(server, administrator, 'GET', '/queues', '', {
      'x-mns-marker': marker,
      'x-mns-with-meta': 'true',
    });

    expect(first.text.match(/<QueueURL>/g)).toHaveLength(2);
    expect(second.text).toContain(
      `<QueueURL>${server.endpoint}/queues/q-3</QueueURL><QueueName>q-3</QueueName>`,
    );
    expect(second.text).not.toContain('NextMarker');
  });
});
