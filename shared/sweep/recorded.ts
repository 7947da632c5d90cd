import * as z from 'zod';
import type { RecordedAudit } from '../audit/ports.ts';

const LineSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('change'),
    subject: z.string(),
    action: z.enum(['add', 'set-weight', 'drain', 'remove', 'adopt', 'call']),
    from: z.string(),
    to: z.string(),
    text: z.string(),
    reason: z.string(),
  }),
  z.object({ kind: z.literal('held'), subject: z.string(), by: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('under-way'), subject: z.string(), reason: z.string() }),
]);

const SectionSchema = z.object({
  of: z.enum(['binding', 'pair']),
  name: z.string(),
  place: z.string(),
  laneId: z.string(),
  lines: z.array(LineSchema),
  inService: z.number(),
  strangers: z.number(),
  remarks: z.array(z.string()),
  failure: z.string().nullable(),
});

/** What later sweeps and people's commands need of a report; whatever else it holds is left as it is. */
const RecordedSchema = z.looseObject({
  sweepAtMs: z.number(),
  by: z.enum(['in-place', 'fanned-out', 'task']),
  loadBalancerIds: z.array(z.string()),
  handedOn: z.array(z.string()),
  counts: z.looseObject({
    found: z.number(),
    corrected: z.number(),
    held: z.number(),
    failed: z.number(),
    groups: z.number(),
    pairs: z.number(),
    durationMs: z.number(),
  }),
  sections: z.array(SectionSchema),
  omitted: z.number(),
  remarks: z.array(z.string()),
});

/** A report as it stands in the audit. */
export type RecordedSweep = z.infer<typeof RecordedSchema> & { readonly reportedAtMs: number };

/** The reports among entries of the audit, in the same order. One of another release that is not understood is left out. */
export function reportsIn(entries: ReadonlyArray<RecordedAudit>): ReadonlyArray<RecordedSweep> {
  return entries.flatMap(({ inputs, atMs }) => {
    const report = RecordedSchema.safeParse(inputs);
    return report.success ? [{ ...report.data, reportedAtMs: atMs }] : [];
  });
}
