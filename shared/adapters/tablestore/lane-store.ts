import * as z from 'zod';
import { emptyLane, type LaneChange, type LaneNotes, type LaneRow, NO_NOTES } from '../../lanes/model.ts';
import type { LaneStore } from '../../lanes/ports.ts';
import type { TableClient } from './client.ts';
import { readDocument } from './documents.ts';
import type { Cells, ColumnCondition, Row } from './rows.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.lanes.name;
const KEY_NAMES = TABLES.lanes.key.map(({ name }) => name);

const NotesSchema: z.ZodType<LaneNotes> = z.object({
  verifyAtMs: z.number().nullable(),
  writtenAtMs: z.record(z.string(), z.number()),
  writableAtMs: z.record(z.string(), z.number()),
  refused: z.record(z.string(), z.object({ count: z.number(), reason: z.string() })).exactOptional(),
  failures: z.number(),
  failure: z.string().exactOptional(),
});

/** "No deadline": INTEGER columns cannot hold null. */
const NEVER = -1;

/** The `lanes` table. Each change is one conditional UpdateRow, so it happens whole or not at all. */
export function createLaneStore(tables: TableClient): LaneStore {
  return {
    async read(laneId) {
      const row = await tables.get(TABLE, { lane: laneId });
      return row === null ? emptyLane(laneId) : readLane(row);
    },
    async list() {
      const rows = await tables.range(TABLE, KEY_NAMES, {});
      return rows.map(readLane);
    },
    async signal(laneIds) {
      await tables.writeMany(
        laneIds.map((lane) => ({
          kind: 'update',
          table: TABLE,
          key: { lane },
          change: { increment: { dirty: 1 } },
        })),
      );
    },
    async change(laneId, change) {
      const result = await tables.write({
        kind: 'update',
        table: TABLE,
        key: { lane: laneId },
        change: { put: columnsOf(change.set), ...(change.nextFence ? { increment: { fence: 1 } } : {}) },
        condition: { columns: expectations(change) },
      });
      return result === 'written' ? 'changed' : 'conflict';
    },
  };
}

/** A column that was never written stands for 0, so it passes only where 0 is expected. */
function expectations({ expect }: LaneChange): ReadonlyArray<ColumnCondition> {
  return Object.entries(expect).map(([column, value]) => ({
    column,
    is: 'equal',
    value,
    passIfMissing: value === 0,
  }));
}

function columnsOf({ owner, leaseUntilMs, handled, nextWakeUpMs, notes }: LaneChange['set']): Cells {
  return {
    ...(owner === undefined ? {} : { owner: owner ?? '' }),
    ...(leaseUntilMs === undefined ? {} : { leaseUntilMs }),
    ...(handled === undefined ? {} : { handled }),
    ...(nextWakeUpMs === undefined ? {} : { nextWakeUpMs: nextWakeUpMs ?? NEVER }),
    ...(notes === undefined ? {} : { notes: JSON.stringify(notes) }),
  };
}

function readLane(row: Row): LaneRow {
  const owner = String(row.owner ?? '');
  const nextWakeUpMs = Number(row.nextWakeUpMs ?? NEVER);
  return {
    laneId: String(row.lane),
    owner: owner === '' ? null : owner,
    leaseUntilMs: Number(row.leaseUntilMs ?? 0),
    fence: Number(row.fence ?? 0),
    dirty: Number(row.dirty ?? 0),
    handled: Number(row.handled ?? 0),
    nextWakeUpMs: nextWakeUpMs === NEVER ? null : nextWakeUpMs,
    notes: row.notes === undefined ? NO_NOTES : readDocument(NotesSchema, TABLE, row.notes),
  };
}
