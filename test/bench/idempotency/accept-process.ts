import { setTimeout as delay } from 'node:timers/promises';
import { acceptBatch } from '../../../shared/acceptance/apply.ts';
import { systemClock } from '../../../shared/adapters/node/system.ts';
import { createMemberIndex } from '../../../shared/adapters/tablestore/backend-store.ts';
import { createTableClient } from '../../../shared/adapters/tablestore/client.ts';
import { createDoneStore } from '../../../shared/adapters/tablestore/done-store.ts';
import { createInboxStore } from '../../../shared/adapters/tablestore/inbox-store.ts';
import { createLaneStore } from '../../../shared/adapters/tablestore/lane-store.ts';
import { parseBatch } from '../../../shared/events/interpret.ts';
import { createWorker, type WorkerSettings } from '../../support/worker.ts';
import { countedTables } from './counted-tables.ts';
import { createPowertools, type TakeBatch } from './powertools.ts';

/** Who takes the batches. */
export type Taker = 'ours' | 'powertools' | 'powertools, one after the other';

/** What this process is to do; it comes as JSON in the first argument. */
export interface TakeOrder {
  readonly taker: Taker;
  readonly settings: WorkerSettings;
  readonly latencyMs: number;
}

/** What a batch cost, from its delivery to its acknowledgement. */
export interface TakeCost {
  readonly tableCalls: number;
  readonly ms: number;
  /** Messages that were new. */
  readonly handled: number;
}

const { taker, settings, latencyMs } = JSON.parse(process.argv[2] ?? '') as TakeOrder;
const client = createTableClient({
  endpoint: settings.endpoints.ots,
  instance: settings.otsInstance,
  accessKey: () => settings.accessKey,
  clock: systemClock,
  timeoutMs: settings.timing.callTimeoutMs,
});
const { tables, takeCalls } = countedTables(client, latencyMs);

/** The product's acceptance on its own stores, the messages' texts included; ECS is as far away as the tables. */
function takeWithOurs(): TakeBatch {
  const worker = createWorker(settings);
  const deps = {
    ...worker,
    clock: tables.time,
    done: createDoneStore(tables),
    inbox: createInboxStore(tables),
    lanes: createLaneStore(tables),
    members: createMemberIndex(tables),
    instances: {
      ...worker.instances,
      describe: async (...asked: Parameters<typeof worker.instances.describe>) => {
        await delay(latencyMs);
        return await worker.instances.describe(...asked);
      },
    },
  };
  return async (messages) => {
    const events = parseBatch(Buffer.from(`[${messages.map(({ body }) => body).join(',')}]`));
    const { accepted } = await acceptBatch(deps, events);
    return accepted;
  };
}

const take = taker === 'ours' ? takeWithOurs() : createPowertools(tables, taker === 'powertools');
process.on('message', async (messages: Parameters<TakeBatch>[0]) => {
  takeCalls();
  const startedAtMs = performance.now();
  const handled = await take(messages);
  const cost: TakeCost = { ms: performance.now() - startedAtMs, tableCalls: takeCalls(), handled };
  process.send?.(cost);
});
process.send?.('ready');
