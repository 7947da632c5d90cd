import { createRecentAudit } from '../../../shared/adapters/tablestore/audit-reader.ts';
import { sweepSubject } from '../../../shared/audit/model.ts';
import type { Config } from '../../../shared/config/load.ts';
import { type RecordedSweep, reportsIn } from '../../../shared/sweep/recorded.ts';
import type { CloudsConnection } from '../connection.ts';
import { openTransports } from '../transports.ts';

/** The last so many reports of sweeps, the newest first. Throws RejectedError where the caller may not read them, TransientError. */
export async function lastReports(
  config: Pick<Config, 'regionId' | 'timing'>,
  connection: CloudsConnection,
  count: number,
): Promise<ReadonlyArray<RecordedSweep>> {
  const { tables } = openTransports(config, connection);
  return reportsIn(await createRecentAudit(tables).latest(sweepSubject(config.regionId), count));
}
