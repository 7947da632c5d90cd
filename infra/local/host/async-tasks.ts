import { CloudError } from '../world/errors.ts';
import type { Foundation } from '../world/foundation.ts';

/** Where a task stands, in the vendor's words. */
export type AsyncTaskState =
  | 'Enqueued'
  | 'Running'
  | 'Retrying'
  | 'Succeeded'
  | 'Failed'
  | 'Expired'
  | 'Invalid';

/** An asynchronous invocation of a function in task mode. */
export interface AsyncTask {
  readonly functionName: string;
  readonly taskId: string;
  readonly requestId: string;
  readonly state: AsyncTaskState;
  readonly enqueuedAtMs: number;
  readonly changedAtMs: number;
  /** Retries after function errors so far. */
  readonly retries: number;
  /** The last error type or code; `null` = none. */
  readonly error: string | null;
}

/** The tasks of all functions, for as long as their ids stay taken. */
export interface AsyncTasks {
  /** Throws CloudError `StatefulAsyncInvocationAlreadyExists` (409) for an id that is taken. */
  add(task: Pick<AsyncTask, 'functionName' | 'taskId' | 'requestId'>): void;
  find(functionName: string, taskId: string): AsyncTask | null;
  change(functionName: string, taskId: string, to: Pick<AsyncTask, 'state' | 'retries' | 'error'>): void;
  /** Of one function, oldest first. */
  list(functionName: string): ReadonlyArray<AsyncTask>;
}

/**
 * Tasks kept in the world's store. An id stays taken for `fcTaskIdReservedMs` after its task was enqueued.
 *
 * @see https://help.aliyun.com/zh/functioncompute/fc-2-0/user-guide/task-deduplication
 */
export function createAsyncTasks({ clock, store, switches }: Foundation): AsyncTasks {
  const tasks = store.collection<AsyncTask>('fc-async-tasks');
  const keyOf = (functionName: string, taskId: string) => `${functionName} ${taskId}`;
  const isReserved = (task: AsyncTask) => clock.nowMs() - task.enqueuedAtMs < switches.fcTaskIdReservedMs;
  const isPending = (task: AsyncTask) => ['Enqueued', 'Running', 'Retrying'].includes(task.state);
  const forgetOld = () => {
    // Insertion order is time order, so the ones to forget are in front.
    for (const [key, task] of tasks.entries()) {
      if (isReserved(task)) break;
      if (!isPending(task)) tasks.delete(key);
    }
  };
  return {
    add(task) {
      forgetOld();
      const key = keyOf(task.functionName, task.taskId);
      const known = tasks.get(key);
      if (known !== undefined && (isReserved(known) || isPending(known))) {
        throw new CloudError(
          409,
          'StatefulAsyncInvocationAlreadyExists',
          `the async invocation '${task.taskId}' of function '${task.functionName}' already exists`,
        );
      }
      tasks.delete(key);
      const nowMs = clock.nowMs();
      tasks.set(key, {
        ...task,
        state: 'Enqueued',
        enqueuedAtMs: nowMs,
        changedAtMs: nowMs,
        retries: 0,
        error: null,
      });
    },
    find: (functionName, taskId) => tasks.get(keyOf(functionName, taskId)) ?? null,
    change(functionName, taskId, to) {
      const key = keyOf(functionName, taskId);
      const task = tasks.get(key);
      if (task !== undefined) tasks.set(key, { ...task, ...to, changedAtMs: clock.nowMs() });
    },
    list: (functionName) => [...tasks.values()].filter((task) => task.functionName === functionName),
  };
}
