import { createRequire } from 'node:module';
import { handleInstanceEvents } from '../../functions/instance-events/handler.ts';
import { handleTick } from '../../functions/tick/handler.ts';
import { QUEUES } from '../../shared/adapters/mns/queues.ts';
import { parseBatch } from '../../shared/events/interpret.ts';
import { createWorker, type WorkerSettings } from './worker.ts';

/** What this process is to do; it comes as JSON in the first argument. */
export type WorkerOrder = { readonly settings: WorkerSettings } & (
  | { readonly kind: 'events'; readonly events: ReadonlyArray<object> }
  /** Works whatever the queue of wake-ups says, until it is killed. */
  | { readonly kind: 'wake-ups' }
  /** Ticks this often, until it is killed. */
  | { readonly kind: 'ticks'; readonly everyMs: number }
);

const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
const worker = createWorker(order.settings);
process.send?.('ready');
if (order.kind === 'events') {
  await handleInstanceEvents(worker, parseBatch(Buffer.from(JSON.stringify(order.events))));
  process.exit(0);
}
for (;;) {
  if (order.kind === 'wake-ups') {
    await handleTick(worker, await receiveWakeUps(order.settings));
  } else {
    await handleTick(worker, [{ kind: 'tick' }]);
    await new Promise((resolve) => setTimeout(resolve, order.everyMs));
  }
}

interface MnsClient {
  receiveMessage(
    queue: string,
    waitSeconds: number,
  ): Promise<{ body: { MessageBody: string; ReceiptHandle: string } }>;
  deleteMessage(queue: string, receiptHandle: string): Promise<unknown>;
}

async function receiveWakeUps({ accountId, endpoints, accessKey }: WorkerSettings) {
  const Client = createRequire(import.meta.url)('@alicloud/mns') as new (
    id: string,
    options: object,
  ) => MnsClient;
  const client = new Client(accountId, {
    endpoint: endpoints.mns,
    ...accessKey,
    readTimeout: 8_000,
    connectTimeout: 8_000,
  });
  try {
    const { body } = await client.receiveMessage(QUEUES.wakeUps, 2);
    await client.deleteMessage(QUEUES.wakeUps, body.ReceiptHandle);
    return parseBatch(Buffer.from(body.MessageBody));
  } catch (error) {
    if (error instanceof Error && error.name === 'MNSMessageNotExistError') return [];
    throw error;
  }
}
