import { createRecentAudit } from '../../../shared/adapters/tablestore/audit-reader.ts';
import { createBackendStore } from '../../../shared/adapters/tablestore/backend-store.ts';
import { createDeclarationStore } from '../../../shared/adapters/tablestore/declaration-store.ts';
import type { RecentAudit } from '../../../shared/audit/ports.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { DeclarationReader } from '../../../shared/declarations/ports.ts';
import type { BackendStore } from '../../../shared/server-groups/ports.ts';
import type { CloudsConnection } from '../connection.ts';
import { openTransports } from '../transports.ts';

/** What stories are told from: two tables, with the caller's key. Nothing in it writes, and nothing asks another cloud. */
export interface StoryDesk {
  readonly audit: RecentAudit;
  readonly backends: Pick<BackendStore, 'readGroups'>;
  readonly declarations: DeclarationReader;
}

/** Opens it; makes no call yet. */
export function openStoryDesk(
  config: Pick<Config, 'regionId' | 'timing'>,
  connection: CloudsConnection,
): StoryDesk {
  const { tables } = openTransports(config, connection);
  return {
    audit: createRecentAudit(tables),
    backends: createBackendStore(tables),
    declarations: createDeclarationStore(tables),
  };
}
