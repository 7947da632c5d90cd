import { afterEach, describe, expect, it } from 'vitest';
import { createFunctionHost, type FunctionHost } from '../../../../infra/local/host/function-host.ts';
import { memoryStore } from '../../../../infra/local/world/store.ts';
import { fixture, hostWith, until } from './support.ts';

let host: FunctionHost | null = null;
afterEach(() => host?.close());

function start(...[settings, options, world]: Parameters<typeof hostWith>) {
  const sent: Array<{ queueName: string; record: ReturnType<typeof JSON.parse> }> = [];
  const queues = {
    sendToQueue: (queueName: string, body: string) => void sent.push({ queueName, record: JSON.parse(body) }),
  };
  const started = hostWith(settings, { asyncBackoffScale: 0.02, queues, ...options }, world);
  host = started.host;
  const ended = () =>
    until(() => started.host.pendingInvocations().length === 0, 'every invocation has ended');
  const enqueue = (command: { do: string } & Record<string, unknown>, more = {}) =>
    started.host.invoke('worker', Buffer.from(JSON.stringify(command)), { invocationType: 'Async', ...more });
  const kinds = () => started.foundation.timeline.entries.map(({ kind }) => kind);
  return { ...started, sent, ended, enqueue, kinds };
}

describe('asynchronous invocations', () => {
  it('are answered with 202 before they run, and reported to the success queue', async () => {
    const { enqueue, ended, sent } = start({ asyncConfig: { onSuccessQueue: 'done' } });

    const { statusCode, headers, body } = await enqueue({ do: 'number' });
    await ended();

    expect([statusCode, body.length]).toEqual([202, 0]);
    expect(sent).toEqual([
      {
        queueName: 'done',
        record: {
          timestamp: expect.any(Number),
          requestContext: {
            requestId: headers['x-fc-request-id'],
            functionArn: 'acs:fc:cn-hangzhou:1234567890123456:functions/worker',
            condition: '',
            approximateInvokeCount: 1,
          },
          requestPayload: '{"do":"number"}',
          responseContext: { statusCode: 200, functionError: '' },
          responsePayload: '42',
        },
      },
    ]);
  });

  it('are retried after function errors as often as configured, with a rising retry count', async () => {
    const { enqueue, ended, sent } = start({
      asyncConfig: { maxAsyncRetryAttempts: 2, onSuccessQueue: 'done' },
    });

    await enqueue({ do: 'retry-count' });
    await ended();

    expect(sent.map(({ record }) => record.responsePayload)).toEqual(['{"retryCount":2}']);
    expect(sent[0]?.record.requestContext.approximateInvokeCount).toBe(3);
  });

  it('are given up after the last retry and reported to the failure queue', async () => {
    const { enqueue, ended, sent, kinds } = start({
      asyncConfig: { maxAsyncRetryAttempts: 1, onFailureQueue: 'dead' },
    });

    await enqueue({ do: 'throw' });
    await ended();

    expect(kinds().filter((kind) => kind === 'function-failed')).toHaveLength(2);
    expect(sent.map(({ queueName, record }) => [queueName, record.requestContext.condition])).toEqual([
      ['dead', 'UnhandledInvocationError'],
    ]);
    expect(sent[0]?.record.responseContext).toEqual({
      statusCode: 200,
      functionError: 'UnhandledInvocationError',
    });
  });

  it('come again after throttling without losing a retry', async () => {
    const { enqueue, ended, sent } = start({
      maxInstances: 1,
      asyncConfig: { maxAsyncRetryAttempts: 0, onSuccessQueue: 'done', onFailureQueue: 'dead' },
    });

    for (let index = 0; index < 4; index += 1) await enqueue({ do: 'sleep', ms: 30 });
    await ended();

    expect(sent.map(({ queueName }) => queueName)).toEqual(['done', 'done', 'done', 'done']);
  });

  it('come again after throttling at different times, where chance takes away some of the waits', async () => {
    const { enqueue, ended, foundation } = start({ maxInstances: 1 }, { asyncBackoffJitter: 1 });

    for (let index = 0; index < 4; index += 1) await enqueue({ do: 'sleep', ms: 300 });
    await ended();

    const waits = foundation.timeline.entries
      .filter(({ kind }) => kind === 'async-retry')
      .map(({ text }) => Number(/comes again in ([\d.]+) ms: ResourceExhausted/.exec(text)?.[1]))
      .slice(0, 3);
    expect(new Set(waits).size).toBe(3);
    expect(Math.max(...waits)).toBeLessThan(500);
  }, 30_000);

  it('expire by their age', async () => {
    const { enqueue, ended, sent, kinds } = start(
      { asyncConfig: { maxAsyncEventAgeSeconds: 1, onFailureQueue: 'dead' } },
      { asyncBackoffScale: 3 },
    );

    await enqueue({ do: 'throw' });
    await ended();

    expect(kinds().filter((kind) => kind === 'function-failed')).toHaveLength(1);
    expect(sent.map(({ record }) => record.requestContext.condition)).toEqual(['Expired']);
  });

  it('wait for their delay', async () => {
    const { enqueue, ended, foundation } = start();

    await enqueue({ do: 'number' }, { delaySeconds: 0.3 });
    const queuedAtMs = foundation.clock.nowMs();
    await ended();

    const invoked = foundation.timeline.entries.find(({ kind }) => kind === 'function-invoked');
    expect((invoked?.atMs ?? 0) - queuedAtMs).toBeGreaterThan(250);
    await expect(enqueue({ do: 'number' }, { delaySeconds: 3_600 })).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
  });

  it('are refused above 128 KB', async () => {
    const { host } = start();

    const invoked = host.invoke('worker', Buffer.alloc(128 * 1024 + 1), { invocationType: 'Async' });

    await expect(invoked).rejects.toMatchObject({ status: 413, code: 'EntityTooLarge' });
  });

  it('outlive the host: what had not ended runs on the next one, a closing host not counting as a failure', async () => {
    const store = memoryStore();
    const first = start({}, {}, { store });
    await first.enqueue({ do: 'sleep', ms: 60_000 }, { requestId: 'r-running' });
    await first.enqueue({ do: 'number' }, { requestId: 'r-waiting', delaySeconds: 1 });
    await until(() => first.host.instances().length === 1, 'the first one runs');
    await first.host.close();
    expect(first.host.pendingInvocations().map(({ requestId, retries }) => [requestId, retries])).toEqual([
      ['r-running', 0],
      ['r-waiting', 0],
    ]);

    host = createFunctionHost(first.foundation);
    host.deploy({ functionName: 'worker', codeFolder: fixture('esm') });
    const next = host;

    await until(() => next.pendingInvocations().length === 0, 'both have ended');
    const finished = first.foundation.timeline.entries.filter(({ kind }) => kind === 'function-finished');
    expect(finished.map(({ details }) => details.requestId)).toEqual(['r-running', 'r-waiting']);
  });
});

describe('task mode', () => {
  it('refuses a task id that is taken, and shows how the task ended', async () => {
    const { enqueue, ended, host } = start({ asyncConfig: { asyncTask: true, maxAsyncRetryAttempts: 1 } });

    await enqueue({ do: 'throw' }, { asyncTaskId: 'task-1' });
    await expect(enqueue({ do: 'number' }, { asyncTaskId: 'task-1' })).rejects.toMatchObject({ status: 409 });
    await ended();

    expect(host.task('worker', 'task-1')).toMatchObject({
      state: 'Failed',
      retries: 1,
      error: 'UnhandledInvocationError',
    });
    await expect(enqueue({ do: 'number' }, { asyncTaskId: 'task-1' })).rejects.toMatchObject({ status: 409 });
  });

  it('frees a task id after its reservation', async () => {
    const switches = { fcTaskIdReservedMs: 50 };
    const { enqueue, ended, host } = start({ asyncConfig: { asyncTask: true } }, {}, { switches });
    await enqueue({ do: 'number' }, { asyncTaskId: 'task-1' });
    await ended();
    await new Promise((resolve) => setTimeout(resolve, 60));

    await enqueue({ do: 'number' }, { asyncTaskId: 'task-1' });
    await ended();

    expect(host.tasks('worker').map(({ state }) => state)).toEqual(['Succeeded']);
  });

  it.each(['', '1-starts-with-a-digit', 'has space', 'x'.repeat(129)])(
    'refuses the task id "%s"',
    async (id) => {
      const { enqueue } = start({ asyncConfig: { asyncTask: true } });

      await expect(enqueue({ do: 'number' }, { asyncTaskId: id })).rejects.toMatchObject({
        code: 'InvalidArgument',
      });
    },
  );

  it('ignores task ids of a function that is not in task mode', async () => {
    const { enqueue, ended, host } = start();

    await enqueue({ do: 'number' }, { asyncTaskId: 'task-1' });
    await enqueue({ do: 'number' }, { asyncTaskId: 'task-1' });
    await ended();

    expect(host.tasks('worker')).toEqual([]);
  });

  it('makes the tasks of a removed function invalid', async () => {
    const { enqueue, host } = start({ asyncConfig: { asyncTask: true } });
    await enqueue({ do: 'number' }, { asyncTaskId: 'task-1', delaySeconds: 100 });

    await host.remove('worker');

    expect(host.task('worker', 'task-1')?.state).toBe('Invalid');
    expect(host.pendingInvocations()).toEqual([]);
  });
});
