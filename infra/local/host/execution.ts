import type { Foundation } from '../world/foundation.ts';
import type { StoredCode } from './code-store.ts';
import type { InstanceRequest } from './instance.ts';
import type { InvocationResult } from './invocation.ts';
import { createLogTail } from './log-lines.ts';
import type { Outcome } from './outcome.ts';
import type { InstancePool } from './pool.ts';
import type { FunctionSettings } from './settings.ts';

/** A function with the code and the instances of its present deployment. */
export interface Deployment {
  readonly settings: FunctionSettings;
  readonly code: StoredCode;
  readonly pool: InstancePool;
}

/** Runs a request on one of the function's instances, and records it. Throws what `InstancePool.acquire` throws. */
export async function execute(
  { clock, timeline }: Pick<Foundation, 'clock' | 'timeline'>,
  { pool, settings }: Deployment,
  request: InstanceRequest,
): Promise<{ outcome: Outcome; instanceId: string }> {
  const { functionName } = settings;
  const { requestId, retryCount } = request;
  const instance = pool.acquire(requestId);
  const { instanceId } = instance;
  const details = { functionName, instanceId, requestId, retryCount };
  const note = (kind: string, text: string, more: object = {}) =>
    timeline.record({
      source: 'fc',
      kind,
      text: `${functionName} ${text}`,
      details: { ...details, ...more },
    });
  note('function-invoked', retryCount === 0 ? 'invoked' : `invoked, retry ${retryCount}`);
  const startedAtMs = clock.nowMs();
  const outcome = await instance.invoke(request);
  pool.release(instance);
  const elapsedMs = clock.nowMs() - startedAtMs;
  const { errorType, body } = outcome;
  if (errorType === null) note('function-finished', `finished in ${elapsedMs} ms`, { elapsedMs });
  else {
    const error = body.toString('utf8', 0, 1_024);
    note('function-failed', `failed with ${errorType} after ${elapsedMs} ms`, {
      elapsedMs,
      errorType,
      error,
    });
  }
  return { outcome, instanceId };
}

/**
 * Runs a request and puts its outcome into the invoke API's answer.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/api-invokefunction
 */
export async function executeSync(
  foundation: Foundation,
  deployment: Deployment,
  request: InstanceRequest,
  logType: 'None' | 'Tail',
): Promise<InvocationResult> {
  const tail = createLogTail();
  const { outcome, instanceId } = await execute(foundation, deployment, {
    ...request,
    ...(logType === 'Tail' ? { onLine: tail.add } : {}),
  });
  const { errorType, body, durationMs, maxMemoryMb } = outcome;
  const headers = {
    'x-fc-request-id': request.requestId,
    'x-fc-instance-id': instanceId,
    'x-fc-invocation-duration': durationMs.toFixed(2),
    'x-fc-max-memory-usage': maxMemoryMb.toFixed(2),
    'x-fc-code-checksum': deployment.code.checksum,
    'x-fc-invocation-service-version': 'LATEST',
    ...(errorType === null ? {} : { 'x-fc-error-type': errorType }),
    ...(logType === 'Tail' ? { 'x-fc-log-result': tail.encode(outcome, deployment.settings.memoryMb) } : {}),
  };
  return { statusCode: 200, headers, body };
}
