import * as z from 'zod';
import type { HookNotices } from '../../acceptance/ports.ts';
import { type HookRow, hookKey, noticedRow } from '../../scaling/model.ts';
import type { HookStore } from '../../scaling/ports.ts';
import type { TableClient } from './client.ts';
import { readDocument } from './documents.ts';
import { auditWrite, rowCondition } from './journal-rows.ts';
import type { RowWrite } from './rows.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.hooks.name;
const KEY_NAMES = TABLES.hooks.key.map(({ name }) => name);

const RESULT = z.enum(['CONTINUE', 'ABANDON', 'ROLLBACK']);
const INSTANT = z.number().nullable();

const HookRowSchema: z.ZodType<HookRow> = z.object({
  scalingGroupId: z.string(),
  lifecycleHookId: z.string(),
  token: z.string(),
  activityId: z.string().nullable(),
  transition: z.enum(['SCALE_OUT', 'SCALE_IN']).nullable(),
  instanceIds: z.array(z.string()),
  phase: z.enum(['noticed', 'waiting', 'ending']),
  noticedAtMs: z.number(),
  startedAtMs: INSTANT,
  deadlineMs: INSTANT,
  heartbeats: z.number(),
  heartbeatMaxSeconds: z.number().nullable(),
  orderedAtMs: INSTANT,
  answer: z
    .object({ result: RESULT, reason: z.string(), clientToken: z.string(), decidedAtMs: z.number() })
    .nullable(),
  endedAtMs: INSTANT,
  held: z.string().nullable(),
  refusals: z.number(),
  notBeforeMs: INSTANT,
  revision: z.number(),
  fence: z.number(),
});

/** The `hooks` table: a row per hook that waits in an activity. */
export function createHookStore(tables: TableClient): HookStore & HookNotices {
  return {
    async notice(hooks) {
      // A row that is already there knows more than the message does; a conflict is therefore success.
      await tables.writeMany(
        hooks.map(noticedRow).map((row) => ({
          kind: 'put',
          table: TABLE,
          key: keyOf(row),
          columns: columnsOf(row),
          condition: { existence: 'absent' },
        })),
      );
    },
    async read(scalingGroupId) {
      const rows = await tables.range(TABLE, KEY_NAMES, { lane: scalingGroupId });
      return rows.map((row) => readDocument(HookRowSchema, TABLE, row.hook));
    },
    async commit({ fence, changes, audit }) {
      const written = changes.map(({ kind, row, expectedRevision }): RowWrite => {
        const condition = rowCondition(expectedRevision, fence);
        if (kind === 'delete') return { kind, table: TABLE, key: keyOf(row), condition };
        return { kind, table: TABLE, key: keyOf(row), columns: columnsOf(row), condition };
      });
      const writes = [...written, ...audit.map(auditWrite)];
      const results = writes.length === 0 ? [] : await tables.writeMany(writes);
      return { refused: changes.filter((_, index) => results[index] === 'conflict') };
    },
  };
}

function keyOf(row: HookRow) {
  return { lane: row.scalingGroupId, key: hookKey(row) };
}

/** Revision and fence are columns of their own, since conditions compare them. */
function columnsOf(row: HookRow) {
  return { hook: JSON.stringify(row), revision: row.revision, fence: row.fence };
}
