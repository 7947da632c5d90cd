import { laneColumn } from './lane-columns.ts';
import type { RowWrite } from './rows.ts';
import { TABLES } from './tables.ts';

const MEMBERS = TABLES.members.name;

/** The write that enters an instance in the index, so that its events find the lane. */
export function memberEntry(server: string, laneId: string, fence: number): RowWrite {
  const column = laneColumn(laneId);
  return {
    kind: 'update',
    table: MEMBERS,
    key: { server },
    change: { put: { [column]: fence } },
    // An entry that a later holder made stays as it is; it says the same.
    condition: { columns: [{ column, is: 'at-most', value: fence, passIfMissing: true }] },
  };
}

/** The write that takes an instance of the lane out of the index. */
export function memberExit(server: string, laneId: string, fence: number): RowWrite {
  const column = laneColumn(laneId);
  return {
    kind: 'update',
    table: MEMBERS,
    key: { server },
    change: { remove: [column] },
    condition: { columns: [{ column, is: 'at-most', value: fence, passIfMissing: true }] },
  };
}
