import { THROTTLE_FIRST_MS } from '../host/async-queue.ts';
import { createAsyncTasks } from '../host/async-tasks.ts';
import {
  type FunctionSettings,
  type FunctionSettingsInput,
  parseFunctionSettings,
} from '../host/settings.ts';
import { sleep } from '../world/clock.ts';
import { CloudError } from '../world/errors.ts';
import type { InvocationOutcome } from '../world/eventbridge/event-stream.ts';
import type { Foundation } from '../world/foundation.ts';
import { codeNameOf } from './deployment.ts';

/** One run of a function. */
export interface MemoryInvocation {
  /** Which code: `instance-events` or `tick`. */
  readonly codeName: string;
  readonly settings: FunctionSettings;
  /** The bytes that Function Compute would hand over. */
  readonly payload: Buffer;
  readonly requestId: string;
  readonly trigger: 'stream' | 'timer' | 'task';
  /** From 1; more when it was delivered before. */
  readonly attempt: number;
}

/** Runs a function's code to its end. Rejecting is a function error. */
export type RunFunction = (invocation: MemoryInvocation) => Promise<unknown>;

/** The functions of a world without processes. */
export interface MemoryFunctions {
  deploy(input: FunctionSettingsInput): void;
  /** As an event stream calls: the outcome, whatever happens. */
  invoke(functionName: string, payload: Buffer, attempt: number): Promise<InvocationOutcome>;
  /** As a timer calls: later, with the function's own retries, and no more at a time than it has concurrency reserved. */
  invokeAsync(functionName: string, payload: Buffer): Promise<void>;
  /**
   * As the invoke API starts a task: it runs once this has returned. Throws CloudError `FunctionNotFound` 404, or
   * `StatefulAsyncInvocationAlreadyExists` 409 for a task id that is taken.
   */
  start(functionName: string, taskId: string, payload: Buffer): void;
}

/** Functions that `run` runs. */
export function createMemoryFunctions(foundation: Foundation, run: RunFunction): MemoryFunctions {
  const { clock, ids, switches } = foundation;
  const deployed = new Map<string, FunctionSettings>();
  const tasks = createAsyncTasks(foundation);

  /** Asynchronous invocations that run. */
  const runs = new Map<string, number>();
  const running = (functionName: string) => runs.get(functionName) ?? 0;

  const runOnce = async (
    functionName: string,
    payload: Buffer,
    trigger: MemoryInvocation['trigger'],
    attempt: number,
  ): Promise<InvocationOutcome> => {
    const settings = deployed.get(functionName);
    if (settings === undefined) return { ok: false, kind: 'system', message: 'FunctionNotFound' };
    const codeName = codeNameOf(settings.codeFolder);
    try {
      await run({ codeName, settings, payload, requestId: ids.requestId().toLowerCase(), trigger, attempt });
      return { ok: true };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, kind: 'function-error', message };
    }
  };

  const runWithRetries = async (
    functionName: string,
    payload: Buffer,
    trigger: MemoryInvocation['trigger'],
  ): Promise<void> => {
    const bornAtMs = clock.nowMs();
    const { reservedConcurrency = null, asyncConfig } = deployed.get(functionName) ?? {};
    const { maxAsyncRetryAttempts = 0, maxAsyncEventAgeSeconds = 0 } = asyncConfig ?? {};
    const isTooOld = () => clock.nowMs() - bornAtMs > maxAsyncEventAgeSeconds * 1_000;
    for (let attempt = 1; ; attempt++) {
      // Those that were refused together come again together, as in the function host.
      for (let refusals = 0; running(functionName) >= (reservedConcurrency ?? Infinity); refusals++) {
        await sleep(clock, THROTTLE_FIRST_MS * 2 ** refusals);
        if (isTooOld()) return;
      }
      runs.set(functionName, running(functionName) + 1);
      const outcome = await runOnce(functionName, payload, trigger, attempt);
      runs.set(functionName, running(functionName) - 1);
      if (outcome.ok || attempt > maxAsyncRetryAttempts) return;
      await sleep(clock, switches.fcAsyncErrorRetryFirstMs * 2 ** (attempt - 1));
      if (isTooOld()) return;
    }
  };

  return {
    deploy(input) {
      const settings = parseFunctionSettings(input);
      deployed.set(settings.functionName, settings);
    },
    invoke: (functionName, payload, attempt) => runOnce(functionName, payload, 'stream', attempt),
    invokeAsync: (functionName, payload) => runWithRetries(functionName, payload, 'timer'),
    start(functionName, taskId, payload) {
      const settings = deployed.get(functionName);
      if (settings === undefined) {
        throw new CloudError(404, 'FunctionNotFound', `function '${functionName}' does not exist`);
      }
      if (settings.asyncConfig.asyncTask) tasks.add({ functionName, taskId, requestId: taskId });
      clock.at(clock.nowMs(), () => void runWithRetries(functionName, payload, 'task'));
    },
  };
}
