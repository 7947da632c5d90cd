import {
  type FunctionSettings,
  type FunctionSettingsInput,
  parseFunctionSettings,
} from '../host/settings.ts';
import { sleep } from '../world/clock.ts';
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
  readonly trigger: 'stream' | 'timer';
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
}

/** Functions that `run` runs. */
export function createMemoryFunctions(foundation: Foundation, run: RunFunction): MemoryFunctions {
  const { clock, ids, switches } = foundation;
  const deployed = new Map<string, FunctionSettings>();

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

  return {
    deploy(input) {
      const settings = parseFunctionSettings(input);
      deployed.set(settings.functionName, settings);
    },
    invoke: (functionName, payload, attempt) => runOnce(functionName, payload, 'stream', attempt),
    async invokeAsync(functionName, payload) {
      const bornAtMs = clock.nowMs();
      for (let attempt = 1; ; attempt++) {
        const outcome = await runOnce(functionName, payload, 'timer', attempt);
        const { maxAsyncRetryAttempts = 0, maxAsyncEventAgeSeconds = 0 } =
          deployed.get(functionName)?.asyncConfig ?? {};
        if (outcome.ok || attempt > maxAsyncRetryAttempts) return;
        await sleep(clock, switches.fcAsyncErrorRetryFirstMs * 2 ** (attempt - 1));
        if (clock.nowMs() - bornAtMs > maxAsyncEventAgeSeconds * 1_000) return;
      }
    },
  };
}
