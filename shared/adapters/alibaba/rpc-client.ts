import * as z from 'zod';
import type { CurrentAccessKey } from '../../access-key.ts';
import { RejectedError, TransientError } from '../../errors.ts';
import { withRetries } from '../node/retry.ts';
import { Connection } from './connection.ts';
import { errorOf } from './errors.ts';
import { GATEWAY_REFUSALS } from './refusals/gateway.ts';
import type { RefusalTable } from './refusals/model.ts';

/** An RPC product of Alibaba Cloud. */
export interface RpcClient {
  /**
   * Calls an operation and reads its answer with `schema`. Reads are tried again while their time lasts, except when
   * throttled or unrecognised; writes never are. Throws a Refusal.
   */
  call<T>(
    api: string,
    kind: 'read' | 'write',
    parameters: Record<string, unknown>,
    schema: z.ZodType<T>,
  ): Promise<T>;
}

/** What the client is made with. */
export interface RpcClientOptions {
  /** `https://slb.cn-hangzhou.aliyuncs.com` */
  readonly endpoint: string;
  /** `2014-05-15` */
  readonly version: string;
  readonly regionId: string;
  readonly accessKey: CurrentAccessKey;
  /** What the codes of the product mean; left out = only those of the gateway in front of all of them are known. */
  readonly refusals?: RefusalTable;
  /** For one call with all its tries. */
  readonly timeoutMs: number;
}

const TRIES_MAX = 3;
const RETRY_WAIT_MS = 200;

/** Opens the client; the SDK is loaded with the first call. */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  const connection = new Connection(options);
  const once = async (api: string, parameters: Record<string, unknown>, leftMs: number) => {
    const params = {
      action: api,
      version: options.version,
      protocol: 'HTTPS',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    };
    const send = connection.call(params, leftMs, ({ flatten }) => ({
      query: flatten({ RegionId: options.regionId, ...parameters }),
    }));
    try {
      return (await send).body;
    } catch (failure) {
      throw errorOf(api, failure, options.refusals ?? GATEWAY_REFUSALS);
    }
  };
  return {
    async call(api, kind, parameters, schema) {
      const limits = { timeoutMs: options.timeoutMs, triesMax: TRIES_MAX, waitMs: RETRY_WAIT_MS };
      return await withRetries(limits, mayRepeat(kind), async (leftMs) =>
        readAnswer(api, kind, schema, await once(api, parameters, leftMs)),
      );
    },
  };
}

/** Whether a call is tried again at once after such an error. */
export function mayRepeat(kind: 'read' | 'write'): (error: unknown) => boolean {
  return (error) =>
    kind === 'read' &&
    error instanceof TransientError &&
    error.reason !== 'throttled' &&
    error.reason !== 'unrecognised';
}

function readAnswer<T>(api: string, kind: 'read' | 'write', schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const requestId = z.object({ RequestId: z.string() }).safeParse(body).data?.RequestId ?? null;
  const origin = { api, code: null, requestId };
  const message = `${api} answered in an unknown shape: ${z.prettifyError(parsed.error)}`;
  // A write was answered with success, so the cloud has to be looked at before anything else is decided.
  if (kind === 'write') throw new TransientError(message, 'unknown-outcome', origin);
  throw new RejectedError(message, origin);
}
