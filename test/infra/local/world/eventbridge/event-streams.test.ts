import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import type {
  EventStream,
  InvocationOutcome,
} from '../../../../../infra/local/world/eventbridge/event-stream.ts';
import {
  createEventStreams,
  type EventStreamsOptions,
} from '../../../../../infra/local/world/eventbridge/event-streams.ts';
import { createFoundation, type FoundationOptions } from '../../../../../infra/local/world/foundation.ts';
import { createMns, type Mns } from '../../../../../infra/local/world/mns/mns.ts';
import { fileStore } from '../../../../../infra/local/world/store.ts';

const START_MS = Date.parse('2026-11-20T08:00:00Z');

interface Invocation {
  readonly functionName: string;
  readonly text: string;
  readonly bodies: Array<string>;
  readonly attempt: number;
  readonly atMs: number;
  end(outcome: InvocationOutcome): void;
}

const OK: InvocationOutcome = { ok: true };
const FAILED: InvocationOutcome = { ok: false, kind: 'function-error', message: 'boom' };

/** Streams over a function that ends when the test says so, or at once with `answer`. */
function aWorld(
  options: FoundationOptions & { streams?: Partial<EventStreamsOptions>; startMs?: number } = {},
  answer: InvocationOutcome | null = null,
) {
  const clock = new VirtualClock(options.startMs ?? START_MS);
  const foundation = createFoundation({ clock, ...options });
  const mns = createMns(foundation);
  const invocations: Array<Invocation> = [];
  const streams = createEventStreams(foundation, {
    mns,
    invoke: (functionName, payload, { attempt }) =>
      new Promise((end) => {
        const text = payload.toString('utf8');
        const events = JSON.parse(text) as Array<{ data?: { messageBody: string }; messageBody?: string }>;
        const bodies = events.map((event) => event.data?.messageBody ?? event.messageBody ?? '');
        invocations.push({ functionName, text, bodies, attempt, atMs: clock.nowMs(), end });
        if (answer !== null) end(answer);
      }),
    ...options.streams,
  });
  return { clock, foundation, mns, streams, invocations };
}

const aStream = (changes: Partial<EventStream> = {}): EventStream => ({
  name: 'mns-trigger',
  queueName: 'events',
  functionName: 'worker',
  batchWindow: { countBasedWindow: 100, timeBasedWindowSeconds: 0 },
  retryStrategy: 'BACKOFF_RETRY',
  errorsTolerance: 'ALL',
  deadLetterQueueName: null,
  eventSchema: 'CloudEvents',
  ...changes,
});

/** Lets everything run that needs no time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
/** Passes time in steps, so that what is set going on the way gets its turn. */
async function pass(clock: VirtualClock, ms: number, stepMs = 1_000): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await settle();
    clock.advanceBy(Math.min(stepMs, ms - passed));
  }
  await settle();
}
const send = (mns: Mns, ...texts: Array<string>) => {
  for (const text of texts) mns.sendMessage('events', { body: Buffer.from(text).toString('base64') });
};
const counts = (mns: Mns, queueName = 'events') => {
  const { activeMessages, inactiveMessages } = mns.getQueueAttributes(queueName);
  return { activeMessages, inactiveMessages };
};
const EMPTY = { activeMessages: 0, inactiveMessages: 0 };

describe('a delivery', () => {
  it('is a JSON array of CloudEvents with the decoded body, even for one message', async () => {
    const { clock, mns, streams, invocations } = aWorld({}, OK);
    mns.createQueue('events');
    const { messageId } = mns.sendMessage('events', { body: Buffer.from('{"a":"ä"}').toString('base64') });
    await pass(clock, 1_500);
    streams.putStream(aStream());
    await settle();

    expect(invocations).toHaveLength(1);
    expect(invocations[0]).toMatchObject({ functionName: 'worker', attempt: 1 });
    expect(JSON.parse(invocations[0]?.text ?? '')).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        source: 'MNS-Function-mns-trigger',
        specversion: '1.0',
        type: 'mns:Queue:SendMessage',
        datacontenttype: 'application/json; charset=utf-8',
        subject: 'acs:mns:cn-hangzhou:1234567890123456:queues/events',
        time: '2026-11-20T08:00:00.000Z',
        aliyunaccountid: '1234567890123456',
        aliyunpublishtime: '2026-11-20T08:00:01.500Z',
        aliyunoriginalaccountid: '1234567890123456',
        aliyuneventbusname: 'MNS-Function-mns-trigger',
        aliyunregionid: 'cn-hangzhou',
        aliyunpublishaddr: '172.25.0.1',
        data: { requestId: expect.stringMatching(/^[0-9A-F]{24}$/), messageId, messageBody: '{"a":"ä"}' },
      },
    ]);
    expect(counts(mns)).toEqual(EMPTY);
  });

  it('has only the data with RawData, and the body undecoded where decoding is off', async () => {
    const { mns, streams, invocations } = aWorld({}, OK);
    mns.createQueue('events');
    send(mns, 'x');
    streams.putStream(aStream({ eventSchema: 'RawData', isBase64Decode: false }));
    await settle();

    expect(JSON.parse(invocations[0]?.text ?? '')).toEqual([
      { requestId: expect.any(String), messageId: expect.any(String), messageBody: 'eA==' },
    ]);
  });

  it.each([
    ['as-is', '{"a":1}'],
    ['garbled', Buffer.from('{"a":1}', 'base64').toString('utf8')],
  ] as const)('has a body that is no Base64 %s', async (streamNonBase64Body, expected) => {
    const { mns, streams, invocations } = aWorld({ switches: { streamNonBase64Body } }, OK);
    mns.createQueue('events');
    mns.sendMessage('events', { body: '{"a":1}' });
    streams.putStream(aStream());
    await settle();

    expect(invocations[0]?.bodies).toEqual([expected]);
  });
});

describe('a batch', () => {
  it('takes what is there, up to its count, in order', async () => {
    const { mns, streams, invocations } = aWorld({}, OK);
    mns.createQueue('events');
    const texts = Array.from({ length: 45 }, (_, i) => `m${i}`);
    send(mns, ...texts);
    streams.putStream(aStream({ batchWindow: { countBasedWindow: 20, timeBasedWindowSeconds: 0 } }));
    await settle();

    expect(invocations.map(({ bodies }) => bodies.length)).toEqual([20, 20, 5]);
    expect(invocations.flatMap(({ bodies }) => bodies)).toEqual(texts);
    expect(counts(mns)).toEqual(EMPTY);
  });

  it('gathers for its time after the first message', async () => {
    const { clock, mns, streams, invocations } = aWorld({}, OK);
    mns.createQueue('events');
    streams.putStream(aStream({ batchWindow: { countBasedWindow: 100, timeBasedWindowSeconds: 5 } }));
    await pass(clock, 60_000, 10_000);
    send(mns, 'a');
    await pass(clock, 3_000);
    send(mns, 'b');
    await pass(clock, 1_999);
    expect(invocations).toHaveLength(0);
    await pass(clock, 1);
    send(mns, 'c');
    await pass(clock, 5_000);

    expect(invocations.map(({ bodies }) => bodies)).toEqual([['a', 'b'], ['c']]);
  });

  it('gathers for the local time instead where that is set', async () => {
    const { clock, mns, streams, invocations } = aWorld(
      { streams: { timings: { timeBasedWindowMs: 50 } } },
      OK,
    );
    mns.createQueue('events');
    streams.putStream(aStream({ batchWindow: { countBasedWindow: 100, timeBasedWindowSeconds: 15 } }));
    await settle();
    send(mns, 'a', 'b');
    await pass(clock, 50, 10);

    expect(invocations.map(({ bodies }) => bodies)).toEqual([['a', 'b']]);
  });

  it('stays within 32 MB', async () => {
    const { mns, streams, invocations } = aWorld({}, OK);
    mns.createQueue('events');
    // Decoded, each is 48 KB of quotation marks, which JSON doubles.
    for (let i = 0; i < 400; i++) {
      mns.sendMessage('events', { body: Buffer.from('"'.repeat(49_152)).toString('base64') });
    }
    streams.putStream(aStream({ batchWindow: { countBasedWindow: 10_000, timeBasedWindowSeconds: 0 } }));
    await settle();

    expect(invocations.length).toBe(2);
    expect(invocations.flatMap(({ bodies }) => bodies)).toHaveLength(400);
    for (const { text } of invocations) expect(text.length).toBeLessThanOrEqual(32 * 1_024 * 1_024);
    expect(counts(mns)).toEqual(EMPTY);
  });

  it('waits while as many are in flight as may be', async () => {
    const { mns, streams, invocations } = aWorld({ streams: { concurrency: 2 } });
    mns.createQueue('events');
    send(mns, 'a', 'b', 'c');
    streams.putStream(aStream({ batchWindow: { countBasedWindow: 1, timeBasedWindowSeconds: 0 } }));
    await settle();

    expect(invocations.map(({ bodies }) => bodies)).toEqual([['a'], ['b']]);
    expect(streams.listStreams()[0]?.batchesInFlight).toBe(2);
    expect(counts(mns)).toEqual({ activeMessages: 1, inactiveMessages: 2 });
    invocations[1]?.end(OK);
    await settle();
    expect(invocations.map(({ bodies }) => bodies)).toEqual([['a'], ['b'], ['c']]);
    expect(counts(mns)).toEqual({ activeMessages: 0, inactiveMessages: 2 });
  });

  it('stays hidden however long its invocation takes', async () => {
    const { clock, mns, streams, invocations } = aWorld({
      streams: { timings: { visibilityTimeoutMs: 2_000 } },
    });
    mns.createQueue('events', { VisibilityTimeout: 1 });
    send(mns, 'a');
    streams.putStream(aStream());
    await pass(clock, 300_000);

    expect(invocations).toHaveLength(1);
    invocations[0]?.end(OK);
    await settle();
    expect(counts(mns)).toEqual(EMPTY);
  });
});

describe('a batch that is refused', () => {
  it('is sent again whole, the same bytes, 3 times, then dropped', async () => {
    const { clock, foundation, mns, streams, invocations } = aWorld({}, FAILED);
    mns.createQueue('events');
    send(mns, 'a', 'b');
    streams.putStream(aStream());
    await pass(clock, 90_000);

    expect(invocations.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect(new Set(invocations.map(({ text }) => text)).size).toBe(1);
    for (let i = 1; i < 4; i++) {
      const gapMs = (invocations[i]?.atMs ?? 0) - (invocations[i - 1]?.atMs ?? 0);
      expect(gapMs).toBeGreaterThanOrEqual(10_000);
      expect(gapMs).toBeLessThanOrEqual(20_000);
    }
    expect(counts(mns)).toEqual(EMPTY);
    expect(foundation.timeline.entries.at(-1)?.kind).toBe('batch-dropped');
  });

  it('is sent again after 1, 2, 4 … 512 s for a day', async () => {
    const { clock, mns, streams, invocations } = aWorld({}, { ok: false, kind: 'throttled', message: '429' });
    mns.createQueue('events', { MessageRetentionPeriod: 604_800 });
    send(mns, 'a');
    streams.putStream(aStream({ retryStrategy: 'EXPONENTIAL_DECAY_RETRY' }));
    await pass(clock, 1_100_000, 1_000);

    const seconds = invocations.map(({ atMs }) => (atMs - START_MS) / 1_000);
    expect(seconds).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1_023]);
  });

  it('succeeds when a later try does', async () => {
    const { clock, mns, streams, invocations } = aWorld({
      streams: {
        timings: {
          retry: { backoffMinMs: 10, backoffMaxMs: 20, exponentialFirstMs: 1, exponentialMaxMs: 8 },
        },
      },
    });
    mns.createQueue('events');
    send(mns, 'a');
    streams.putStream(aStream());
    await settle();
    invocations[0]?.end({ ok: false, kind: 'system', message: '503' });
    await pass(clock, 20, 5);
    invocations[1]?.end(OK);
    await settle();

    expect(invocations.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(counts(mns)).toEqual(EMPTY);
  });

  it('counts a throwing invoker as a failure', async () => {
    let calls = 0;
    const { clock, mns, streams } = aWorld({
      streams: {
        invoke: async () => {
          calls += 1;
          throw new Error('no such function');
        },
      },
    });
    mns.createQueue('events');
    send(mns, 'a');
    streams.putStream(aStream());
    await pass(clock, 90_000);

    expect(calls).toBe(4);
  });

  it.each([
    ['message-body', (body: string) => body],
    ['cloud-event', (body: string) => JSON.parse(body).data.messageBody],
  ] as const)(
    'goes to the dead-letter queue, message by message, as %s',
    async (streamDeadLetterBody, read) => {
      const { clock, mns, streams } = aWorld({ switches: { streamDeadLetterBody } }, FAILED);
      mns.createQueue('events');
      mns.createQueue('dead');
      send(mns, 'a', 'b');
      streams.putStream(aStream({ deadLetterQueueName: 'dead' }));
      await pass(clock, 90_000);

      const dead = await mns.receiveMessages('dead', { count: 16 });
      const expected = streamDeadLetterBody === 'message-body' ? ['YQ==', 'Yg=='] : ['a', 'b'];
      expect(dead.map(({ body }) => read(body))).toEqual(expected);
      expect(counts(mns)).toEqual(EMPTY);
    },
  );

  it('comes back when the dead-letter queue is missing', async () => {
    const { clock, mns, streams, invocations } = aWorld({}, FAILED);
    mns.createQueue('events');
    send(mns, 'a');
    streams.putStream(aStream({ deadLetterQueueName: 'nowhere' }));
    await pass(clock, 150_000);

    expect(invocations.length).toBeGreaterThan(4);
  });

  it('stops a stream without tolerance; its messages stay, and the stream can be started again', async () => {
    const { clock, mns, streams, invocations } = aWorld({}, FAILED);
    mns.createQueue('events');
    send(mns, 'a');
    streams.putStream(aStream({ errorsTolerance: 'NONE' }));
    await pass(clock, 300_000);

    expect(invocations).toHaveLength(4);
    expect(streams.listStreams()).toMatchObject([{ status: 'Ready', stopReason: 'boom' }]);
    expect(counts(mns)).toEqual({ activeMessages: 1, inactiveMessages: 0 });
    streams.startStream('mns-trigger');
    await settle();
    expect(invocations).toHaveLength(5);
    expect(streams.listStreams()).toMatchObject([{ status: 'Running', stopReason: null }]);
  });
});

describe('a stream', () => {
  it('refuses windows out of bounds, its own queue for dead letters and a queue with another reader', () => {
    const { streams } = aWorld();
    const window = (countBasedWindow: number, timeBasedWindowSeconds: number) =>
      aStream({ batchWindow: { countBasedWindow, timeBasedWindowSeconds } });

    expect(() => streams.putStream(window(0, 0))).toThrow(/CountBasedWindow/);
    expect(() => streams.putStream(window(10_001, 0))).toThrow(/CountBasedWindow/);
    expect(() => streams.putStream(window(1, 16))).toThrow(/TimeBasedWindow/);
    expect(() => streams.putStream(aStream({ deadLetterQueueName: 'events' }))).toThrow(/dead letters/);
    streams.putStream(aStream());
    expect(() => streams.putStream(aStream({ name: 'second' }))).toThrow(/already reads/);
  });

  it('waits for a queue that does not exist yet, and for one that was deleted', async () => {
    const { clock, mns, streams, invocations } = aWorld({}, OK);
    streams.putStream(aStream());
    await pass(clock, 5_000);
    mns.createQueue('events');
    send(mns, 'a');
    await pass(clock, 1_000);
    expect(invocations).toHaveLength(1);
    mns.deleteQueue('events');
    await pass(clock, 3_000);
    mns.createQueue('events');
    send(mns, 'b');
    await pass(clock, 1_000);

    expect(invocations).toHaveLength(2);
  });

  it('takes nothing more once it is deleted, and gives back what it was gathering', async () => {
    const { clock, mns, streams, invocations } = aWorld({}, OK);
    mns.createQueue('events');
    streams.putStream(aStream({ batchWindow: { countBasedWindow: 100, timeBasedWindowSeconds: 15 } }));
    await settle();
    send(mns, 'a');
    await pass(clock, 1_000);
    streams.deleteStream('mns-trigger');
    await pass(clock, 60_000);

    expect(invocations).toHaveLength(0);
    expect(counts(mns)).toEqual({ activeMessages: 1, inactiveMessages: 0 });
    expect(streams.listStreams()).toEqual([]);
  });

  it('delivers again after the clouds died during an invocation', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'streams-'));
    const timings = { timings: { visibilityTimeoutMs: 10_000 } };
    const firstStore = fileStore(folder);
    const before = aWorld({ store: firstStore, streams: timings });
    before.mns.createQueue('events');
    send(before.mns, 'a', 'b');
    before.streams.putStream(aStream());
    await settle();
    expect(before.invocations).toHaveLength(1);
    // Killed here: nothing of it runs on.
    firstStore.close();

    const secondStore = fileStore(folder);
    const after = aWorld({ store: secondStore, streams: timings, startMs: START_MS + 3_000 }, OK);
    await pass(after.clock, 6_999);
    expect(after.invocations).toHaveLength(0);
    await pass(after.clock, 1);

    expect(after.invocations.map(({ bodies }) => bodies)).toEqual([['a', 'b']]);
    expect(counts(after.mns)).toEqual(EMPTY);
    const idsOf = (text = '') => (JSON.parse(text) as Array<{ id: string }>).map(({ id }) => id);
    expect(idsOf(after.invocations[0]?.text)).not.toEqual(idsOf(before.invocations[0]?.text));
    await after.streams.close();
    secondStore.close();
    rmSync(folder, { recursive: true });
  });

  it('writes nothing after it was closed, whatever its invocations do then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'streams-'));
    const store = fileStore(folder);
    const { clock, mns, streams, invocations } = aWorld({ store });
    mns.createQueue('events');
    streams.putStream(aStream({ batchWindow: { countBasedWindow: 1, timeBasedWindowSeconds: 0 } }));
    send(mns, 'a', 'b', 'c', 'd', 'e', 'f');
    await settle();
    invocations[0]?.end(FAILED);
    await settle();
    await streams.close();
    mns.close();
    store.close();
    for (const invocation of invocations) invocation.end(OK);
    await pass(clock, 300_000, 10_000);

    expect(invocations).toHaveLength(4);
    const reopened = fileStore(folder);
    expect(reopened.collection('mns-messages').size).toBe(6);
    reopened.close();
    rmSync(folder, { recursive: true });
  });
});
