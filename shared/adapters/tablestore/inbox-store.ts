import * as z from 'zod';
import type { Signal } from '../../acceptance/model.ts';
import type { InboxStore } from '../../acceptance/ports.ts';
import type { TableClient } from './client.ts';
import { readDocument } from './documents.ts';
import { TABLES } from './tables.ts';

const TABLE = TABLES.inbox.name;
const KEY_NAMES = TABLES.inbox.key.map(({ name }) => name);

const CauseSchema = z.enum(['scale-in', 'spot-reclaim', 'maintenance', 'change-request', 'health-alarm']);

const StateSchema = z.enum(['Created', 'Pending', 'Starting', 'Running', 'Stopping', 'Stopped', 'Deleted']);

const ScopeSchema = z.object({ binding: z.string(), ports: z.array(z.number()).nullable() });

/** A weight that a person asks for instead of the binding's. */
export const OverrideWeightSchema = z
  .union([z.strictObject({ is: z.number() }), z.strictObject({ percent: z.number() })])
  .nullable();

const WEIGHTS = z.record(z.string(), z.number()).exactOptional();
const AskedWeightsSchema = z.strictObject({
  by: z.strictObject({ byInstance: WEIGHTS, byInstanceType: WEIGHTS, byZone: WEIGHTS }),
  others: z.number().nullable(),
});

/** What signals of former releases do not say. */
const REF = z.string().nullable().default(null);
const FROM = z.number().nullable().default(null);

const NewsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('state'), state: StateSchema }),
  z.object({
    kind: z.literal('leave'),
    cause: CauseSchema,
    ref: REF,
    fromMs: FROM,
    deadlineAtMs: z.number().nullable(),
    untilMs: z.number().nullable(),
    scope: ScopeSchema.exactOptional(),
  }),
  z.object({ kind: z.literal('return'), cause: CauseSchema, ref: REF, scope: ScopeSchema.exactOptional() }),
  z.object({
    kind: z.literal('override'),
    ref: z.string(),
    joins: z.boolean(),
    weight: z.union([OverrideWeightSchema, AskedWeightsSchema]),
    untilMs: z.number(),
    scope: ScopeSchema,
  }),
  z.object({
    kind: z.literal('lift-guard'),
    ref: z.string(),
    guard: z.enum(['min-in-service', 'max-disruption', 'unsure']),
    untilMs: z.number(),
    scope: ScopeSchema,
  }),
  z.object({
    kind: z.literal('pause'),
    binding: z.string(),
    reason: z.string(),
    untilMs: z.number().nullable(),
  }),
]);

const COMMON = {
  key: z.string(),
  instanceId: z.string(),
  eventAtMs: z.number().nullable(),
  acceptedAtMs: z.number(),
};

/** Signals that the first release left in an inbox say their state without more. */
const SignalSchema: z.ZodType<Signal> = z.union([
  z.object({ ...COMMON, news: NewsSchema }),
  z
    .object({ ...COMMON, state: StateSchema })
    .transform(({ state, ...rest }) => ({ ...rest, news: { kind: 'state' as const, state } })),
]);

/** The `inbox` table: one write-once row per lane and key. */
export function createInboxStore(tables: TableClient): InboxStore {
  return {
    async put(entries) {
      // A row that is already there keeps its time of acceptance; a conflict is therefore success.
      await tables.writeMany(
        entries.map(({ laneId, signal }) => ({
          kind: 'put',
          table: TABLE,
          key: { lane: laneId, key: signal.key },
          columns: { signal: JSON.stringify(signal) },
          condition: { existence: 'absent' },
        })),
      );
    },
    async read(laneId) {
      const rows = await tables.range(TABLE, KEY_NAMES, { lane: laneId });
      return rows.map((row) => readDocument(SignalSchema, TABLE, row.signal));
    },
    async remove(laneId, keys) {
      await tables.writeMany(
        keys.map((key) => ({ kind: 'delete', table: TABLE, key: { lane: laneId, key } })),
      );
    },
  };
}
