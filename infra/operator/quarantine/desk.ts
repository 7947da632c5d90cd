import type { QuarantineDesk, Replays } from '../../../shared/acceptance/ports.ts';
import { createReplays } from '../../../shared/adapters/mns/queues.ts';
import { createQuarantineDesk } from '../../../shared/adapters/tablestore/quarantine-store.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { CloudsConnection } from '../connection.ts';
import { openTransports } from '../transports.ts';

/** What the commands about the quarantine work with, with the caller's key. */
export interface Desk {
  readonly quarantine: QuarantineDesk;
  readonly replays: Replays;
  /** Table time. */
  readonly clock: Clock;
}

/** Opens it; makes no call yet. */
export function openDesk(config: Pick<Config, 'regionId' | 'timing'>, connection: CloudsConnection): Desk {
  const { tables, queues } = openTransports(config, connection);
  return {
    quarantine: createQuarantineDesk(tables),
    replays: createReplays(queues),
    clock: tables.time,
  };
}
