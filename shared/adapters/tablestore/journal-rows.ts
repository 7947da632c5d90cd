import type { AuditEntry } from '../../audit/model.ts';
import type { RowWrite } from './rows.ts';
import { TABLES } from './tables.ts';

const AUDIT = TABLES.audit.name;

/** The condition of a journal's row: as it was read (`null` = not there), and not written under a higher fence since. */
export function rowCondition(
  expectedRevision: number | null,
  fence: number,
): NonNullable<RowWrite['condition']> {
  if (expectedRevision === null) return { existence: 'absent' };
  return {
    existence: 'exists',
    columns: [
      { column: 'revision', is: 'equal', value: expectedRevision, passIfMissing: false },
      { column: 'fence', is: 'at-most', value: fence, passIfMissing: false },
    ],
  };
}

/** The write of an audit entry; entries are never changed, so it has no condition. */
export function auditWrite({ subject, atMs, id, action, reason, requestIds, inputs }: AuditEntry): RowWrite {
  return {
    kind: 'put',
    table: AUDIT,
    key: { subject, at: atMs, id },
    columns: { action, reason, requestIds: requestIds.join(' '), inputs: JSON.stringify(inputs) },
  };
}
