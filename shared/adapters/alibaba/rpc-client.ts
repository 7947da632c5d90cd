import * as z from 'zod';
import type { AccessKey, CurrentAccessKey } from '../../access-key.ts';
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

/** One SDK client, which is given the current access key for every call: tokens expire. */
class Connection {
  readonly #options: RpcClientOptions;
  #opened: Promise<{ sdk: RpcSdk; client: RpcSdkClient }> | null = null;
  #accessKey: AccessKey | null = null;

  constructor(options: RpcClientOptions) {
    this.#options = options;
  }

  async call(api: string, parameters: Record<string, unknown>, leftMs: number): Promise<unknown> {
    this.#opened ??= this.#open();
    const { sdk, client } = await this.#opened;
    const { version, regionId } = this.#options;
    // Asked here: inside of the SDK, a key that is missing would look like a call that failed.
    this.#accessKey = this.#options.accessKey();
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

  async #open(): Promise<{ sdk: RpcSdk; client: RpcSdkClient }> {
    const sdk = await loadSdk();
    const { endpoint, regionId } = this.#options;
    const url = new URL(endpoint);
    const client = new sdk.Client({
      // Not the key itself: it would be fixed with the client.
      credential: { getCredential: async () => credentialOf(this.#accessKey) },
      regionId,
      endpoint: url.host,
      protocol: url.protocol.replace(':', ''),
    });
    return { sdk, client };
  }
}

/** The key as the SDK's signers take it. */
function credentialOf(accessKey: AccessKey | null): Record<string, string | undefined> {
  const { accessKeyId, accessKeySecret, securityToken } = accessKey ?? {};
  const type = typeof securityToken === 'string' ? 'sts' : 'access_key';
  return { accessKeyId, accessKeySecret, securityToken: securityToken ?? undefined, type };
}
