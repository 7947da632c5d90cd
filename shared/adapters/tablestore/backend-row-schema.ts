import * as z from 'zod';
import type { BackendRow } from '../../server-groups/backend/record.ts';
import { OverrideWeightSchema } from './inbox-store.ts';

const CAUSES = ['scale-in', 'spot-reclaim', 'maintenance', 'change-request', 'health-alarm'] as const;
const REF = z.string().nullable().default(null);
const INSTANT = z.number().nullable().default(null);

const HeldSchema = z.object({
  by: z.preprocess(
    // Before 0.3.0 a row did not say which guard; the next look at it does.
    (by) => (by === 'guard' ? 'max-disruption' : by),
    z.enum([
      'min-in-service',
      'max-disruption',
      'unsure',
      'quota',
      'refusal',
      'contested',
      'not-ready',
      'setting',
      'drift',
      'group',
      'moving',
    ]),
  ),
  reason: z.string(),
});

/**
 * A row of the `backends` table. Columns that the first release did not have begin with what they are in a new row; its
 * text for what is held becomes a refusal, the one kind that clears by itself.
 */
export const BackendRowSchema: z.ZodType<BackendRow> = z.preprocess(
  withPresentNames,
  z.object({
    vServerGroupId: z.string(),
    serverId: z.string(),
    port: z.number(),
    serverIp: z.string().nullable(),
    binding: z.string(),
    phase: z.enum(['joining', 'ramping', 'in-service', 'draining', 'removed']),
    cause: z.enum(['stopped', 'released', 'unselected', 'moved', 'not-ready', ...CAUSES]).nullable(),
    generation: z.number(),
    dueSinceMs: INSTANT,
    decidedAtMs: INSTANT,
    listedAtMs: INSTANT,
    rampStep: z.number().default(0),
    rampSinceMs: INSTANT,
    weightZeroAtMs: z.number().nullable(),
    quietSamples: z.number().default(0),
    sampledAtMs: INSTANT,
    orders: z
      .array(
        z.object({
          cause: z.enum(['not-ready', ...CAUSES]),
          ref: REF,
          sinceMs: z.number(),
          deadlineAtMs: z.number().nullable(),
          untilMs: z.number().nullable(),
        }),
      )
      .default([]),
    returns: z.array(z.object({ cause: z.enum(CAUSES), ref: REF, atMs: z.number() })).default([]),
    override: z
      .object({
        ref: z.string(),
        joins: z.boolean(),
        weight: OverrideWeightSchema,
        sinceMs: z.number(),
        untilMs: z.number(),
      })
      .nullable()
      .default(null),
    healthySinceMs: INSTANT,
    fullWeight: z.number().nullable().default(null),
    confirmedWeight: z.number().nullable().default(null),
    corrections: z.number().default(0),
    correctionsSinceMs: INSTANT,
    hasDeletedEvent: z.boolean(),
    absentSinceMs: z.number().nullable(),
    held: z
      .union([HeldSchema, z.string().transform((reason) => ({ by: 'refusal' as const, reason }))])
      .nullable(),
    refusals: z.number(),
    notBeforeMs: z.number().nullable(),
    revision: z.number(),
    fence: z.number(),
  }),
);

/** What the first release called `readySinceMs` is both of these now. */
function withPresentNames(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || !('readySinceMs' in row)) return row;
  const { readySinceMs, ...rest } = row;
  return { dueSinceMs: readySinceMs, decidedAtMs: readySinceMs, ...rest };
}
