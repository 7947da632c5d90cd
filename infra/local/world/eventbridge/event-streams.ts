import { setMaxListeners } from 'node:events';
import type { WorldClock } from '../clock.ts';
import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import type { Mns } from '../mns/mns.ts';
import {
  type EventStream,
  type EventStreamDescription,
  type InvocationOutcome,
  type InvokeFunction,
  invalidStream,
  requireEventStream,
  type StreamTimings,
} from './event-stream.ts';
import { nextPushRetryMs, PUSH_RETRY_TIMINGS } from './push-retry.ts';
import { createBatchGatherer, type StreamBatch } from './stream-batch.ts';

/** The event streams from queues to functions. */
export interface EventStreams {
  /** Creates the stream, or replaces it, and starts it. Throws `InvalidArgument` (400). */
  putStream(stream: EventStream): void;
  /** Stops the stream and forgets it; invocations under way end by themselves. */
  deleteStream(name: string): void;
  /** Starts a stream that stopped after an error. Throws `EventStreamingNotExist` (404). */
  startStream(name: string): void;
  listStreams(): ReadonlyArray<EventStreamDescription>;
  /**
   * Stops all work; the streams go on when the world is opened again. Resolves when nothing is written any more:
   * messages whose invocation is still under way are delivered again then.
   */
  close(): Promise<void>;
}

/** Settings of the local streams. */
export interface EventStreamsOptions {
  readonly mns: Mns;
  /** Must be ready to be called when the streams are created: stored streams go on at once. */
  readonly invoke: InvokeFunction;
  /** Batches of one stream that may be in flight together; the real cloud publishes no number. @default 4 */
  readonly concurrency?: number;
  /** @default {@link STREAM_TIMINGS} */
  readonly timings?: Partial<StreamTimings>;
}

/** The waits of the real cloud, as far as they are known. */
export const STREAM_TIMINGS: StreamTimings = {
  timeBasedWindowMs: null,
  retry: PUSH_RETRY_TIMINGS,
  visibilityTimeoutMs: 60_000,
  pollRetryMs: 1_000,
};

interface StoredStream {
  readonly stream: EventStream;
  readonly stopReason: string | null;
}

interface Run {
  readonly stop: AbortController;
  readonly inFlight: Set<StreamBatch>;
}

/** The streams kept in the foundation's store, running. */
export function createEventStreams(foundation: Foundation, options: EventStreamsOptions): EventStreams {
  const { clock, random, store, switches, timeline } = foundation;
  const { mns, invoke, concurrency = 4 } = options;
  const timings: StreamTimings = { ...STREAM_TIMINGS, ...options.timings };
  const stored = store.collection<StoredStream>('event-streams');
  const runs = new Map<string, Run>();
  // Also the ones that have been stopped and are still ending.
  const working = new Set<Promise<void>>();
  const inFlight = new Set<StreamBatch>();
  let closed = false;

  const record = (kind: string, text: string, { name, functionName, queueName }: EventStream, details = {}) =>
    timeline.record({
      source: 'eventbridge',
      kind,
      text,
      details: { stream: name, functionName, queueName, ...details },
    });

  const halt = (name: string) => {
    runs.get(name)?.stop.abort();
    runs.delete(name);
  };

  const stopAfterError = (stream: EventStream, stopReason: string) => {
    stored.set(stream.name, { stream, stopReason });
    record('stream-stopped', `stream ${stream.name} stopped: ${stopReason}`, stream, { stopReason });
    halt(stream.name);
  };

  const invokeSafely = async (stream: EventStream, batch: StreamBatch, attempt: number) => {
    try {
      return await invoke(stream.functionName, batch.payload, { attempt });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, kind: 'system', message } satisfies InvocationOutcome;
    }
  };

  /** Sends the batch whole until it is taken, given up, or the stream ends. */
  const deliver = async (stream: EventStream, batch: StreamBatch, { signal }: AbortController) => {
    const count = batch.messages.length;
    for (let attempt = 1; ; attempt++) {
      const outcome = await invokeSafely(stream, batch, attempt);
      if (closed) return;
      if (outcome.ok) {
        batch.held.delete();
        record('batch-delivered', `${count} messages taken by ${stream.functionName}`, stream, {
          count,
          attempt,
        });
        return;
      }
      record(
        'batch-failed',
        `${count} messages refused by ${stream.functionName}: ${outcome.message}`,
        stream,
        { count, attempt, kind: outcome.kind, message: outcome.message },
      );
      const waitMs = nextPushRetryMs(stream.retryStrategy, attempt, timings.retry, random);
      if (waitMs !== null) await pause(clock, waitMs, signal);
      if (signal.aborted) {
        batch.held.release();
        return;
      }
      if (waitMs === null) {
        giveUp(stream, batch, outcome.message);
        return;
      }
    }
  };

  const giveUp = (stream: EventStream, batch: StreamBatch, reason: string) => {
    if (stream.errorsTolerance === 'NONE') {
      stopAfterError(stream, reason);
      batch.held.release();
      return;
    }
    const { deadLetterQueueName } = stream;
    if (deadLetterQueueName === null) {
      batch.held.delete();
      record('batch-dropped', `${batch.messages.length} messages given up`, stream, { reason });
      return;
    }
    const elements = JSON.parse(batch.payload.toString('utf8')) as Array<unknown>;
    for (const [index, message] of batch.messages.entries()) {
      const isWhole = switches.streamDeadLetterBody === 'cloud-event';
      try {
        mns.sendMessage(deadLetterQueueName, {
          body: isWhole ? JSON.stringify(elements[index]) : message.body,
        });
        batch.held.delete([message.messageId]);
      } catch (error) {
        if (!(error instanceof CloudError)) throw error;
        // Better seen twice than lost: what cannot be put aside comes back.
        record('dead-letter-refused', `${deadLetterQueueName} refused a message: ${error.message}`, stream, {
          messageId: message.messageId,
        });
      }
    }
    batch.held.abandon();
    record('batch-dead-lettered', `${batch.messages.length} messages put on ${deadLetterQueueName}`, stream, {
      reason,
    });
  };

  const work = async (stream: EventStream, run: Run) => {
    const { signal } = run.stop;
    const gatherer = createBatchGatherer(foundation, {
      mns,
      stream,
      windowMs: timings.timeBasedWindowMs ?? stream.batchWindow.timeBasedWindowSeconds * 1_000,
      visibilityTimeoutMs: timings.visibilityTimeoutMs,
    });
    let wake = () => {};
    signal.addEventListener('abort', () => wake());
    while (!signal.aborted) {
      if (run.inFlight.size >= concurrency) {
        // Nothing is taken that could not be delivered now.
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      let batch: StreamBatch | null;
      try {
        batch = await gatherer.next(signal);
      } catch (error) {
        if (!(error instanceof CloudError)) throw error;
        await pause(clock, timings.pollRetryMs, signal);
        continue;
      }
      if (batch !== null) launch(stream, run, batch, () => wake());
    }
    gatherer.close();
  };

  const launch = (stream: EventStream, run: Run, batch: StreamBatch, onEnd: () => void) => {
    run.inFlight.add(batch);
    inFlight.add(batch);
    void deliver(stream, batch, run.stop).finally(() => {
      run.inFlight.delete(batch);
      inFlight.delete(batch);
      onEnd();
    });
  };

  const start = (stream: EventStream) => {
    halt(stream.name);
    const run: Run = { stop: new AbortController(), inFlight: new Set() };
    // Each batch in flight may listen.
    setMaxListeners(0, run.stop.signal);
    runs.set(stream.name, run);
    const done = work(stream, run).finally(() => working.delete(done));
    working.add(done);
  };

  for (const { stream, stopReason } of stored.values()) if (stopReason === null) start(stream);

  return {
    putStream(stream) {
      requireEventStream(stream);
      for (const other of stored.values()) {
        if (other.stream.queueName === stream.queueName && other.stream.name !== stream.name) {
          throw invalidStream(`${other.stream.name} already reads ${stream.queueName}.`);
        }
      }
      stored.set(stream.name, { stream, stopReason: null });
      start(stream);
    },
    deleteStream(name) {
      stored.delete(name);
      halt(name);
    },
    startStream(name) {
      const found = stored.get(name);
      if (found === undefined) {
        throw new CloudError(404, 'EventStreamingNotExist', `There is no event stream ${name}.`);
      }
      if (found.stopReason === null) return;
      stored.set(name, { ...found, stopReason: null });
      start(found.stream);
    },
    listStreams: () =>
      [...stored.values()].map(({ stream, stopReason }) => ({
        stream,
        status: stopReason === null ? 'Running' : 'Ready',
        stopReason,
        batchesInFlight: runs.get(stream.name)?.inFlight.size ?? 0,
      })),
    async close() {
      closed = true;
      for (const { held } of inFlight) held.abandon();
      for (const name of [...runs.keys()]) halt(name);
      await Promise.all(working);
    },
  };
}

/** Resolves after `ms`, or as soon as the signal fires. */
function pause(clock: WorldClock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.at(clock.nowMs() + ms, end);
    signal.addEventListener('abort', end);
  });
}
