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
  /** As a timer calls: later, with the function's own retries. */
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
    for (let attempt = 1; ; attempt++) {
      const outcome = await runOnce(functionName, payload, trigger, attempt);
      const { maxAsyncRetryAttempts = 0, maxAsyncEventAgeSeconds = 0 } =
        deployed.get(functionName)?.asyncConfig ?? {};
      if (outcome.ok || attempt > maxAsyncRetryAttempts) return;
      await sleep(clock, switches.fcAsyncErrorRetryFirstMs * 2 ** (attempt - 1));
      if (clock.nowMs() - bornAtMs > maxAsyncEventAgeSeconds * 1_000) return;
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
