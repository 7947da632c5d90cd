import { type Carrier, steadyCarrier } from '../../../infra/local/memory/carrier.ts';
import { passUntil } from '../../../infra/local/memory/passage.ts';
import { createMemoryWorker } from '../../../infra/local/memory/worker.ts';
import type { CallRecord } from '../../../infra/local/world/calls.ts';
import type { Production } from '../../../shared/adapters/production.ts';
import { countingRows, type RowCounts } from './row-counter.ts';
import type { VirtualStage } from './stage.ts';

/** What a worker has called, and sent to be written. */
export interface Counted {
  readonly calls: ReadonlyArray<CallRecord>;
  readonly rows: RowCounts;
}

let workers = 0;

/** What a worker of its own calls and writes while it runs this, whatever else happens meanwhile. */
export async function counted(
  { clouds, clock, config }: VirtualStage,
  run: (worker: Production) => Promise<unknown>,
  carrier: Carrier = steadyCarrier(clock),
): Promise<Counted> {
  const name = `counted-${++workers}`;
  const rows: RowCounts = new Map();
  const calls: Array<CallRecord> = [];
  let isCounting = true;
  clouds.foundation.gate.onRecord((record) => {
    if (isCounting && record.principal.sessionName === name) calls.push(record);
  });
  const worker = createMemoryWorker(clouds, {
    config,
    name,
    carrier,
    alter: (transports) => ({ ...transports, tables: countingRows(transports.tables, rows) }),
  });
  await passUntil(clock, run(worker));
  isCounting = false;
  return { calls, rows };
}
