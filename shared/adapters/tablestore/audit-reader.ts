import type { RecentAudit, RecordedAudit } from '../../audit/ports.ts';
import type { TableClient } from './client.ts';
import { beginningWith } from './key-ranges.ts';
import type { Row } from './rows.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.audit.name;
const KEY_NAMES = TABLES.audit.key.map(({ name }) => name);

/** Reads the `audit` table: for people, and for the calls that the result of a change request tells. */
export function createRecentAudit(tables: TableClient): RecentAudit {
  return {
    async latest(subject, count) {
      return (await tables.range(TABLE, KEY_NAMES, { subject }, count)).map(recorded);
    },
    async since(subjects, sinceMs) {
      const where = ({ at }: Row) => Number(at) >= sinceMs;
      const prefix = { subject: beginningWith(subjects) };
      return (await tables.range(TABLE, KEY_NAMES, prefix, undefined, where)).map(recorded);
    },
  };
}

function recorded({ subject, at, action, reason, requestIds, inputs }: Row): RecordedAudit {
  return {
    subject: String(subject),
    atMs: Number(at),
    action: String(action),
    reason: String(reason),
    requestIds: String(requestIds ?? '')
      .split(' ')
      .filter((id) => id !== ''),
    inputs: inputsIn(inputs),
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
