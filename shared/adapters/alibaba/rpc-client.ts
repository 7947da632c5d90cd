import * as z from 'zod';
import { RejectedError, TransientError } from '../../errors.ts';
import type { CurrentAccessKey } from '../credentials.ts';
import { pause, withDeadline } from '../node/deadline.ts';
import { errorOf } from './errors.ts';
import { loadSdk, type RpcSdk, type RpcSdkClient } from './sdk.ts';

/** An RPC product of Alibaba Cloud. */
export interface RpcClient {
  /**
   * Calls an operation and reads its answer with `schema`. Reads are tried again a few times when there was no answer;
   * writes never are. Throws TransientError or RejectedError.
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
  /** For one call, tries counted singly. */
  readonly timeoutMs: number;
}

const TRIES_MAX = 3;
const RETRY_WAIT_MS = 200;

/** Opens the client; the SDK is loaded with the first call. */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  const connection = new Connection(options);
  return {
    async call(api, kind, parameters, schema) {
      for (let attempt = 1; ; attempt++) {
        try {
          return readAnswer(api, schema, await connection.call(api, parameters));
        } catch (error) {
          const mayRepeat =
            kind === 'read' && error instanceof TransientError && error.reason !== 'throttled';
          if (!mayRepeat || attempt >= TRIES_MAX) throw error;
          await pause(RETRY_WAIT_MS * attempt);
        }
      }
    },
  };
}

function readAnswer<T>(api: string, schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const requestId = z.object({ RequestId: z.string() }).safeParse(body).data?.RequestId ?? null;
  throw new RejectedError(`${api} answered in an unknown shape: ${z.prettifyError(parsed.error)}`, {
    api,
    code: null,
    requestId,
  });
}

/** One SDK client per access key: the SDK's own is fixed when it is made, and tokens expire. */
class Connection {
  readonly #options: RpcClientOptions;
  #sdk: Promise<RpcSdk> | null = null;
  #client: { key: string; client: RpcSdkClient } | null = null;

  constructor(options: RpcClientOptions) {
    this.#options = options;
  }

  async call(api: string, parameters: Record<string, unknown>): Promise<unknown> {
    this.#sdk ??= loadSdk();
    const sdk = await this.#sdk;
    const { version, regionId, timeoutMs } = this.#options;
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
    // The SDK's own timeouts are the same; the deadline is there for what they do not cover.
    const answer = withDeadline(client.callApi(params, request, {}), timeoutMs + 500, api);
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
      const { endpoint, regionId, timeoutMs } = this.#options;
      const url = new URL(endpoint);
      const config = {
        accessKeyId,
        accessKeySecret,
        ...(securityToken === null ? {} : { securityToken }),
        regionId,
        endpoint: url.host,
        protocol: url.protocol.replace(':', ''),
        readTimeout: timeoutMs,
        connectTimeout: timeoutMs,
      };
      this.#client = {
        key,
        client: new sdk.Client(config),
      };
    }
    return this.#client.client;
  }
}
