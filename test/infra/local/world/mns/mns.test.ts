import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { createFoundation } from '../../../../../infra/local/world/foundation.ts';
import type { ReceivedMessage } from '../../../../../infra/local/world/mns/message.ts';
import { createMns } from '../../../../../infra/local/world/mns/mns.ts';
import { fileStore } from '../../../../../infra/local/world/store.ts';

const START_MS = Date.parse('2026-11-20T08:00:00Z');

function aWorld() {
  const clock = new VirtualClock(START_MS);
  const foundation = createFoundation({ clock });
  return { clock, foundation, mns: createMns(foundation) };
}

async function receiveOne(
  mns: ReturnType<typeof createMns>,
  queueName: string,
): Promise<ReceivedMessage | undefined> {
  return (await mns.receiveMessages(queueName, { count: 1 }))[0];
}

const codeOf = (run: () => unknown) => {
  try {
    run();
    return 'no error';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('queues', () => {
  it('refuses attributes out of bounds and names that are not letters, digits and dashes', () => {
    const { mns } = aWorld();

    expect(codeOf(() => mns.createQueue('q', { VisibilityTimeout: 0 }))).toBe('InvalidArgument');
    expect(codeOf(() => mns.createQueue('q', { VisibilityTimeout: 43_201 }))).toBe('InvalidArgument');
    expect(codeOf(() => mns.createQueue('q', { DelaySeconds: 604_801 }))).toBe('InvalidArgument');
    expect(codeOf(() => mns.createQueue('q', { MaximumMessageSize: 1_023 }))).toBe('InvalidArgument');
    expect(codeOf(() => mns.createQueue('q', { MessageRetentionPeriod: 59 }))).toBe('InvalidArgument');
    expect(codeOf(() => mns.createQueue('q', { PollingWaitSeconds: 31 }))).toBe('InvalidArgument');
    expect(codeOf(() => mns.createQueue('a_b'))).toBe('InvalidQueueName');
    expect(codeOf(() => mns.createQueue('a'.repeat(121)))).toBe('QueueNameLengthError');
  });

  it('creates again with the same attributes, but not with others', () => {
    const { mns } = aWorld();

    expect(mns.createQueue('q', { VisibilityTimeout: 60 })).toBe('created');
    expect(mns.createQueue('q', { VisibilityTimeout: 60 })).toBe('unchanged');
    expect(codeOf(() => mns.createQueue('q', { VisibilityTimeout: 61 }))).toBe('QueueAlreadyExist');
  });

  it('lists names in order, page by page', () => {
    const { mns } = aWorld();
    for (const name of ['b-2', 'a-1', 'b-1', 'b-3']) mns.createQueue(name);

    const first = mns.listQueues({ prefix: 'b-', marker: '', limit: 2 });
    const second = mns.listQueues({ prefix: 'b-', marker: first.nextMarker ?? '', limit: 2 });

    expect(first.queues.map(({ name }) => name)).toEqual(['b-1', 'b-2']);
    expect(second.queues.map(({ name }) => name)).toEqual(['b-3']);
    expect(second.nextMarker).toBeNull();
  });

  it('refuses a dead-letter queue that is missing or the queue itself', () => {
    const { mns } = aWorld();
    const policy = (target: string) => ({
      DlqPolicy: { Enabled: true, DeadLetterTargetQueue: target, MaxReceiveCount: 3 },
    });

    expect(codeOf(() => mns.createQueue('q', policy('q')))).toBe('InvalidArgument');
    expect(codeOf(() => mns.createQueue('q', policy('nowhere')))).toBe('QueueNotExist');
  });
});

describe('sending and receiving', () => {
  it('hands out lower priorities first and keeps the order of sending within one', async () => {
    const { mns } = aWorld();
    mns.createQueue('q');
    for (const [body, priority] of [
      ['c', 8],
      ['d', 8],
      ['e', 16],
      ['a', 1],
      ['b', 1],
    ] as const) {
      mns.sendMessage('q', { body, priority });
    }

    const received = await mns.receiveMessages('q', { count: 16 });

    expect(received.map(({ body }) => body)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('hides a received message for the visibility timeout and counts its receives', async () => {
    const { clock, mns } = aWorld();
    mns.createQueue('q', { VisibilityTimeout: 30 });
    mns.sendMessage('q', { body: 'x' });

    const first = await receiveOne(mns, 'q');
    clock.advanceBy(29_999);
    const hidden = await receiveOne(mns, 'q');
    clock.advanceBy(1);
    const again = await receiveOne(mns, 'q');

    expect(first).toMatchObject({
      dequeueCount: 1,
      firstDequeuedAtMs: START_MS,
      nextVisibleAtMs: START_MS + 30_000,
    });
    expect(hidden).toBeUndefined();
    expect(again).toMatchObject({
      dequeueCount: 2,
      firstDequeuedAtMs: START_MS,
      messageId: first?.messageId,
    });
  });

  it('refuses the handle of an earlier receive, an expired one, and text that is none', async () => {
    const { clock, mns } = aWorld();
    mns.createQueue('q', { VisibilityTimeout: 30 });
    mns.sendMessage('q', { body: 'x' });
    const first = (await receiveOne(mns, 'q'))?.receiptHandle ?? '';
    clock.advanceBy(30_000);

    expect(codeOf(() => mns.deleteMessage('q', first))).toBe('MessageNotExist');
    const second = (await receiveOne(mns, 'q'))?.receiptHandle ?? '';
    expect(codeOf(() => mns.deleteMessage('q', first))).toBe('MessageNotExist');
    expect(codeOf(() => mns.deleteMessage('q', 'nonsense'))).toBe('ReceiptHandleError');
    expect(codeOf(() => mns.deleteMessage('q', second))).toBe('no error');
    expect(codeOf(() => mns.deleteMessage('q', second))).toBe('MessageNotExist');
  });

  it('replaces the handle when the visibility changes, counted from the change', async () => {
    const { clock, mns } = aWorld();
    mns.createQueue('q', { VisibilityTimeout: 30 });
    mns.sendMessage('q', { body: 'x' });
    const first = (await receiveOne(mns, 'q'))?.receiptHandle ?? '';
    clock.advanceBy(10_000);

    const changed = mns.changeMessageVisibility('q', first, 60);

    expect(changed.nextVisibleAtMs).toBe(START_MS + 70_000);
    expect(codeOf(() => mns.changeMessageVisibility('q', first, 60))).toBe('MessageNotExist');
    expect(codeOf(() => mns.changeMessageVisibility('q', changed.receiptHandle, 0))).toBe('InvalidArgument');
    clock.advanceBy(59_999);
    expect(await receiveOne(mns, 'q')).toBeUndefined();
    clock.advanceBy(1);
    expect(await receiveOne(mns, 'q')).toMatchObject({ dequeueCount: 2 });
  });

  it('delays by the message or else by the queue, and takes a delayed message back by its handle', async () => {
    const { clock, mns } = aWorld();
    mns.createQueue('q', { DelaySeconds: 60 });
    const own = mns.sendMessage('q', { body: 'own', delaySeconds: 5 });
    mns.sendMessage('q', { body: 'queue' });
    mns.sendMessage('q', { body: 'none', delaySeconds: 0 });

    expect(mns.getQueueAttributes('q')).toMatchObject({ activeMessages: 1, delayMessages: 2 });
    mns.deleteMessage('q', own.receiptHandle ?? '');
    clock.advanceBy(59_999);
    expect((await mns.receiveMessages('q', { count: 16 })).map(({ body }) => body)).toEqual(['none']);
    clock.advanceBy(1);
    expect((await mns.receiveMessages('q', { count: 16 })).map(({ body }) => body)).toEqual(['queue']);
  });

  it('peeks without hiding or counting', async () => {
    const { mns } = aWorld();
    mns.createQueue('q');
    mns.sendMessage('q', { body: 'x' });

    expect(mns.peekMessages('q', 16)).toMatchObject([
      { body: 'x', dequeueCount: 0, firstDequeuedAtMs: null },
    ]);
    expect(mns.peekMessages('q', 16)).toHaveLength(1);
    expect(await receiveOne(mns, 'q')).toMatchObject({ dequeueCount: 1 });
  });

  it('forgets messages at the end of their retention, received or not', async () => {
    const { clock, mns } = aWorld();
    mns.createQueue('q', { MessageRetentionPeriod: 60, VisibilityTimeout: 100 });
    mns.sendMessage('q', { body: 'received' });
    await receiveOne(mns, 'q');
    mns.sendMessage('q', { body: 'waiting' });
    mns.sendMessage('q', { body: 'delayed', delaySeconds: 90 });
    clock.advanceBy(60_000);

    expect(mns.getQueueAttributes('q')).toMatchObject({
      activeMessages: 0,
      inactiveMessages: 0,
      delayMessages: 0,
    });
  });

  it('refuses a body that is empty, too long or beyond XML', () => {
    const { mns } = aWorld();
    mns.createQueue('q', { MaximumMessageSize: 1_024 });

    expect(codeOf(() => mns.sendMessage('q', { body: '' }))).toBe('InvalidArgument');
    expect(codeOf(() => mns.sendMessage('q', { body: 'ä'.repeat(513) }))).toBe('InvalidArgument');
    expect(codeOf(() => mns.sendMessage('q', { body: 'ä'.repeat(512) }))).toBe('no error');
    expect(codeOf(() => mns.sendMessage('q', { body: 'a\u0001' }))).toBe('InvalidArgument');
    expect(codeOf(() => mns.sendMessage('nowhere', { body: 'x' }))).toBe('QueueNotExist');
  });
});

describe('batches', () => {
  it('sends what is valid and refuses the rest one by one', () => {
    const { mns } = aWorld();
    mns.createQueue('q');

    const results = mns.sendMessages('q', [{ body: 'a' }, { body: 'b', delaySeconds: -1 }, { body: 'c' }]);

    expect(results).toMatchObject([{ messageId: expect.any(String) }, { errorCode: 'InvalidArgument' }, {}]);
    expect(mns.getQueueAttributes('q').activeMessages).toBe(2);
  });

  it('refuses a batch of 17, of none, or of more than 64 KB', () => {
    const { mns } = aWorld();
    mns.createQueue('q');
    const many = (count: number, body = 'x') => Array.from({ length: count }, () => ({ body }));

    expect(codeOf(() => mns.sendMessages('q', many(17)))).toBe('InvalidArgument');
    expect(codeOf(() => mns.sendMessages('q', []))).toBe('InvalidArgument');
    expect(codeOf(() => mns.sendMessages('q', many(2, 'x'.repeat(32_769))))).toBe('InvalidArgument');
    expect(codeOf(() => mns.sendMessages('q', many(2, 'x'.repeat(32_768))))).toBe('no error');
  });

  it('deletes each handle that is valid', async () => {
    const { mns } = aWorld();
    mns.createQueue('q');
    mns.sendMessages('q', [{ body: 'a' }, { body: 'b' }]);
    const [a, b] = await mns.receiveMessages('q', { count: 16 });
    mns.deleteMessage('q', a?.receiptHandle ?? '');

    const results = mns.deleteMessages('q', [a?.receiptHandle ?? '', b?.receiptHandle ?? '']);

    expect(results).toMatchObject([{ errorCode: 'MessageNotExist' }, null]);
    expect(mns.getQueueAttributes('q')).toMatchObject({ activeMessages: 0, inactiveMessages: 0 });
  });
});

describe('long poll', () => {
  it('is answered by the next message, the longest wait first', async () => {
    const { clock, mns } = aWorld();
    mns.createQueue('q', { PollingWaitSeconds: 10 });
    const first = mns.receiveMessages('q', { count: 16 });
    const second = mns.receiveMessages('q', { count: 16, waitSeconds: 30 });
    clock.advanceBy(5_000);

    mns.sendMessages('q', [{ body: 'a' }, { body: 'b' }]);
    mns.sendMessage('q', { body: 'c' });

    expect((await first).map(({ body }) => body)).toEqual(['a', 'b']);
    expect((await second).map(({ body }) => body)).toEqual(['c']);
  });

  it('is answered when a delay or a visibility timeout ends', async () => {
    const { clock, mns } = aWorld();
    mns.createQueue('q', { VisibilityTimeout: 5 });
    mns.sendMessage('q', { body: 'x', delaySeconds: 3 });
    const delayed = mns.receiveMessages('q', { count: 1, waitSeconds: 30 });
    clock.advanceBy(3_000);
    expect((await delayed)[0]).toMatchObject({ body: 'x', dequeueCount: 1 });

    const hidden = mns.receiveMessages('q', { count: 1, waitSeconds: 30 });
    clock.advanceBy(5_000);
    expect((await hidden)[0]).toMatchObject({ body: 'x', dequeueCount: 2 });
  });

  it('ends empty after its time, when given up, and when the queues close', async () => {
    const { clock, mns } = aWorld();
    mns.createQueue('q');
    const hangUp = new AbortController();
    const late = mns.receiveMessages('q', { count: 1, waitSeconds: 2 });
    const given = mns.receiveMessages('q', { count: 1, waitSeconds: 30, signal: hangUp.signal });
    const left = mns.receiveMessages('q', { count: 1, waitSeconds: 30 });
    clock.advanceBy(2_000);
    hangUp.abort();
    mns.close();

    expect(await Promise.all([late, given, left])).toEqual([[], [], []]);
    await expect(mns.receiveMessages('q', { count: 1, waitSeconds: 31 })).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
  });

  it('does not hand a message to a receiver that gave up', async () => {
    const { mns } = aWorld();
    mns.createQueue('q');
    const hangUp = new AbortController();
    const given = mns.receiveMessages('q', { count: 1, waitSeconds: 30, signal: hangUp.signal });
    hangUp.abort();
    mns.sendMessage('q', { body: 'x' });

    expect(await given).toEqual([]);
    expect(await receiveOne(mns, 'q')).toMatchObject({ dequeueCount: 1 });
  });

  it('fails when the queue is deleted', async () => {
    const { mns } = aWorld();
    mns.createQueue('q');
    const waiting = mns.receiveMessages('q', { count: 1, waitSeconds: 30 });

    mns.deleteQueue('q');

    await expect(waiting).rejects.toMatchObject({ code: 'QueueNotExist' });
  });
});

describe('dead letters', () => {
  it('move once they would become visible after MaxReceiveCount receives, also to one who waits there', async () => {
    const { clock, foundation, mns } = aWorld();
    mns.createQueue('dead');
    mns.createQueue('q', {
      VisibilityTimeout: 10,
      DlqPolicy: { Enabled: true, DeadLetterTargetQueue: 'dead', MaxReceiveCount: 2 },
    });
    const { messageId } = mns.sendMessage('q', { body: 'poison' });
    const waiting = mns.receiveMessages('dead', { count: 1, waitSeconds: 30 });
    expect(await receiveOne(mns, 'q')).toMatchObject({ dequeueCount: 1 });
    clock.advanceBy(10_000);
    expect(await receiveOne(mns, 'q')).toMatchObject({ dequeueCount: 2 });
    clock.advanceBy(10_000);

    expect(await waiting).toMatchObject([{ body: 'poison', messageId, dequeueCount: 1 }]);
    expect(await receiveOne(mns, 'q')).toBeUndefined();
    expect(foundation.timeline.entries.map(({ kind }) => kind)).toContain('message-dead-lettered');
  });

  it('stay in the queue while their dead-letter queue is gone', async () => {
    const { clock, mns } = aWorld();
    mns.createQueue('dead');
    mns.createQueue('q', {
      VisibilityTimeout: 10,
      DlqPolicy: { Enabled: true, DeadLetterTargetQueue: 'dead', MaxReceiveCount: 1 },
    });
    mns.sendMessage('q', { body: 'x' });
    mns.deleteQueue('dead');
    await receiveOne(mns, 'q');
    clock.advanceBy(10_000);

    expect(await receiveOne(mns, 'q')).toMatchObject({ dequeueCount: 2 });
  });
});

describe('a world opened again on its folder', () => {
  it('keeps queues, order, hidden times and dead letters that fell due meanwhile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mns-'));
    const open = (atMs: number) => {
      const clock = new VirtualClock(atMs);
      const store = fileStore(folder);
      return { clock, store, mns: createMns(createFoundation({ clock, store })) };
    };
    const before = open(START_MS);
    before.mns.createQueue('dead');
    before.mns.createQueue('q', {
      VisibilityTimeout: 30,
      DlqPolicy: { Enabled: true, DeadLetterTargetQueue: 'dead', MaxReceiveCount: 1 },
    });
    const ids = new Set([before.mns.sendMessage('q', { body: 'received' }).messageId]);
    const handle = (await receiveOne(before.mns, 'q'))?.receiptHandle ?? '';
    ids.add(before.mns.sendMessage('q', { body: 'first' }).messageId);
    before.store.close();

    const after = open(START_MS + 20_000);
    ids.add(after.mns.sendMessage('q', { body: 'second' }).messageId);
    expect((await after.mns.receiveMessages('q', { count: 16 })).map(({ body }) => body)).toEqual([
      'first',
      'second',
    ]);
    expect(ids.size).toBe(3);
    expect(after.mns.changeMessageVisibility('q', handle, 5).nextVisibleAtMs).toBe(START_MS + 25_000);
    after.store.close();

    const later = open(START_MS + 60_000);
    expect((await later.mns.receiveMessages('dead', { count: 16 })).map(({ body }) => body).sort()).toEqual([
      'first',
      'received',
      'second',
    ]);
    later.store.close();
    rmSync(folder, { recursive: true });
  });
});

it('takes 100,000 messages in and out within seconds', async () => {
  const { clock, mns } = aWorld();
  mns.createQueue('q', { VisibilityTimeout: 30 });
  const startedAt = performance.now();
  for (let i = 0; i < 100_000; i++) mns.sendMessage('q', { body: `m${i}`, delaySeconds: i % 7 });
  clock.advanceBy(10_000);

  let deleted = 0;
  for (;;) {
    const batch = await mns.receiveMessages('q', { count: 16 });
    if (batch.length === 0) break;
    deleted += mns
      .deleteMessages(
        'q',
        batch.map(({ receiptHandle }) => receiptHandle),
      )
      .filter((r) => r === null).length;
  }

  expect(deleted).toBe(100_000);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});
