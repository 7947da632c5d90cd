import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { CurrentAccessKey } from '../../access-key.ts';
import type { Clock } from '../../clock.ts';
import { InvariantError, TransientError } from '../../errors.ts';
import { withDeadline } from '../node/deadline.ts';
import { withRetries } from '../node/retry.ts';
import {
  CONDITION_FAILED,
  decodeErrorBody,
  errorOfCode,
  errorOfSilence,
  isCertainlyNotDone,
} from './errors.ts';
import { loadSdk, type SdkClient, type SdkError, type SdkResponse, type TablestoreSdk } from './sdk.ts';
import { requireCertainTime, type TableTime } from './table-time.ts';

/** What the client is made with. */
export interface TableClientOptions {
  /** `https://instance.region.ots.aliyuncs.com` */
  readonly endpoint: string;
  readonly instance: string;
  readonly accessKey: CurrentAccessKey;
  readonly clock: Clock;
  /** For one call with all its tries. */
  readonly timeoutMs: number;
}

const TRIES_MAX = 3;
const RETRY_WAIT_MS = 100;
const READS: ReadonlySet<string> = new Set(['getRow', 'batchGetRow', 'getRange']);

/** Makes something of an answer. What it throws counts as the call's own failure. */
export type ReadAnswer<T> = (data: unknown, requestId: string | null) => T;

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
      return await this.call(operation, params, () => 'written' as const);
    } catch (error) {
      if (error instanceof ConditionFailed) return 'conflict';
      throw error;
    }
  }

  /** One operation, tried again while its time lasts and it is certain that it did not take effect. */
  async call<T>(operation: string, params: (sdk: TablestoreSdk) => unknown, read: ReadAnswer<T>): Promise<T> {
    const limits = { timeoutMs: this.#options.timeoutMs, triesMax: TRIES_MAX, waitMs: RETRY_WAIT_MS };
    const mayRepeat = (error: unknown) =>
      isCertainlyNotDone(error) || (READS.has(operation) && error instanceof TransientError);
    return await withRetries(limits, mayRepeat, (leftMs) => this.#once(operation, params, read, leftMs));
  }

  async #once<T>(
    operation: string,
    params: (sdk: TablestoreSdk) => unknown,
    read: ReadAnswer<T>,
    leftMs: number,
  ): Promise<T> {
    this.#opened ??= this.#open();
    const { sdk, client } = await this.#opened;
    // Outside of the promise below: what cannot be written down is a defect of ours, not a call without an answer.
    const request = params(sdk);
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
        const sent = client.makeRequest(operation, request, function onAnswer(error, data) {
          resolve({ error, data, response: this });
        });
        abort = () => sent.httpRequest.stream?.destroy();
      },
    );
    const { error, data, response } = await withDeadline(answered, leftMs, `Tablestore ${operation}`, () =>
      abort(),
    ).catch((cause: unknown) => {
      throw errorOfSilence({ api: operation, code: null, requestId: null }, null, cause);
    });
    const { headers } = response.httpResponse;
    this.#time.learn(Date.parse(headers?.['x-ots-date'] ?? ''), sentAtMs);
    const requestId = headers?.['x-ots-requestid'] ?? null;
    if (error === null || error === undefined) {
      if (READS.has(operation)) requireCertainTime(this.#time, { api: operation, code: null, requestId });
      return read(data, requestId);
    }
    throw projectError(operation, error, response, requestId);
  }

  async #open(): Promise<{ sdk: TablestoreSdk; client: SdkClient }> {
    const sdk = await loadSdk();
    const { endpoint, instance, timeoutMs } = this.#options;
    const agent = endpoint.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true })
      : new HttpAgent({ keepAlive: true });
    const client = new sdk.Client({
      // Replaced before every call.
      accessKeyId: '',
      secretAccessKey: '',
      endpoint,
      instancename: instance,
      maxRetries: 0,
      httpOptions: { timeout: timeoutMs, agent },
    });
    return { sdk, client };
  }
}

/** The SDK's own code for every failure of the connection; without it and without an answer nothing was sent. */
const NETWORK_FAILURE = 'NetworkingError';

/** A write's condition did not hold. Becomes a value before anybody outside sees it. */
class ConditionFailed extends Error {}

function projectError(
  operation: string,
  error: SdkError,
  { httpResponse }: SdkResponse,
  requestId: string | null,
): Error {
  const decoded = decodeErrorBody(httpResponse.body);
  const status = httpResponse.statusCode ?? null;
  const origin = { api: operation, code: decoded?.code ?? null, requestId };
  if (status === null && error.code !== NETWORK_FAILURE) {
    return new InvariantError(`Tablestore ${operation} could not be written down`, origin, error);
  }
  if (decoded === null) return errorOfSilence(origin, status, error);
  if (decoded.code === CONDITION_FAILED) return new ConditionFailed();
  return errorOfCode({ ...origin, code: decoded.code }, decoded.message);
}
