import type { QuarantineDesk, Replays } from '../../../shared/acceptance/ports.ts';
import { createQueueClient } from '../../../shared/adapters/mns/queue-client.ts';
import { createReplays } from '../../../shared/adapters/mns/queues.ts';
import { systemClock } from '../../../shared/adapters/node/system.ts';
import { createTableClient } from '../../../shared/adapters/tablestore/client.ts';
import { createQuarantineDesk } from '../../../shared/adapters/tablestore/quarantine-store.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { CloudsConnection } from '../connection.ts';

/** What the commands about the quarantine work with, with the caller's key. */
export interface Desk {
  readonly quarantine: QuarantineDesk;
  readonly replays: Replays;
  /** Table time. */
  readonly clock: Clock;
}

/** Opens it; makes no call yet. */
export function openDesk({ timing }: Pick<Config, 'timing'>, connection: CloudsConnection): Desk {
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
    quarantine: createQuarantineDesk(tables),
    replays: createReplays(createQueueClient({ accountId, endpoint: endpoints.mns, accessKey, timeoutMs })),
    clock: tables.time,
  };
}
