import type { AccessKey, CurrentAccessKey } from '../../access-key.ts';
import { withDeadline } from '../node/deadline.ts';
import { loadSdk, type SdkAnswer, type SdkClient, type SdkRequest, type VendorSdk } from './sdk.ts';

/** What a connection is made with. */
export interface ConnectionOptions {
  /** `https://slb.cn-hangzhou.aliyuncs.com` */
  readonly endpoint: string;
  readonly regionId: string;
  readonly accessKey: CurrentAccessKey;
}

/** One client of the generic SDK, which is given the current access key for every call: tokens expire. */
export class Connection {
  readonly #options: ConnectionOptions;
  #opened: Promise<{ sdk: VendorSdk; client: SdkClient }> | null = null;
  #accessKey: AccessKey | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /**
   * Sends one request of the operation `params.action`; the SDK is loaded with the first. Throws what the SDK throws, or
   * DeadlineError half a second after `leftMs`. A key that is missing is an error before anything is sent.
   */
  async call(
    params: Readonly<Record<string, string>>,
    leftMs: number,
    requestOf: (sdk: VendorSdk) => SdkRequest,
  ): Promise<SdkAnswer> {
    this.#opened ??= this.#open();
    const { sdk, client } = await this.#opened;
    // Asked here: inside of the SDK, a key that is missing would look like a call that failed.
    this.#accessKey = this.#options.accessKey();
    // The SDK's `connectTimeout` is the socket's idle time, so it must not be below the other. The deadline is there
    // for what neither covers.
    const runtime = { readTimeout: Math.ceil(leftMs), connectTimeout: Math.ceil(leftMs) };
    const answer = client.callApi(params, requestOf(sdk), runtime);
    return await withDeadline(answer, leftMs + 500, params.action ?? 'the call');
  }

  async #open(): Promise<{ sdk: VendorSdk; client: SdkClient }> {
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
