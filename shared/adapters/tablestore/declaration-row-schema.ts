import * as z from 'zod';
import type { DeclarationOrder, DeclarationRow } from '../../declarations/record.ts';

const INSTANT = z.number().nullable();
const ListenerSchema = z.object({ protocol: z.enum(['tcp', 'udp', 'http', 'https']), port: z.number() });

/** The row of a declared group as its column holds it. */
export const DeclarationRowSchema: z.ZodType<DeclarationRow> = z.object({
  binding: z.string(),
  loadBalancerId: z.string(),
  groupId: z.string().nullable(),
  createdAtMs: INSTANT,
  filledAtMs: INSTANT.default(null),
  tagKeys: z.array(z.string()),
  inFlight: z.object({ api: z.string(), target: z.string(), sentAtMs: z.number() }).nullable(),
  moving: z
    .object({ listener: ListenerSchema, before: z.record(z.string(), z.string()), mends: z.number() })
    .nullable(),
  points: z.record(z.string(), z.object({ count: z.number(), sinceMs: z.number() })),
  refusals: z.number(),
  notBeforeMs: INSTANT,
  held: z.object({ by: z.string(), reason: z.string() }).nullable(),
  deletedAtMs: INSTANT,
  revision: z.number(),
  fence: z.number(),
});

/** An order as its column holds it. */
export const DeclarationOrderSchema: z.ZodType<DeclarationOrder> = z.object({
  orderId: z.string(),
  kind: z.enum(['apply', 'delete']),
  binding: z.string(),
  by: z.string(),
  orderedAtMs: z.number(),
});
