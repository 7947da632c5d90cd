import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import { loadSdk, type MnsSdkClient } from '../../../../shared/adapters/mns/sdk.ts';
import type { ChangeRequest } from '../../../../shared/requests/document.ts';
import type { LocalClouds } from '../../clouds.ts';

/** A result as it stands on its queue; what the scene does not look at is left out. */
export interface ResultMessage {
  readonly resultId: string;
  readonly requestId: string | null;
  readonly outcome: string;
  readonly code: string | null;
  readonly reason: string;
  readonly planHash: string | null;
  readonly approvedBy?: string | null;
  /** `null` = it has not begun. */
  readonly begunAt?: string | null;
  readonly plan?: {
    readonly steps: ReadonlyArray<{ readonly subject: string; readonly action: string }>;
    readonly held: ReadonlyArray<string>;
  } | null;
  readonly calls?: ReadonlyArray<{ readonly requestIds: ReadonlyArray<string> }>;
}

/** A result, and the text that it was read from. */
export interface ReceivedResult extends ResultMessage {
  readonly text: string;
}

/** Where requests are put on their queue and results are taken off theirs, with the vendor's SDK. */
export interface Desk {
  /** Resolves when MNS has it. */
  put(request: ChangeRequest): Promise<void>;
  /** All that have come, in their order; MNS, or the product, may send one twice. */
  readonly results: ReadonlyArray<ReceivedResult>;
  /** The different ones of one request, those of forged copies included. */
  of(requestId: string): ReadonlyArray<ReceivedResult>;
  /** Ends the taking. Throws what it failed with. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const AT_ONCE = 16;
const WAIT_SECONDS = 1;
const NOTHING_THERE = 'MNSMessageNotExistError';

/** Opens the desk as whoever has an access key and the address of the queues, and begins to take results. */
export async function openDesk({
  endpoints,
  foundation,
}: Pick<LocalClouds, 'endpoints' | 'foundation'>): Promise<Desk> {
  const Sdk = await loadSdk();
  const { accountId, administrator } = foundation.identities;
  const client = new Sdk(accountId, {
    endpoint: endpoints.mns,
    accessKeyId: administrator.accessKeyId,
    accessKeySecret: administrator.accessKeySecret,
    readTimeout: TIMEOUT_MS,
    connectTimeout: TIMEOUT_MS,
  });
  const results: Array<ReceivedResult> = [];
  const closing = new AbortController();
  const taking = takeUntil(client, closing.signal, (text) => results.push({ ...JSON.parse(text), text }));
  // Told when the desk is closed; until then the scene waits in vain and says for what.
  taking.catch(() => {});
  return {
    results,
    of(requestId) {
      const own = results.filter((result) => result.requestId === requestId);
      return [...new Map(own.map((result) => [result.text, result])).values()];
    },
    async put(request) {
      const body = Buffer.from(JSON.stringify(request)).toString('base64');
      await client.sendMessage(QUEUES.changeRequests, { MessageBody: body });
    },
    async close() {
      closing.abort();
      await taking;
    },
  };
}

async function takeUntil(
  client: MnsSdkClient,
  end: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  while (!end.aborted) {
    const messages = await receive(client);
    for (const { MessageBody } of messages) onText(Buffer.from(MessageBody, 'base64').toString('utf8'));
    const handles = messages.map(({ ReceiptHandle }) => ReceiptHandle);
    if (handles.length > 0) await client.batchDeleteMessage(QUEUES.results, handles);
  }
}

/** The SDK takes an empty queue for a failure. */
async function receive(client: MnsSdkClient) {
  try {
    const { body } = await client.batchReceiveMessage(QUEUES.results, AT_ONCE, WAIT_SECONDS);
    return [body].flat();
  } catch (error) {
    if (error instanceof Error && error.name === NOTHING_THERE) return [];
    throw error;
  }
}
