import type { MemoryClouds } from '../../../infra/local/memory/clouds.ts';
import type { CallRecord } from '../../../infra/local/world/calls.ts';

const WRITES: ReadonlySet<string> = new Set([
  'AddVServerGroupBackendServers',
  'SetVServerGroupAttribute',
  'RemoveVServerGroupBackendServers',
]);

/** Whether the call was a write to a vServer group. */
export function isSlbWrite({ product, action }: CallRecord): boolean {
  return product === 'slb' && WRITES.has(action);
}

/** What was sent to the vServer groups since the last look. */
export interface WriteCounts {
  /** Calls that were sent, the refused ones too. */
  readonly sent: number;
  readonly refused: number;
  /** Of the refused ones, those that were over the account's limit. */
  readonly throttled: number;
  readonly byApi: Readonly<Record<string, number>>;
  /** By API: when the last call ended. */
  readonly lastOfApiAtMs: Readonly<Record<string, number>>;
}

/** Counts the writes to vServer groups as the cloud sees them. */
export class WriteCounter {
  #records: Array<CallRecord> = [];

  constructor({ foundation }: MemoryClouds) {
    foundation.gate.onRecord((record) => {
      if (isSlbWrite(record)) this.#records.push(record);
    });
  }

  /** The calls since the last time this was asked. */
  take(): WriteCounts {
    const records = this.#records;
    this.#records = [];
    const byApi: Record<string, number> = {};
    const lastOfApiAtMs: Record<string, number> = {};
    for (const { action, endedAtMs } of records) {
      byApi[action] = (byApi[action] ?? 0) + 1;
      lastOfApiAtMs[action] = endedAtMs;
    }
    return {
      sent: records.length,
      refused: records.filter(({ errorCode }) => errorCode !== null).length,
      throttled: records.filter(({ errorCode }) => errorCode?.startsWith('Throttling') ?? false).length,
      byApi,
      lastOfApiAtMs,
    };
  }
}
