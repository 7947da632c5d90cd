import { createQueueClient } from '../../../shared/adapters/mns/queue-client.ts';
import { createRequestQueue } from '../../../shared/adapters/mns/queues.ts';
import { systemClock, systemNewId } from '../../../shared/adapters/node/system.ts';
import { createTableClient } from '../../../shared/adapters/tablestore/client.ts';
import { createRequestReader } from '../../../shared/adapters/tablestore/request-store.ts';
import type { Clock, NewId } from '../../../shared/clock.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { RequestQueue, RequestReader } from '../../../shared/requests/ports.ts';
import type { CloudsConnection } from '../connection.ts';

/** What the commands about change requests work with, with the caller's key. All that it can write is a message. */
export interface RequestDesk {
  readonly requests: RequestReader;
  readonly queue: RequestQueue;
  /** Table time, once a table has answered. */
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Opens it; makes no call yet. */
export function openRequestDesk({ timing }: Config, connection: CloudsConnection): RequestDesk {
  const { accountId, endpoints, otsInstance } = connection;
  const timeoutMs = timing.callTimeoutMs;
  const accessKey = () => connection.accessKey;
  const tables = createTableClient({
    endpoint: endpoints.ots,
    instance: otsInstance,
    accessKey,
    clock: systemClock,
    timeoutMs,
  });
  return {
    requests: createRequestReader(tables),
    queue: createRequestQueue(
      createQueueClient({ accountId, endpoint: endpoints.mns, accessKey, timeoutMs }),
    ),
    clock: tables.time,
    newId: systemNewId,
  };
}
