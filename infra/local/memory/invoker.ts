import { errorOf } from '../../../shared/adapters/alibaba/errors.ts';
import { GATEWAY_REFUSALS } from '../../../shared/adapters/alibaba/refusals/gateway.ts';
import { DeadlineError } from '../../../shared/adapters/node/deadline.ts';
import { TransientError } from '../../../shared/errors.ts';
import type { Invoker, StartOutcome } from '../../../shared/sweep/ports.ts';
import { throttled } from '../host/invocation.ts';
import { AccessDenied, CloudError, ConnectionLost } from '../world/errors.ts';
import type { Foundation } from '../world/foundation.ts';
import { type Caller, withTries } from './caller.ts';

const API = 'InvokeFunction';
const TRIES = { triesMax: 2, waitMs: 200 };

/** Whatever starts tasks of functions; refuses with CloudError. */
export interface StartsTasks {
  start(functionName: string, taskId: string, payload: Buffer): unknown;
}

/** The way to a function without the wire: judged and refused as the invoke API of Function Compute 3.0 would. */
export function createMemoryInvoker(
  foundation: Foundation,
  functions: StartsTasks,
  functionName: string,
  caller: Caller,
): Invoker {
  const { gate, ids, region, identities } = foundation;
  const once = async (taskId: string, payload: string, timeoutMs: number): Promise<StartOutcome> => {
    const requestId = ids.requestId();
    const travel = {
      product: 'fc',
      action: API,
      timeoutMs,
      parameters: { functionName, taskId, payload },
      about: () => `${functionName} ${taskId}`,
    } as const;
    const call = {
      product: 'fc',
      action: API,
      principal: caller.principal,
      subject: functionName,
      resources: [`acs:fc:${region}:${identities.accountId}:functions/${functionName}`],
      parameters: { functionName, taskId },
    } as const;
    try {
      await caller.carrier.carry(travel, () =>
        gate.perform(call, requestId, () => functions.start(functionName, taskId, Buffer.from(payload))),
      );
      return 'started';
    } catch (failure) {
      if (failure instanceof CloudError && failure.status === 409) return 'already';
      throw errorOf(API, asSdkFailure(failure, requestId), GATEWAY_REFUSALS);
    }
  };
  const mayRepeat = (error: unknown) => error instanceof TransientError && error.reason !== 'throttled';
  return {
    start: (taskId, payload) =>
      withTries(caller, TRIES, mayRepeat, (leftMs) => once(taskId, payload, leftMs)),
  };
}

/** What the SDK throws for what the gate throws. A defect of the world itself passes as it is. */
function asSdkFailure(failure: unknown, requestId: string): unknown {
  if (failure instanceof CloudError && failure.code === 'Throttling.User') {
    return asSdkFailure(throttled(), requestId);
  }
  if (failure instanceof CloudError) {
    const { code, status: statusCode, message } = failure;
    return { name: 'ResponseError', code, statusCode, requestId, data: { Message: message } };
  }
  if (failure instanceof AccessDenied) {
    return { name: 'ResponseError', code: 'AccessDenied', statusCode: 403, requestId };
  }
  if (failure instanceof ConnectionLost) return { name: 'Error', code: 'ECONNRESET' };
  if (failure instanceof DeadlineError) return failure;
  throw failure;
}
