import { systemClock } from '../../../shared/adapters/node/system.ts';
import { createRecentAudit } from '../../../shared/adapters/tablestore/audit-reader.ts';
import { createBackendStore } from '../../../shared/adapters/tablestore/backend-store.ts';
import { createTableClient } from '../../../shared/adapters/tablestore/client.ts';
import type { RecentAudit } from '../../../shared/audit/ports.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { BackendStore } from '../../../shared/server-groups/ports.ts';
import type { CloudsConnection } from '../connection.ts';

/** What stories are told from: two tables, with the caller's key. Nothing in it writes, and nothing asks another cloud. */
export interface StoryDesk {
  readonly audit: RecentAudit;
  readonly backends: Pick<BackendStore, 'readGroups'>;
}

/** Opens it; makes no call yet. */
export function openStoryDesk(
  { timing }: Pick<Config, 'timing'>,
  { endpoints, otsInstance, accessKey }: CloudsConnection,
): StoryDesk {
  const tables = createTableClient({
    endpoint: endpoints.ots,
    instance: otsInstance,
    accessKey: () => accessKey,
    clock: systemClock,
    timeoutMs: timing.callTimeoutMs,
  });
  return { audit: createRecentAudit(tables), backends: createBackendStore(tables) };
}
