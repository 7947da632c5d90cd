import type { QuarantineDesk } from '../../../shared/acceptance/ports.ts';
import { createRecentAudit } from '../../../shared/adapters/tablestore/audit-reader.ts';
import { createBackendStore } from '../../../shared/adapters/tablestore/backend-store.ts';
import { createDeclarationStore } from '../../../shared/adapters/tablestore/declaration-store.ts';
import { createLaneStore } from '../../../shared/adapters/tablestore/lane-store.ts';
import { createPairStore } from '../../../shared/adapters/tablestore/pair-store.ts';
import { createQuarantineDesk } from '../../../shared/adapters/tablestore/quarantine-store.ts';
import { createRequestReader } from '../../../shared/adapters/tablestore/request-store.ts';
import type { RecentAudit } from '../../../shared/audit/ports.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { DeclarationReader } from '../../../shared/declarations/ports.ts';
import type { LaneStore } from '../../../shared/lanes/ports.ts';
import type { PairStore } from '../../../shared/pairs/ports.ts';
import type { RequestReader } from '../../../shared/requests/ports.ts';
import type { BackendStore } from '../../../shared/server-groups/ports.ts';
import type { CloudsConnection } from '../connection.ts';
import { openTransports } from '../transports.ts';

/** What a status is told from: tables, with the caller's key. Nothing in it writes, and nothing asks another cloud. */
export interface StatusDesk {
  readonly lanes: Pick<LaneStore, 'list'>;
  readonly declarations: DeclarationReader;
  readonly backends: Pick<BackendStore, 'readGroups'>;
  readonly pairRows: Pick<PairStore, 'read'>;
  readonly requests: Pick<RequestReader, 'allOpen'>;
  readonly quarantine: Pick<QuarantineDesk, 'list'>;
  readonly audit: Pick<RecentAudit, 'latest'>;
  readonly regionId: string;
  readonly timing: { readonly compareMs: number };
  /** Table time, once a table has answered. */
  readonly clock: Clock;
}

/** Opens it; makes no call yet. */
export function openStatusDesk(
  config: Pick<Config, 'regionId' | 'timing'>,
  connection: CloudsConnection,
): StatusDesk {
  const { tables } = openTransports(config, connection);
  return {
    lanes: createLaneStore(tables),
    declarations: createDeclarationStore(tables),
    backends: createBackendStore(tables),
    pairRows: createPairStore(tables),
    requests: createRequestReader(tables),
    quarantine: createQuarantineDesk(tables),
    audit: createRecentAudit(tables),
    regionId: config.regionId,
    timing: config.timing,
    clock: tables.time,
  };
}
