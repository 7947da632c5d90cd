import * as z from 'zod';
import type { CurrentAccessKey } from '../../access-key.ts';
import { RejectedError, TransientError } from '../../errors.ts';
import { withDeadline } from '../node/deadline.ts';
import { withRetries } from '../node/retry.ts';
import { errorOf } from './errors.ts';
import { loadSdk, type RpcSdk, type RpcSdkClient } from './sdk.ts';

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
  return {
    async call(api, kind, parameters, schema) {
      const limits = { timeoutMs: options.timeoutMs, triesMax: TRIES_MAX, waitMs: RETRY_WAIT_MS };
      const mayRepeat = (error: unknown) =>
        kind === 'read' && error instanceof TransientError && error.reason !== 'throttled';
      return await withRetries(limits, mayRepeat, async (leftMs) =>
        readAnswer(api, kind, schema, await connection.call(api, parameters, leftMs)),
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

/** One SDK client per access key: the SDK's own is fixed when it is made, and tokens expire. */
class Connection {
  readonly #options: RpcClientOptions;
  #sdk: Promise<RpcSdk> | null = null;
  #client: { key: string; client: RpcSdkClient } | null = null;

  constructor(options: RpcClientOptions) {
    this.#options = options;
  }

  async call(api: string, parameters: Record<string, unknown>, leftMs: number): Promise<unknown> {
    this.#sdk ??= loadSdk();
    const sdk = await this.#sdk;
    const { version, regionId } = this.#options;
    const params = {
      action: api,
      version,
      protocol: 'HTTPS',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    };
    const request = { query: sdk.flatten({ RegionId: regionId, ...parameters }) };
    const client = this.#open(sdk);
    // The SDK's `connectTimeout` is the socket's idle time, so it must not be below the other. The deadline is there
    // for what neither covers.
    const runtime = { readTimeout: Math.ceil(leftMs), connectTimeout: Math.ceil(leftMs) };
    const answer = withDeadline(client.callApi(params, request, runtime), leftMs + 500, api);
    try {
      return (await answer).body;
    } catch (failure) {
      throw errorOf(api, failure);
    }
  }

  #open(sdk: RpcSdk): RpcSdkClient {
    const { accessKeyId, accessKeySecret, securityToken } = this.#options.accessKey();
    const key = `${accessKeyId} ${securityToken ?? ''}`;
    if (this.#client?.key !== key) {
      const { endpoint, regionId } = this.#options;
      const url = new URL(endpoint);
      const config = {
        accessKeyId,
        accessKeySecret,
        ...(securityToken === null ? {} : { securityToken }),
        regionId,
        endpoint: url.host,
        protocol: url.protocol.replace(':', ''),
      };
      this.#client = {
        key,
        client: new sdk.Client(config),
      };
    }
    return this.#client.client;
  }
}
