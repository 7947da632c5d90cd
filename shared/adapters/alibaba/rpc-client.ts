import * as z from 'zod';
import type { CurrentAccessKey } from '../../access-key.ts';
import { RejectedError, TransientError } from '../../errors.ts';
import { withRetries } from '../node/retry.ts';
import { Connection } from './connection.ts';
import { errorOf } from './errors.ts';

/** An RPC product of Alibaba Cloud. */
export interface RpcClient {
  /**
   * Calls an operation and reads its answer with `schema`. Reads are tried again while their time lasts, except when
   * throttled; writes never are. Throws TransientError or RejectedError.
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
      throw errorOf(api, failure);
    }
  };
  return {
    async call(api, kind, parameters, schema) {
      const limits = { timeoutMs: options.timeoutMs, triesMax: TRIES_MAX, waitMs: RETRY_WAIT_MS };
      const mayRepeat = (error: unknown) =>
        kind === 'read' && error instanceof TransientError && error.reason !== 'throttled';
      return await withRetries(limits, mayRepeat, async (leftMs) =>
        readAnswer(api, kind, schema, await once(api, parameters, leftMs)),
      );
    },
  };
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
