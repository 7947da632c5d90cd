import type { MemberIndex } from '../../acceptance/ports.ts';
import { mapBounded } from '../../concurrency.ts';
import type { BackendRow } from '../../server-groups/backend/record.ts';
import { backendKey, type RowChange } from '../../server-groups/model.ts';
import type { BackendStore } from '../../server-groups/ports.ts';
import { BackendRowSchema } from './backend-row-schema.ts';
import type { TableClient } from './client.ts';
import { readDocument } from './documents.ts';
import { auditWrite, rowCondition } from './journal-rows.ts';
import { laneOfColumn } from './lane-columns.ts';
import { memberEntry, memberExit } from './member-rows.ts';
import type { RowWrite } from './rows.ts';
import { TABLES } from './tables.ts';

const BACKENDS = TABLES.backends.name;
const MEMBERS = TABLES.members.name;
const KEY_NAMES = TABLES.backends.key.map(({ name }) => name);
const GROUPS_AT_ONCE = 4;

/**
 * The place of a record that was deleted stays taken for so long: by a row that says no more than when, and under which
 * fence. Else a worker that sleeps in its very first write of a record could make it anew long after, when there is no row
 * left that its fence could be compared with. No call of a function lives nearly as long.
 */
const GONE_KEPT_MS = 3_600_000;

/** What a group's last read has found. */
interface ReadGroup {
  /** By their texts: from one read to the next hardly any of them changes. */
  readonly rows: ReadonlyMap<string, BackendRow>;
  /** By backend, the places of deleted records. */
  readonly gone: Map<string, GonePlace>;
}

interface GonePlace {
  readonly goneAtMs: number;
  readonly revision: number;
}

/** The `backends` table, with the `members` index and the audit entries that belong to a change. */
export function createBackendStore(tables: TableClient): BackendStore {
  const known = new Map<string, ReadGroup>();
  const readGroup = async (group: string): Promise<ReadonlyArray<BackendRow>> => {
    const found = await tables.range(BACKENDS, KEY_NAMES, { group });
    const before = known.get(group)?.rows;
    const rows = new Map<string, BackendRow>();
    const gone = new Map<string, GonePlace>();
    for (const { backend, row, goneAtMs, revision } of found) {
      if (goneAtMs !== undefined) {
        gone.set(String(backend), { goneAtMs: Number(goneAtMs), revision: Number(revision) });
        continue;
      }
      const text = String(row);
      rows.set(text, before?.get(text) ?? readDocument(BackendRowSchema, BACKENDS, text));
    }
    known.set(group, { rows, gone });
    return [...rows.values()];
  };
  const write = ({ kind, row, expectedRevision }: RowChange, nowMs: number): RowWrite => {
    const { vServerGroupId, revision, fence } = row;
    const key = { group: vServerGroupId, backend: backendKey(row) };
    const place = known.get(vServerGroupId)?.gone.get(key.backend) ?? null;
    const condition = rowCondition(expectedRevision ?? place?.revision ?? null, fence);
    const columns =
      kind === 'put'
        ? { row: JSON.stringify(row), revision, fence }
        : { goneAtMs: Math.round(nowMs), revision, fence };
    return { kind: 'put', table: BACKENDS, key, columns, condition };
  };
  /** So that a record that is made again in the same pass finds the place that its deletion has left. */
  const note = ({ kind, row }: RowChange, nowMs: number): void => {
    const gone = known.get(row.vServerGroupId)?.gone;
    if (kind === 'put') gone?.delete(backendKey(row));
    else gone?.set(backendKey(row), { goneAtMs: Math.round(nowMs), revision: row.revision });
  };
  /** The places in these groups that nobody can come back to any more. */
  const overduePlaces = (groups: ReadonlySet<string>, fence: number, nowMs: number): Array<RowWrite> =>
    [...groups].flatMap((group) =>
      [...(known.get(group)?.gone ?? [])]
        .filter(([, { goneAtMs }]) => goneAtMs + GONE_KEPT_MS <= nowMs)
        .map(([backend, { revision }]) => ({
          kind: 'delete',
          table: BACKENDS,
          key: { group, backend },
          condition: rowCondition(revision, fence),
        })),
    );
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
      const nowMs = tables.time.nowMs();
      const written = changes.map((change) => write(change, nowMs));
      const taken = new Set(changes.map(({ row }) => `${row.vServerGroupId} ${backendKey(row)}`));
      const groups = new Set(changes.map(({ row }) => row.vServerGroupId));
      const overdue = overduePlaces(groups, fence, nowMs).filter(
        ({ key: { group, backend } }) => !taken.has(`${group} ${backend}`),
      );
      const writes = [...written, ...audit.map(auditWrite), ...overdue];
      const results = writes.length === 0 ? [] : await tables.writeMany(writes);
      const refused = changes.filter((_, index) => results[index] === 'conflict');
      for (const [index, change] of changes.entries()) {
        if (results[index] === 'written') note(change, nowMs);
      }
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
