import type { RecentAudit, RecordedAudit } from '../../audit/ports.ts';
import type { TableClient } from './client.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.audit.name;
const KEY_NAMES = TABLES.audit.key.map(({ name }) => name);

/** Reads the `audit` table: for people, and for the calls that the result of a change request tells. */
export function createRecentAudit(tables: TableClient): RecentAudit {
  return {
    async latest(subject, count) {
      const rows = await tables.range(TABLE, KEY_NAMES, { subject }, count);
      return rows.map(
        (row): RecordedAudit => ({
          atMs: Number(row.at),
          action: String(row.action),
          reason: String(row.reason),
          requestIds: String(row.requestIds ?? '')
            .split(' ')
            .filter((id) => id !== ''),
          inputs: inputsIn(row.inputs),
        }),
      );
    },
  };
}

/** What is for people must not fail over an entry of another release. */
function inputsIn(text: unknown): Readonly<Record<string, unknown>> {
  try {
    const inputs: unknown = JSON.parse(String(text));
    return typeof inputs === 'object' && inputs !== null ? { ...inputs } : {};
  } catch {
    return {};
  }
}
