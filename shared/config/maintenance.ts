import type { ConfigFile } from './schema.ts';

/** What is done about planned system events of instances. */
export interface Maintenance {
  /** How long before its time a drain begins; 0 = only when the event is carried out. */
  readonly drainAheadMs: number;
}

/** The section of the file, with our default where it is silent. */
export function resolveMaintenance(maintenance: ConfigFile['maintenance']): Maintenance {
  return { drainAheadMs: maintenance?.drainAhead ?? 15 * 60_000 };
}
