import type { Cancel } from '../world/clock.ts';
import { CloudError } from '../world/errors.ts';
import type { Foundation } from '../world/foundation.ts';
import type { AsyncTaskState, AsyncTasks } from './async-tasks.ts';
import { type AsyncEnd, destinationRecord, type QueuePort } from './destinations.ts';
import type { Outcome } from './outcome.ts';
import type { AsyncConfig } from './settings.ts';

/** An asynchronous invocation that has not ended, as it is kept. */
export interface QueuedInvocation {
  readonly requestId: string;
  readonly functionName: string;
  /** `null` = not a task. */
  readonly taskId: string | null;
  readonly payloadBase64: string;
  readonly enqueuedAtMs: number;
  readonly dueAtMs: number;
  /** Retries after function errors so far. */
  readonly retries: number;
  /** Attempts that the platform refused so far. */
  readonly refusals: number;
}

/** The asynchronous invocations of all functions. */
export interface AsyncQueue {
  /** Keeps the invocation and runs it when due. At least once: it outlives the process. */
  enqueue(invocation: Omit<QueuedInvocation, 'enqueuedAtMs' | 'retries' | 'refusals'>): void;
  /** Takes up what is kept for the function, which can be run from now on. */
  resume(functionName: string): void;
  /** Drops what is kept for the function, which is gone. */
  abandon(functionName: string): void;
  /** What has not ended, oldest first. */
  pending(): ReadonlyArray<QueuedInvocation>;
  /** Starts nothing more. What has not ended stays in the store. */
  close(): void;
}

/** Wait after the first refusal for want of an instance; each further wait is twice as long. */
export const THROTTLE_FIRST_MS = 500;
const THROTTLED_AT_MOST_MS = 5 * 60 * 60_000;

/**
 * The queue in front of asynchronous invocations: function errors are retried as the function's settings say,
 * throttling for up to 5 hours, both with waits that double. `backoffScale` stretches or shortens those waits.
 *
 * @see https://help.aliyun.com/zh/functioncompute/user-guide/overview-34
 */
export function createAsyncQueue(
  foundation: Foundation,
  deps: {
    readonly tasks: AsyncTasks;
    readonly queues: QueuePort | null;
    readonly backoffScale: number;
    /** Share of each wait, from 0 to 1, of which chance takes some away. */
    readonly backoffJitter: number;
    /** `null` while the function is not deployed. */
    readonly configOf: (functionName: string) => AsyncConfig | null;
    /** Runs the function once. Rejects with CloudError when the platform refuses. */
    readonly attempt: (invocation: QueuedInvocation) => Promise<Outcome>;
  },
): AsyncQueue {
  const { clock, random, store, switches, timeline } = foundation;
  const { tasks, queues, backoffScale, backoffJitter, configOf, attempt } = deps;
  const kept = store.collection<QueuedInvocation>('fc-async-invocations');
  const timers = new Map<string, Cancel>();
  const running = new Set<string>();
  let isClosed = false;

  const note = (kind: string, invocation: QueuedInvocation, text: string) => {
    const { functionName, requestId, retries, taskId } = invocation;
    timeline.record({
      source: 'fc',
      kind,
      text: `${functionName}: ${text}`,
      details: { functionName, requestId, retries, taskId },
    });
  };
  const setTask = (invocation: QueuedInvocation, state: AsyncTaskState, error: string | null) => {
    if (invocation.taskId === null) return;
    tasks.change(invocation.functionName, invocation.taskId, { state, retries: invocation.retries, error });
  };
  const arm = (invocation: QueuedInvocation) => {
    if (isClosed || running.has(invocation.requestId) || timers.has(invocation.requestId)) return;
    timers.set(
      invocation.requestId,
      clock.at(invocation.dueAtMs, () => void run(invocation.requestId)),
    );
  };

  const sendTo = async (queueName: string | null, invocation: QueuedInvocation, end: AsyncEnd) => {
    if (queueName === null) return;
    try {
      if (queues === null) throw new Error('the host has no queues to deliver to');
      await queues.sendToQueue(queueName, destinationRecord(foundation, end));
    } catch (error) {
      note(
        'destination-failed',
        invocation,
        `its record could not be sent to ${queueName}: ${String(error)}`,
      );
    }
  };
  const finish = async (
    invocation: QueuedInvocation,
    state: AsyncTaskState,
    end: Pick<AsyncEnd, 'condition' | 'statusCode' | 'response'>,
  ) => {
    const { functionName, requestId, retries, refusals } = invocation;
    const config = configOf(functionName);
    const attempts = state === 'Expired' ? 0 : 1;
    const record: AsyncEnd = {
      ...end,
      functionName,
      requestId,
      invokeCount: retries + refusals + attempts,
      payload: Buffer.from(invocation.payloadBase64, 'base64'),
    };
    const isSuccess = state === 'Succeeded';
    if (!isSuccess) note('async-given-up', invocation, `asynchronous invocation given up: ${end.condition}`);
    const queueName = isSuccess ? config?.onSuccessQueue : config?.onFailureQueue;
    // Delivered before it is forgotten: a process that dies in between delivers it twice, never not at all.
    await sendTo(queueName ?? null, invocation, record);
    if (isClosed) return;
    setTask(invocation, state, isSuccess ? null : end.condition);
    kept.delete(requestId);
  };
  const retryAt = (invocation: QueuedInvocation, waitMs: number, reason: string) => {
    const share = backoffJitter === 0 ? 1 : 1 - backoffJitter * random();
    const later = { ...invocation, dueAtMs: clock.nowMs() + waitMs * backoffScale * share };
    kept.set(later.requestId, later);
    setTask(later, 'Retrying', reason);
    note(
      'async-retry',
      later,
      `asynchronous invocation comes again in ${later.dueAtMs - clock.nowMs()} ms: ${reason}`,
    );
  };

  const onOutcome = async (invocation: QueuedInvocation, outcome: Outcome, config: AsyncConfig) => {
    const { errorType, body } = outcome;
    if (errorType === null) {
      await finish(invocation, 'Succeeded', { condition: '', statusCode: 200, response: body });
    } else if (invocation.retries < config.maxAsyncRetryAttempts) {
      const waitMs = switches.fcAsyncErrorRetryFirstMs * 2 ** invocation.retries;
      retryAt({ ...invocation, retries: invocation.retries + 1 }, waitMs, errorType);
    } else {
      await finish(invocation, 'Failed', { condition: errorType, statusCode: 200, response: body });
    }
  };
  const onRefusal = async (invocation: QueuedInvocation, refusal: CloudError) => {
    const waitedMs = clock.nowMs() - invocation.enqueuedAtMs;
    const isRetryable =
      refusal.status === 429 || (refusal.status >= 500 && switches.fcAsyncSystemErrors === 'retried');
    if (isRetryable && waitedMs < THROTTLED_AT_MOST_MS * backoffScale) {
      const waitMs = THROTTLE_FIRST_MS * 2 ** invocation.refusals;
      retryAt({ ...invocation, refusals: invocation.refusals + 1 }, waitMs, refusal.code);
      return;
    }
    const end = { condition: refusal.code, statusCode: refusal.status, response: Buffer.alloc(0) };
    await finish(invocation, 'Failed', end);
  };
  const attemptOnce = async (invocation: QueuedInvocation, config: AsyncConfig) => {
    if (clock.nowMs() - invocation.enqueuedAtMs > config.maxAsyncEventAgeSeconds * 1_000) {
      await finish(invocation, 'Expired', {
        condition: 'Expired',
        statusCode: 200,
        response: Buffer.alloc(0),
      });
      return;
    }
    setTask(invocation, 'Running', null);
    const outcome = await attempt(invocation).catch((error: unknown) => {
      if (error instanceof CloudError) return error;
      return new CloudError(500, 'InternalServerError', String(error));
    });
    // A host that closes ends its instances: that is not the function's failure, and the next host runs it again.
    if (isClosed || !kept.has(invocation.requestId)) return;
    if (outcome instanceof CloudError) await onRefusal(invocation, outcome);
    else await onOutcome(invocation, outcome, config);
  };
  const run = async (requestId: string) => {
    timers.delete(requestId);
    const invocation = kept.get(requestId);
    const config = invocation === undefined ? null : configOf(invocation.functionName);
    if (isClosed || invocation === undefined || config === null) return;
    running.add(requestId);
    await attemptOnce(invocation, config);
    running.delete(requestId);
    const next = kept.get(requestId);
    if (next !== undefined) arm(next);
  };

  return {
    enqueue(invocation) {
      const queued = { ...invocation, enqueuedAtMs: clock.nowMs(), retries: 0, refusals: 0 };
      kept.set(queued.requestId, queued);
      arm(queued);
    },
    resume(functionName) {
      for (const invocation of kept.values()) if (invocation.functionName === functionName) arm(invocation);
    },
    abandon(functionName) {
      for (const invocation of [...kept.values()]) {
        if (invocation.functionName !== functionName) continue;
        timers.get(invocation.requestId)?.();
        timers.delete(invocation.requestId);
        setTask(invocation, 'Invalid', 'FunctionNotFound');
        kept.delete(invocation.requestId);
      }
    },
    pending: () => [...kept.values()],
    close() {
      isClosed = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
