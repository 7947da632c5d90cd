import type { MemberIndex } from '../../acceptance/ports.ts';
import type { AuditEntry } from '../../audit/model.ts';
import { mapBounded } from '../../concurrency.ts';
import type { BackendRow } from '../../server-groups/backend/record.ts';
import { backendKey, type RowChange } from '../../server-groups/model.ts';
import type { BackendStore } from '../../server-groups/ports.ts';
import { BackendRowSchema } from './backend-row-schema.ts';
import type { TableClient } from './client.ts';
import { readDocument } from './documents.ts';
import { laneColumn, laneOfColumn } from './lane-columns.ts';
import type { RowWrite } from './rows.ts';
import { TABLES } from './tables.ts';

const BACKENDS = TABLES.backends.name;
const MEMBERS = TABLES.members.name;
const AUDIT = TABLES.audit.name;
const KEY_NAMES = TABLES.backends.key.map(({ name }) => name);
const GROUPS_AT_ONCE = 4;

/** The `backends` table, with the `members` index and the audit entries that belong to a change. */
export function createBackendStore(tables: TableClient): BackendStore {
  /** What the last read of each group made of its texts: from one read to the next hardly any of them changes. */
  const known = new Map<string, ReadonlyMap<string, BackendRow>>();
  const readGroup = async (group: string): Promise<ReadonlyArray<BackendRow>> => {
    const rows = await tables.range(BACKENDS, KEY_NAMES, { group });
    const before = known.get(group);
    const read = new Map<string, BackendRow>();
    for (const { row } of rows) {
      const text = String(row);
      read.set(text, before?.get(text) ?? readDocument(BackendRowSchema, BACKENDS, text));
    }
    known.set(group, read);
    return [...read.values()];
  };
  return {
    async readGroups(vServerGroupIds) {
      return (await mapBounded(vServerGroupIds, GROUPS_AT_ONCE, readGroup)).flat();
    },
    async commit({ loadBalancerId, fence, changes, departed, audit }) {
      const joined = changes.filter(
        ({ kind, expectedRevision }) => kind === 'put' && expectedRevision === null,
      );
      // Before the rows, in a call of its own: rows of one call do not fail together, and nothing may be added to a
      // group whose instance could not be found again after its release.
      const servers = [...new Set(joined.map(({ row }) => row.serverId))];
      if (servers.length > 0) {
        await tables.writeMany(servers.map((server) => memberEntry(server, loadBalancerId, fence)));
      }
      const writes = [...changes.map(backendWrite), ...audit.map(auditWrite)];
      const results = writes.length === 0 ? [] : await tables.writeMany(writes);
      const refused = changes.filter((_, index) => results[index] === 'conflict');
      // Only once the rows are gone: an index entry too many costs a look, one too few loses an instance.
      const staying = new Set(refused.map(({ row }) => row.serverId));
      const gone = departed.filter((server) => !staying.has(server));
      if (gone.length > 0) {
        await tables.writeMany(gone.map((server) => memberExit(server, loadBalancerId, fence)));
      }
      return { refused };
    },
  };
}

/** The `members` table: a row per instance, with a column for each lane that has a record of it. */
export function createMemberIndex(tables: TableClient): MemberIndex {
  return {
    async lanesOf(instanceIds) {
      const rows = await tables.getMany(
        MEMBERS,
        instanceIds.map((server) => ({ server })),
      );
      return new Map(
        rows.map((row) => [String(row.server), new Set(Object.keys(row).flatMap(laneOfColumn))]),
      );
    },
  };
}

function backendWrite({ kind, row, expectedRevision }: RowChange): RowWrite {
  const key = { group: row.vServerGroupId, backend: backendKey(row) };
  if (kind === 'put') {
    const columns = { row: JSON.stringify(row), revision: row.revision, fence: row.fence };
    return {
      kind: 'put',
      table: BACKENDS,
      key,
      columns,
      condition: rowCondition(expectedRevision, row.fence),
    };
  }
  return { kind: 'delete', table: BACKENDS, key, condition: rowCondition(expectedRevision, row.fence) };
}

/** As it was read, and not written under a higher fence since. */
function rowCondition(expectedRevision: number | null, fence: number): NonNullable<RowWrite['condition']> {
  if (expectedRevision === null) return { existence: 'absent' };
  return {
    existence: 'exists',
    columns: [
      { column: 'revision', is: 'equal', value: expectedRevision, passIfMissing: false },
      { column: 'fence', is: 'at-most', value: fence, passIfMissing: false },
    ],
  };
}

function memberEntry(server: string, loadBalancerId: string, fence: number): RowWrite {
  const column = laneColumn(loadBalancerId);
  return {
    kind: 'update',
    table: MEMBERS,
    key: { server },
    change: { put: { [column]: fence } },
    // An entry that a later holder made stays as it is; it says the same.
    condition: { columns: [{ column, is: 'at-most', value: fence, passIfMissing: true }] },
  };
}

function memberExit(server: string, loadBalancerId: string, fence: number): RowWrite {
  const column = laneColumn(loadBalancerId);
  return {
    kind: 'update',
    table: MEMBERS,
    key: { server },
    change: { remove: [column] },
    condition: { columns: [{ column, is: 'at-most', value: fence, passIfMissing: true }] },
  };
}

function auditWrite({ subject, atMs, id, action, reason, requestIds, inputs }: AuditEntry): RowWrite {
  return {
    kind: 'put',
    table: AUDIT,
    key: { subject, at: atMs, id },
    columns: { action, reason, requestIds: requestIds.join(' '), inputs: JSON.stringify(inputs) },
  };
}
