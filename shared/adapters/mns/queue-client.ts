import type { CurrentAccessKey } from '../../access-key.ts';
import { RejectedError, TransientError, type TransientReason } from '../../errors.ts';
import { withDeadline } from '../node/deadline.ts';
import { loadSdk, type MnsSdkClient } from './sdk.ts';

/** MNS (SMQ), wrapped once. */
export interface QueueClient {
  /**
   * Puts a text on a queue, Base64-encoded as the documents ask. `delaySeconds` 0–604,800. Throws TransientError
   * (`unknown-outcome`: it may be on the queue) or RejectedError.
   */
  send(queue: string, text: string, delaySeconds: number): Promise<void>;
}

/** What the client is made with. */
export interface QueueClientOptions {
  readonly accountId: string;
  /** `https://account.mns.region.aliyuncs.com`, without a slash at the end. */
  readonly endpoint: string;
  readonly accessKey: CurrentAccessKey;
  readonly timeoutMs: number;
}

/** MNS holds a message back for at most seven days. */
export const DELAY_SECONDS_MAX = 604_800;

/**
 * What MNS's codes mean; others are rejected, unless the status says that the server itself failed. The SDK puts them
 * into the error's name, `MNS<Code>Error`, and the rest into its message.
 */
const REASONS: Readonly<Record<string, TransientReason>> = {
  InternalError: 'unknown-outcome',
  InternalServerError: 'unknown-outcome',
  QpsLimitExceeded: 'throttled',
};

/** Opens the client; the SDK is loaded with the first call. */
export function createQueueClient(options: QueueClientOptions): QueueClient {
  let opened: { key: string; client: Promise<MnsSdkClient> } | null = null;
  const client = () => {
    const { accessKeyId, accessKeySecret, securityToken } = options.accessKey();
    const key = `${accessKeyId} ${securityToken ?? ''}`;
    if (opened?.key !== key) {
      const made = loadSdk().then(
        (Sdk) =>
          new Sdk(options.accountId, {
            endpoint: options.endpoint,
            accessKeyId,
            accessKeySecret,
            ...(securityToken === null ? {} : { securityToken }),
            readTimeout: options.timeoutMs,
            connectTimeout: options.timeoutMs,
          }),
      );
      opened = { key, client: made };
    }
    return opened.client;
  };
  return {
    async send(queue, text, delaySeconds) {
      const params = {
        MessageBody: Buffer.from(text, 'utf8').toString('base64'),
        ...(delaySeconds > 0 ? { DelaySeconds: Math.min(delaySeconds, DELAY_SECONDS_MAX) } : {}),
      };
      const sdk = await client();
      const what = `MNS SendMessage to ${queue}`;
      const answer = await withDeadline(sdk.sendMessage(queue, params), options.timeoutMs, what).catch(
        (cause) => {
          throw errorOf(what, cause);
        },
      );
      // The SDK takes an error page that is not XML for success.
      if (answer.code !== 201) throw errorOf(what, new Error(`HTTP ${answer.code}`));
    },
  };
}

function errorOf(what: string, cause: unknown): Error {
  const code = cause instanceof Error ? (/^MNS(\w+)Error$/.exec(cause.name)?.[1] ?? null) : null;
  const message = cause instanceof Error ? cause.message : '';
  const requestId = /requestid: ([\w-]+)/.exec(message)?.[1] ?? null;
  const isServerFault = / failed with 5\d\d\. /.test(message);
  const origin = { api: 'SendMessage', code, requestId };
  if (code === null)
    return new TransientError(`${what} did not answer`, 'unknown-outcome', origin, { cause });
  const reason = REASONS[code] ?? (isServerFault ? 'unknown-outcome' : undefined);
  if (reason !== undefined) return new TransientError(`${what} failed`, reason, origin, { cause });
  return new RejectedError(`${what} was refused`, origin, cause);
}
