import type { CurrentAccessKey } from '../../access-key.ts';
import { TransientError } from '../../errors.ts';
import type { Invoker, StartOutcome } from '../../sweep/ports.ts';
import { createServiceStart } from '../fc2/service-start.ts';
import { withRetries } from '../node/retry.ts';
import { errorOf } from './errors.ts';
import { createNativeStart } from './native-start.ts';
import { GATEWAY_REFUSALS } from './refusals/gateway.ts';

/** What the way to a function is made with. */
export interface InvokerOptions {
  /** `https://ACCOUNT.REGION.fc.aliyuncs.com` */
  readonly endpoint: string;
  readonly accountId: string;
  readonly regionId: string;
  /** A function of Function Compute 3.0, or `service$function`, which stands for one of a service as in 2.0. */
  readonly functionName: string;
  readonly accessKey: CurrentAccessKey;
  /** For one start with all its tries. */
  readonly timeoutMs: number;
}

/** One try to start the task. Rejects with what the SDK throws, an answer of the cloud with its `statusCode`. */
export type Start = (taskId: string, payload: Buffer, leftMs: number) => Promise<void>;

const TRIES = { triesMax: 2, waitMs: 200 };
const CONFLICT = 409;

/**
 * The way to a function over the API that its name asks for: 2023-03-30, or 2016-08-15 for `service$function`. A start
 * without an answer is tried once more, since the task id keeps it from being two.
 */
export function createInvoker(options: InvokerOptions): Invoker {
  const start = options.functionName.includes('$') ? createServiceStart(options) : createNativeStart(options);
  const once = async (taskId: string, payload: string, leftMs: number): Promise<StartOutcome> => {
    try {
      await start(taskId, Buffer.from(payload, 'utf8'), leftMs);
      return 'started';
    } catch (failure) {
      if (statusOf(failure) === CONFLICT) return 'already';
      throw errorOf('InvokeFunction', failure, GATEWAY_REFUSALS);
    }
  };
  return {
    async start(taskId, payload) {
      const mayRepeat = (error: unknown) => error instanceof TransientError && error.reason !== 'throttled';
      return await withRetries({ ...TRIES, timeoutMs: options.timeoutMs }, mayRepeat, (leftMs) =>
        once(taskId, payload, leftMs),
      );
    },
  };
}

function statusOf(failure: unknown): unknown {
  return failure instanceof Error || typeof failure === 'object'
    ? (failure as { readonly statusCode?: unknown } | null)?.statusCode
    : undefined;
}
