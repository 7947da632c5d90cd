import { CloudError } from '../world/errors.ts';
import type { Foundation } from '../world/foundation.ts';
import { type AsyncQueue, createAsyncQueue, type QueuedInvocation } from './async-queue.ts';
import { type AsyncTask, createAsyncTasks } from './async-tasks.ts';
import { createCodeStore } from './code-store.ts';
import type { QueuePort } from './destinations.ts';
import { type Deployment, execute, executeSync } from './execution.ts';
import { checkInvocation, type InvocationResult, type InvokeOptions } from './invocation.ts';
import type { LogLine } from './log-lines.ts';
import { createInstancePool } from './pool.ts';
import { newRequestId } from './request-ids.ts';
import { type FunctionSettings, type FunctionSettingsInput, parseFunctionSettings } from './settings.ts';

/** A function as it is deployed now. */
export interface DeployedFunction {
  readonly settings: FunctionSettings;
  readonly codeChecksum: string;
}

/** A running instance. */
export interface InstanceSummary {
  readonly instanceId: string;
  readonly functionName: string;
  readonly pid: number | null;
  readonly startedAtMs: number;
  readonly isBusy: boolean;
}

/** Function Compute as far as it runs functions: real processes of bare Node that run built folders. */
export interface FunctionHost {
  /** Creates the function, or replaces its settings and code. Throws CloudError `InvalidArgument`. */
  deploy(settings: FunctionSettingsInput): DeployedFunction;
  /** Uploads the code folder again, settings unchanged. Throws CloudError `FunctionNotFound`. */
  redeploy(functionName: string): DeployedFunction;
  /** Deletes the function; what is queued for it is dropped. Resolves when its processes are gone. */
  remove(functionName: string): Promise<void>;
  list(): ReadonlyArray<DeployedFunction>;
  find(functionName: string): DeployedFunction | null;
  /**
   * Invokes a function: `Sync` resolves with its result, `Async` with 202 once the invocation is kept. Throws
   * CloudError `FunctionNotFound` 404, `ResourceExhausted` 429, `EntityTooLarge`, `InvalidArgument` 400,
   * `StatefulAsyncInvocationAlreadyExists` 409.
   */
  invoke(functionName: string, payload: Uint8Array, options?: InvokeOptions): Promise<InvocationResult>;
  /** The running instances. */
  instances(): ReadonlyArray<InstanceSummary>;
  /** Kills the instance's process with SIGKILL; `false` when there is none of that id. */
  killInstance(instanceId: string): boolean;
  /** A task by its id; `null` when unknown or forgotten. */
  task(functionName: string, taskId: string): AsyncTask | null;
  tasks(functionName: string): ReadonlyArray<AsyncTask>;
  /** Asynchronous invocations that have not ended, oldest first. */
  pendingInvocations(): ReadonlyArray<QueuedInvocation>;
  /** Called with each line that a function or the platform writes. */
  onLog(listener: (line: LogLine) => void): void;
  /** Ends every process: idle instances after their preStop, busy ones at once. Nothing can be invoked afterwards. */
  close(): Promise<void>;
}

/** Settings of the local host that the cloud does not have; every one has a default. */
export interface FunctionHostOptions {
  /** Whether nothing runs in an instance between requests. @default true */
  readonly freeze?: boolean;
  /** How long an instance is kept without a request. @default 180_000 */
  readonly idleMs?: number;
  /** Factor on the waits between asynchronous attempts. @default 1 */
  readonly asyncBackoffScale?: number;
  /**
   * Share of each of them, from 0 to 1, of which chance takes some away. Without any, what was refused together comes again
   * together, however many may run. @default 0
   */
  readonly asyncBackoffJitter?: number;
  /** Where destinations deliver to; without it they fail, as to a queue that does not exist. */
  readonly queues?: QueuePort;
}

/** A host without functions. Asynchronous invocations kept in the store run once their function is deployed. */
export function createFunctionHost(foundation: Foundation, options: FunctionHostOptions = {}): FunctionHost {
  const { clock, timeline, switches } = foundation;
  const codeStore = createCodeStore();
  const deployments = new Map<string, Deployment>();
  // Those that were replaced are here too until their last process is gone.
  const live = new Set<Deployment>();
  const logListeners: Array<(line: LogLine) => void> = [];
  const tasks = createAsyncTasks(foundation);
  let isClosed = false;

  const onLog = (line: LogLine) => {
    for (const listener of logListeners) listener(line);
  };
  const deploymentOf = (functionName: string): Deployment => {
    if (isClosed) throw new CloudError(503, 'ServiceUnavailable', 'the function host is closed');
    const found = deployments.get(functionName);
    if (found === undefined) {
      throw new CloudError(404, 'FunctionNotFound', `function '${functionName}' does not exist`);
    }
    return found;
  };
  const retire = async (deployment: Deployment, killBusy: boolean) => {
    await deployment.pool.retire({ killBusy });
    codeStore.remove(deployment.code);
    live.delete(deployment);
  };
  const summaryOf = ({ settings, code }: Deployment): DeployedFunction => ({
    settings,
    codeChecksum: code.checksum,
  });

  const queue: AsyncQueue = createAsyncQueue(foundation, {
    tasks,
    queues: options.queues ?? null,
    backoffScale: options.asyncBackoffScale ?? 1,
    backoffJitter: options.asyncBackoffJitter ?? 0,
    configOf: (functionName) => deployments.get(functionName)?.settings.asyncConfig ?? null,
    attempt: async (invocation) => {
      const payload = Buffer.from(invocation.payloadBase64, 'base64');
      const { requestId, retries: retryCount } = invocation;
      const deployment = deploymentOf(invocation.functionName);
      const { outcome } = await execute(foundation, deployment, { requestId, payload, retryCount });
      return outcome;
    },
  });

  const invokeAsync = (
    functionName: string,
    payload: Uint8Array,
    requestId: string,
    given: InvokeOptions,
  ) => {
    const { asyncTask } = deploymentOf(functionName).settings.asyncConfig;
    const isTask = asyncTask || switches.fcTaskIdWithoutTaskMode === 'honoured';
    const taskId = isTask ? (given.asyncTaskId ?? requestId) : null;
    if (taskId !== null) tasks.add({ functionName, taskId, requestId });
    const payloadBase64 = Buffer.from(payload).toString('base64');
    const dueAtMs = clock.nowMs() + (given.delaySeconds ?? 0) * 1_000;
    queue.enqueue({ requestId, functionName, taskId, payloadBase64, dueAtMs });
    return { statusCode: 202, headers: { 'x-fc-request-id': requestId }, body: Buffer.alloc(0) } as const;
  };

  const put = (settings: FunctionSettings): DeployedFunction => {
    if (isClosed) throw new CloudError(503, 'ServiceUnavailable', 'the function host is closed');
    const { functionName } = settings;
    const code = codeStore.upload(functionName, settings.codeFolder);
    const pool = createInstancePool(foundation, {
      settings,
      code,
      freeze: options.freeze ?? true,
      idleMs: options.idleMs ?? 180_000,
      onLog,
    });
    const replaced = deployments.get(functionName);
    const deployment = { settings, code, pool };
    live.add(deployment);
    deployments.set(functionName, deployment);
    if (replaced !== undefined) void retire(replaced, false);
    queue.resume(functionName);
    return summaryOf(deployment);
  };
  const killInstance = (instanceId: string): boolean => {
    for (const { pool, settings } of live) {
      const instance = pool.instances.find((candidate) => candidate.instanceId === instanceId);
      if (instance === undefined) continue;
      instance.kill();
      const { functionName } = settings;
      timeline.record({
        source: 'fc',
        kind: 'instance-killed',
        text: `${functionName}: instance ${instanceId} killed`,
        details: { functionName, instanceId, pid: instance.pid },
      });
      return true;
    }
    return false;
  };
  // A session of a function's role is named after the instance that it was opened for.
  foundation.gate.onKillCaller(({ sessionName }) => {
    if (sessionName !== null) killInstance(sessionName);
  });

  return {
    deploy: (settings) => put(parseFunctionSettings(settings)),
    redeploy: (functionName) => put(deploymentOf(functionName).settings),
    async remove(functionName) {
      const deployment = deploymentOf(functionName);
      deployments.delete(functionName);
      queue.abandon(functionName);
      await retire(deployment, true);
    },
    list: () => [...deployments.values()].map(summaryOf),
    find(functionName) {
      const deployment = deployments.get(functionName);
      return deployment === undefined ? null : summaryOf(deployment);
    },
    async invoke(functionName, payload, given = {}) {
      const deployment = deploymentOf(functionName);
      checkInvocation(payload, given, switches);
      const requestId = given.requestId ?? newRequestId(foundation);
      if (given.invocationType === 'Async') return invokeAsync(functionName, payload, requestId, given);
      const request = { requestId, payload, retryCount: given.retryCount ?? 0 };
      return executeSync(foundation, deployment, request, given.logType ?? 'None');
    },
    instances: () =>
      [...live].flatMap(({ pool, settings: { functionName } }) =>
        pool.instances.map(({ instanceId, pid, startedAtMs, isBusy }) => ({
          instanceId,
          functionName,
          pid,
          startedAtMs,
          isBusy,
        })),
      ),
    killInstance,
    task: tasks.find,
    tasks: tasks.list,
    pendingInvocations: queue.pending,
    onLog: (listener) => void logListeners.push(listener),
    async close() {
      isClosed = true;
      queue.close();
      deployments.clear();
      await Promise.all([...live].map((deployment) => retire(deployment, true)));
      codeStore.close();
    },
  };
}
