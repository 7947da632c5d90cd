import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Clock } from '../../clock.ts';
import { TransientError } from '../../errors.ts';
import type { CurrentAccessKey } from '../credentials.ts';
import { pause, withDeadline } from '../node/deadline.ts';
import { CONDITION_FAILED, decodeErrorBody, errorOfCode, errorOfSilence } from './errors.ts';
import { loadSdk, type SdkClient, type SdkError, type SdkResponse, type TablestoreSdk } from './sdk.ts';
import type { TableTime } from './table-time.ts';

/** What the client is made with. */
export interface TableClientOptions {
  /** `https://instance.region.ots.aliyuncs.com` */
  readonly endpoint: string;
  readonly instance: string;
  readonly accessKey: CurrentAccessKey;
  readonly clock: Clock;
  /** For one call, tries counted singly. */
  readonly timeoutMs: number;
}

const TRIES_MAX = 3;
const RETRY_WAIT_MS = 100;
const READS: ReadonlySet<string> = new Set(['getRow', 'batchGetRow', 'getRange']);

/** The SDK's client with what it lacks: deadlines, readable errors, retries that know what was not applied. */
export class Connection {
  readonly #options: TableClientOptions;
  readonly #time: TableTime;
  #opened: Promise<{ sdk: TablestoreSdk; client: SdkClient }> | null = null;

  constructor(options: TableClientOptions, time: TableTime) {
    this.#options = options;
    this.#time = time;
  }

  async conditional(
    operation: string,
    params: (sdk: TablestoreSdk) => unknown,
  ): Promise<'written' | 'conflict'> {
    try {
      await this.call(operation, params);
      return 'written';
    } catch (error) {
      if (error instanceof ConditionFailed) return 'conflict';
      throw error;
    }
  }

  /** One operation, tried again while its budget lasts and it is certain that it did not take effect. */
  async call(operation: string, params: (sdk: TablestoreSdk) => unknown): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(operation, params);
      } catch (error) {
        if (attempt >= TRIES_MAX || !mayRepeat(operation, error)) throw error;
        await pause(RETRY_WAIT_MS * attempt);
      }
    }
  }

  async #once(operation: string, params: (sdk: TablestoreSdk) => unknown): Promise<unknown> {
    this.#opened ??= this.#open();
    const { sdk, client } = await this.#opened;
    const { accessKeyId, accessKeySecret, securityToken } = this.#options.accessKey();
    Object.assign(client.config, {
      accessKeyId,
      secretAccessKey: accessKeySecret,
      stsToken: securityToken ?? undefined,
    });
    const sentAtMs = this.#options.clock.nowMs();
    let abort = () => {};
    const answered = new Promise<{ error: SdkError | null; data: unknown; response: SdkResponse }>(
      (resolve) => {
        const request = client.makeRequest(operation, params(sdk), function onAnswer(error, data) {
          resolve({ error, data, response: this });
        });
        abort = () => request.httpRequest.stream?.destroy();
      },
    );
    const { error, data, response } = await withDeadline(
      answered,
      this.#options.timeoutMs,
      `Tablestore ${operation}`,
      () => abort(),
    ).catch((cause: unknown) => {
      throw errorOfSilence(operation, null, cause);
    });
    this.#time.learn(response.httpResponse.headers?.['x-ots-date'], sentAtMs);
    if (error === null || error === undefined) return data;
    throw projectError(operation, error, response);
  }

  async #open(): Promise<{ sdk: TablestoreSdk; client: SdkClient }> {
    const sdk = await loadSdk();
    const { endpoint, instance, timeoutMs, accessKey } = this.#options;
    const { accessKeyId, accessKeySecret } = accessKey();
    const agent = endpoint.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true })
      : new HttpAgent({ keepAlive: true });
    const client = new sdk.Client({
      accessKeyId,
      secretAccessKey: accessKeySecret,
      endpoint,
      instancename: instance,
      maxRetries: 0,
      httpOptions: { timeout: timeoutMs, agent },
    });
    return { sdk, client };
  }
}

/** A write's condition did not hold. Becomes a value before anybody outside sees it. */
class ConditionFailed extends Error {}

function projectError(operation: string, error: SdkError, { httpResponse }: SdkResponse): Error {
  const decoded = decodeErrorBody(httpResponse.body);
  const status = httpResponse.statusCode ?? null;
  if (decoded === null) return errorOfSilence(operation, status, error);
  if (decoded.code === CONDITION_FAILED) return new ConditionFailed();
  const requestId = httpResponse.headers?.['x-ots-requestid'] ?? null;
  return errorOfCode({ api: operation, code: decoded.code, requestId }, decoded.message);
}

function mayRepeat(operation: string, error: unknown): boolean {
  if (!(error instanceof TransientError)) return false;
  return error.reason !== 'unknown-outcome' || READS.has(operation);
}
