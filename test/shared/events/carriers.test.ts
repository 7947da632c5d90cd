import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type CarriedMessage,
  MESSAGE_BYTES_MAX,
  MESSAGES_MAX,
  PAYLOAD_BYTES_MAX,
  type UnwrapResult,
  unwrap,
} from '../../../shared/events/carriers.ts';
import { parseBatch } from '../../../shared/events/interpret.ts';

const running = { type: 'ecs:Instance:StateChange', source: 'acs.ecs', data: { state: 'Running' } };
const runningText = JSON.stringify(running);

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function unwrapJson(value: unknown): UnwrapResult {
  return unwrap(Buffer.from(JSON.stringify(value)));
}

function queued(messageBody: unknown, messageId = 'D4E80C2B') {
  return {
    type: 'mns:Queue:SendMessage',
    source: 'acs:mns',
    data: { requestId: 'R1', messageId, messageBody },
  };
}

function onTopic(message: unknown) {
  return { TopicName: 'ecs-events', TopicOwner: '1098765432109876', MessageId: '3A6C4D19', Message: message };
}

describe('unwrap, what it cannot read', () => {
  it.each([
    ['nothing', Buffer.alloc(0), ''],
    ['plain words', Buffer.from('hello topic'), 'hello topic'],
    ['a number', Buffer.from('42'), '42'],
    ['null', Buffer.from('null'), 'null'],
    ['cut JSON', Buffer.from('{"a":'), '{"a":'],
    ['Base64 of no JSON', Buffer.from(base64('hello')), base64('hello')],
    ['Base64 without its padding', Buffer.from('eyJhIjoxfQ'), 'eyJhIjoxfQ'],
    ['Base64 with a stray bit', Buffer.from('eyJhIjoxfR=='), 'eyJhIjoxfR=='],
  ])('answers %s with one unreadable message that keeps the text', (_name, payload, text) => {
    expect(unwrap(payload)).toEqual([
      { kind: 'unreadable', messageId: null, text, reason: expect.any(String) },
    ]);
  });

  it('keeps bytes that are not UTF-8 as their Base64', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);

    expect(unwrap(bytes)).toMatchObject([{ kind: 'unreadable', text: bytes.toString('base64') }]);
  });

  it('does not parse a payload beyond 32 MB', () => {
    const result = unwrap(Buffer.alloc(PAYLOAD_BYTES_MAX + 1, '1'));

    expect(result).toMatchObject([{ kind: 'unreadable', reason: expect.stringContaining('payload larger') }]);
    expect(result[0]?.text).toHaveLength(MESSAGE_BYTES_MAX);
  });

  it('does not let one bad message spoil its neighbours', () => {
    const huge = JSON.stringify({ filler: 'x'.repeat(MESSAGE_BYTES_MAX) });
    const result = unwrapJson([
      queued(runningText, 'A1'),
      queued('not JSON at all', 'A2'),
      queued(huge, 'A3'),
      { filler: 'x'.repeat(MESSAGE_BYTES_MAX) },
      17,
      null,
      [],
      queued(runningText, 'A4'),
    ]);

    expect(result.map(({ kind, messageId }) => [kind, messageId])).toEqual([
      ['carried', 'A1'],
      ['unreadable', 'A2'],
      ['unreadable', 'A3'],
      ['unreadable', null],
      ['unreadable', null],
      ['unreadable', null],
      ['unreadable', null],
      ['carried', 'A4'],
    ]);
    expect(result[2]?.text).toBe(huge);
  });

  it('stops unwrapping at eight wrappings', () => {
    const wrap = (times: number): unknown => (times === 0 ? running : { body: wrap(times - 1), attrs: {} });

    expect(unwrapJson(wrap(8))).toMatchObject([{ kind: 'carried', content: running }]);
    expect(unwrapJson(wrap(9))).toMatchObject([{ kind: 'unreadable' }]);
  });

  it('takes 10,000 messages and keeps the rest together', () => {
    const result = unwrapJson(Array.from({ length: MESSAGES_MAX + 3 }, (_, n) => ({ n })));

    expect(result).toHaveLength(MESSAGES_MAX + 1);
    expect(result.at(-1)).toMatchObject({
      kind: 'unreadable',
      text: '[{"n":10000},{"n":10001},{"n":10002}]',
    });
  });

  it('survives nesting that no stack would', () => {
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
    const deepObject = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

    const result = unwrap(Buffer.from(`[${deep},${deepObject},${runningText}]`));

    expect(result.map(({ kind }) => kind)).toEqual(['unreadable', 'unreadable', 'carried']);
  });

  it('keeps the whole payload for what is nested too deeply to be printed', () => {
    const payload = (levels: number) => `[${'['.repeat(levels)}${']'.repeat(levels)},{}]`;

    expect(unwrap(Buffer.from(payload(150)))[0]?.text).not.toContain('{}');
    expect(unwrap(Buffer.from(payload(250)))[0]?.text).toBe(payload(250));
  });
});

describe('unwrap, the carriers', () => {
  const carrier = (name: string) =>
    unwrap(readFileSync(new URL(`../../../events/carriers/${name}`, import.meta.url)));

  it.each([
    [
      'queue-batch.json',
      [
        'D4E80C2B6F9A41738B5C1D2E3F4A0001',
        'D4E80C2B6F9A41738B5C1D2E3F4A0002',
        'D4E80C2B6F9A41738B5C1D2E3F4A0003',
      ],
    ],
    [
      'queue-batch.string-items.json',
      ['D4E80C2B6F9A41738B5C1D2E3F4A0001', 'D4E80C2B6F9A41738B5C1D2E3F4A0002'],
    ],
    [
      'queue-batch.base64-bodies.json',
      ['D4E80C2B6F9A41738B5C1D2E3F4A0001', 'D4E80C2B6F9A41738B5C1D2E3F4A0002'],
    ],
    ['queue-batch.raw-data.json', ['D4E80C2B6F9A41738B5C1D2E3F4A0001', 'D4E80C2B6F9A41738B5C1D2E3F4A0002']],
    ['queue-single.json', ['D4E80C2B6F9A41738B5C1D2E3F4A0001']],
    ['topic-envelope.json', ['3A6C4D193B034E5FBD7A5C8800000001']],
    ['topic-envelope.attributes.json', ['3A6C4D193B034E5FBD7A5C8800000001']],
    ['topic-envelope.http-push.json', ['3A6C4D193B034E5FBD7A5C8800000001']],
    ['topic-stream.json', [null]],
    ['topic-stream.attributes.json', [null]],
    ['topic-stream.base64.txt', [null]],
    ['topic-stream.json-string.json', [null]],
    ['form-post.txt', [null]],
    ['queue-batch.form-body.json', ['D4E80C2B6F9A41738B5C1D2E3F4A0001']],
  ])('%s', (name, messageIds) => {
    const result = carrier(name);

    expect(result.map(({ kind, messageId }) => [kind, messageId])).toEqual(
      messageIds.map((id) => ['carried', id]),
    );
    for (const { content } of result as ReadonlyArray<CarriedMessage>) {
      expect(
        Object.keys(content).some((key) => ['messageBody', 'Message', 'body', 'attrs'].includes(key)),
      ).toBe(false);
      expect(content).not.toHaveProperty('data.messageBody');
    }
  });

  it('unwraps a topic’s envelope inside a queue’s message inside a text inside an array', () => {
    const text = JSON.stringify(queued(base64(JSON.stringify(onTopic(base64(runningText))))));

    expect(unwrapJson([text])).toEqual([
      { kind: 'carried', messageId: '3A6C4D19', content: running, text: base64(runningText) },
    ]);
  });

  it('keeps the message as its carrier held it', () => {
    expect(unwrapJson([queued(base64(runningText))])[0]?.text).toBe(base64(runningText));
    expect(unwrap(Buffer.from(` ${runningText}\n`))[0]?.text).toBe(` ${runningText}\n`);
    expect(unwrapJson([running])[0]?.text).toBe(runningText);
  });

  it('numbers several events of one message', () => {
    const result = unwrapJson([queued(JSON.stringify([running, running]), 'A1')]);

    expect(result.map(({ messageId }) => messageId)).toEqual(['A1#0', 'A1#1']);
  });

  it('takes bodies that a carrier has parsed already', () => {
    expect(unwrapJson([queued(running)])).toMatchObject([{ kind: 'carried', content: running }]);
  });

  it('reads a payload with a byte order mark', () => {
    expect(unwrap(Buffer.from(`\uFEFF${runningText}`))).toMatchObject([{ content: running }]);
  });

  it('finds no message in an empty batch', () => {
    expect(unwrapJson([])).toEqual([]);
  });

  it('refuses a message that holds an empty list', () => {
    expect(unwrapJson([queued('[]', 'A1')])).toMatchObject([
      { kind: 'unreadable', messageId: 'A1', text: '[]' },
    ]);
  });

  it.each(['x'.repeat(129), 'a b', '', '\ud800', 7, null])(
    'does not take %j for a message id',
    (messageId) => {
      expect(unwrapJson([{ data: { messageId, messageBody: runningText } }])).toMatchObject([
        { messageId: null },
      ]);
    },
  );

  it('does not mistake content for a carrier', () => {
    const contents = [{ body: 'x', title: 'y' }, { Message: 'x' }, { messageBody: 'x' }, { data: 'x' }];

    expect(unwrapJson(contents)).toMatchObject(contents.map((content) => ({ kind: 'carried', content })));
  });

  it('lets no key of a payload reach a prototype', () => {
    const hostile = `{"__proto__":{"body":"{}","polluted":1},"constructor":{"prototype":{"polluted":1}},"attrs":{}}`;

    const [message] = unwrap(Buffer.from(hostile));

    expect(message).toMatchObject({ kind: 'carried', text: hostile });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('unwrap, the form of an alarm', () => {
  const form =
    'alertState=ALERT&metricName=UnhealthyServerCount&dimensions=%7Bport%3D443%2C+vip%3D192.0.2.44%7D';
  const fields = {
    alertState: 'ALERT',
    metricName: 'UnhealthyServerCount',
    dimensions: '{port=443, vip=192.0.2.44}',
  };

  it('becomes an object of its fields, wherever it stands, and its text stays as it was', () => {
    expect(unwrap(Buffer.from(form))).toEqual([
      { kind: 'carried', messageId: null, content: fields, text: form },
    ]);
    expect(unwrapJson([queued(form, 'A1'), queued(base64(form), 'A2')])).toEqual([
      { kind: 'carried', messageId: 'A1', content: fields, text: form },
      { kind: 'carried', messageId: 'A2', content: fields, text: base64(form) },
    ]);
  });

  it('is read as the alarm that it is', () => {
    const post = readFileSync(new URL('../../../events/carriers/form-post.txt', import.meta.url));

    expect(parseBatch(post)).toMatchObject([
      { kind: 'health-alarm', loadBalancerId: 'lb-uf6fictional0001', listenerPort: 443 },
    ]);
  });

  it.each([
    ['another form', 'name=web&port=80'],
    ['one without the state', 'metricName=UnhealthyServerCount&port=80'],
    ['a name that only ends like one', 'xalertState=ALERT&metricName=a'],
    ['a field that is said twice', `${form}&alertState=OK`],
    ['more than 100 fields', `${form}${Array.from({ length: 98 }, (_, n) => `&f${n}=1`).join('')}`],
    ['more than 64 KB', `${form}&filler=${'x'.repeat(64 * 1024)}`],
  ])('leaves %s unreadable', (_name, text) => {
    expect(unwrapJson([queued(text, 'A1')])).toEqual([
      { kind: 'unreadable', messageId: 'A1', text, reason: expect.stringContaining('form of an alarm') },
    ]);
  });

  it('takes 100 fields', () => {
    const text = `${form}${Array.from({ length: 97 }, (_, n) => `&f${n}=1`).join('')}`;

    expect(unwrapJson([queued(text)])).toMatchObject([{ kind: 'carried', content: { f96: '1' } }]);
  });

  it('lets no field reach a prototype', () => {
    const [message] = unwrap(Buffer.from(`${form}&__proto__=polluted&constructor=polluted&toString=x`));

    expect(message?.kind === 'carried' && Object.hasOwn(message.content, '__proto__')).toBe(true);
    expect(message?.kind === 'carried' && Object.getPrototypeOf(message.content)).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
