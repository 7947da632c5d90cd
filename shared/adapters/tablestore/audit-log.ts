import type { AuditLog } from '../../audit/ports.ts';
import type { TableClient } from './client.ts';
import { auditWrite } from './journal-rows.ts';

/** Writes entries of the `audit` table that stand by themselves. */
export function createAuditLog(tables: TableClient): AuditLog {
  return {
    async write(entries) {
      await tables.writeMany(entries.map(auditWrite));
    },
  };
}
