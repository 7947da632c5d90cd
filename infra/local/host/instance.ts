import { CloudError } from '../world/errors.ts';
import type { Foundation } from '../world/foundation.ts';
import type { Credential } from '../world/identities.ts';
import type { StoredCode } from './code-store.ts';
import { contextOf, environmentOf } from './environment.ts';
import { endSuffix, type LogLine } from './log-lines.ts';
import { exited, type Outcome, timedOut } from './outcome.ts';
import { newInstanceId } from './request-ids.ts';
import { type RuntimeResult, startRuntimeProcess } from './runtime-process.ts';
import type { FunctionSettings } from './settings.ts';

/** One request to a function's code. */
export interface InstanceRequest {
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** Attempts before this one; `0` on the first. */
  readonly retryCount: number;
  /** Gets the lines of this request's log. */
  readonly onLine?: (line: string) => void;
}

/** A process that runs one function's code for one request at a time. */
export interface FunctionInstance {
  readonly instanceId: string;
  /** `null` when the process could not be started. */
  readonly pid: number | null;
  readonly startedAtMs: number;
  readonly isBusy: boolean;
  /** Whether it can take a further request. */
  readonly isUsable: boolean;
  /** Runs one request, after loading and initializing on the first. Never while {@link isBusy}. */
  invoke(request: InstanceRequest): Promise<Outcome>;
  /** Runs preStop when there is one and nothing else is running, then ends the process. */
  stop(): Promise<void>;
  /** Ends the process at once, as kill -9 does. */
  kill(): void;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
}

// What a session of the function's role lives, as the vendor documents it.
const SESSION_LIFE_MS = 36 * 60 * 60_000;

/**
 * Starts an instance for a request that waits for it; `freeze` = nothing runs in it between requests. Throws
 * CloudError `AccessDenied` when the function's role cannot be assumed.
 */
export function startInstance(
  foundation: Foundation,
  options: {
    readonly settings: FunctionSettings;
    readonly code: StoredCode;
    readonly freeze: boolean;
    readonly requestId: string;
    readonly onLog: (line: LogLine) => void;
  },
): FunctionInstance {
  const { clock, identities, switches } = foundation;
  const { settings, code, onLog } = options;
  const instanceId = newInstanceId(foundation);
  const openSession = () => {
    if (settings.roleName === null) return null;
    try {
      return identities.assumeRole(settings.roleName, instanceId, SESSION_LIFE_MS);
    } catch (error) {
      throw new CloudError(403, 'AccessDenied', `cannot assume role ${settings.roleName}: ${String(error)}`);
    }
  };
  let credential: Credential | null = openSession();
  let requestId = options.requestId;
  let onLine: InstanceRequest['onLine'];
  let maxMemoryMb = 0;
  let isLoaded = false;
  let isInitialized = settings.initializer === null;
  let isBusy = false;
  let isUsable = true;

  const identity = () => ({ instanceId, codeFolder: code.folder, settings, credential });
  const log = (line: string) => {
    onLog({ functionName: settings.functionName, instanceId, requestId, line });
    onLine?.(line);
  };
  const runtime = startRuntimeProcess({
    environment: environmentOf(foundation, identity()),
    memoryMb: settings.memoryMb,
    onLine: log,
  });
  runtime.send({
    requestId,
    codeFolder: code.folder,
    handler: settings.handler,
    initializer: settings.initializer?.handler ?? null,
    preStop: settings.preStop?.handler ?? null,
    freeze: options.freeze,
    emptyResult: switches.fcEmptyResult,
  });
  void runtime.ended.then(() => {
    isUsable = false;
  });

  const renewSession = () => {
    const neededUntilMs = clock.nowMs() + settings.timeoutSeconds * 1_000;
    if (credential?.expiresAtMs != null && credential.expiresAtMs < neededUntilMs) credential = openSession();
  };

  /** Waits for the runtime's next result; kills it when that takes too long. */
  const awaitOutcome = async (timeoutSeconds: number): Promise<Outcome> => {
    const startedAtMs = clock.nowMs();
    const elapsedMs = () => clock.nowMs() - startedAtMs;
    const result = await withTimeout(timeoutSeconds * 1_000, runtime.nextResult());
    if (result === 'timeout') {
      maxMemoryMb = Math.max(maxMemoryMb, runtime.maxMemoryMb());
      isUsable = false;
      runtime.kill();
      await runtime.ended;
      return timedOut(timeoutSeconds, elapsedMs(), maxMemoryMb);
    }
    if (result === null) {
      isUsable = false;
      return exited(elapsedMs(), maxMemoryMb);
    }
    maxMemoryMb = Math.max(maxMemoryMb, result.maxMemoryMb);
    if (result.isLast) {
      isUsable = false;
      await runtime.ended;
    }
    // Lets what the code wrote to its descriptors before the result be read before it too.
    await new Promise((resolve) => setImmediate(resolve));
    const { errorType, body } = result;
    return { errorType, body, durationMs: result.durationMs ?? elapsedMs(), maxMemoryMb };
  };

  const withTimeout = (ms: number, result: Promise<RuntimeResult | null>) =>
    new Promise<RuntimeResult | null | 'timeout'>((resolve) => {
      const cancel = clock.at(clock.nowMs() + ms, () => resolve('timeout'));
      void result.then((value) => {
        cancel();
        resolve(value);
      });
    });

  const run = (
    type: string,
    timeoutSeconds: number,
    request: Pick<InstanceRequest, 'retryCount'>,
    body?: Uint8Array,
  ) => {
    const context = contextOf(foundation, identity(), { requestId, retryCount: request.retryCount });
    runtime.send({ type, context }, body);
    return awaitOutcome(timeoutSeconds);
  };

  const initialize = async (request: InstanceRequest): Promise<Outcome | null> => {
    if (isInitialized || settings.initializer === null) return null;
    log(`FC Initialize Start RequestId: ${requestId}`);
    const outcome = await run('initialize', settings.initializer.timeoutSeconds, request);
    log(`FC Initialize End RequestId: ${requestId}${endSuffix(outcome.errorType)}`);
    if (outcome.errorType === null) {
      isInitialized = true;
      return null;
    }
    if (switches.fcFailedInitializer === 'new-instance') isUsable = false;
    return { ...outcome, errorType: 'InitializationError' };
  };

  const runHandler = async (request: InstanceRequest): Promise<Outcome> => {
    log(`FC Invoke Start RequestId: ${requestId}`);
    const outcome = await run('invoke', settings.timeoutSeconds, request, request.payload);
    log(`FC Invoke End RequestId: ${requestId}${endSuffix(outcome.errorType)}`);
    return outcome;
  };

  const load = async (): Promise<Outcome | null> => {
    if (isLoaded) return null;
    const outcome = await awaitOutcome(settings.timeoutSeconds);
    isLoaded = outcome.errorType === null;
    if (!isLoaded) isUsable = false;
    return isLoaded ? null : outcome;
  };

  return {
    instanceId,
    pid: runtime.pid,
    startedAtMs: clock.nowMs(),
    get isBusy() {
      return isBusy;
    },
    get isUsable() {
      return isUsable;
    },
    ended: runtime.ended,
    kill() {
      isUsable = false;
      runtime.kill();
    },
    async invoke(request) {
      isBusy = true;
      requestId = request.requestId;
      onLine = request.onLine;
      renewSession();
      try {
        return (await load()) ?? (await initialize(request)) ?? (await runHandler(request));
      } finally {
        isBusy = false;
        onLine = undefined;
        if (!isUsable) runtime.kill();
      }
    },
    async stop() {
      const canRunHook = isUsable && !isBusy && isLoaded;
      isUsable = false;
      if (canRunHook && settings.preStop !== null) {
        log(`FC PreStop Start RequestId: ${requestId}`);
        const outcome = await run('preStop', settings.preStop.timeoutSeconds, { retryCount: 0 });
        log(`FC PreStop End RequestId: ${requestId}${endSuffix(outcome.errorType)}`);
      }
      runtime.kill();
      await runtime.ended;
    },
  };
}
