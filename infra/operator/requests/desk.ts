import { createRequestQueue } from '../../../shared/adapters/mns/queues.ts';
import { systemNewId } from '../../../shared/adapters/node/system.ts';
import { createRequestReader } from '../../../shared/adapters/tablestore/request-store.ts';
import type { Clock, NewId } from '../../../shared/clock.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { RequestQueue, RequestReader } from '../../../shared/requests/ports.ts';
import type { CloudsConnection } from '../connection.ts';
import { openTransports } from '../transports.ts';

/** What the commands about change requests work with, with the caller's key. All that it can write is a message. */
export interface RequestDesk {
  readonly requests: RequestReader;
  readonly queue: RequestQueue;
  /** Table time, once a table has answered. */
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Opens it; makes no call yet. */
export function openRequestDesk(config: Config, connection: CloudsConnection): RequestDesk {
  const { tables, queues } = openTransports(config, connection);
  return {
    requests: createRequestReader(tables),
    queue: createRequestQueue(queues),
    clock: tables.time,
    newId: systemNewId,
  };
}
