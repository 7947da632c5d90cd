import * as z from 'zod';
import { NO_TAGGING, type PairOrder, type PairRow } from '../../pairs/record.ts';
import type { Saga } from '../../pairs/saga/model.ts';
import type { Testimony } from '../../pairs/testimony/model.ts';

const INSTANT = z.number().nullable();
const TEXT = z.string().nullable();

const MemberSchema = z.object({ serverId: z.string(), port: z.number(), weight: z.number() });
const MembersSchema = z.object({ primary: MemberSchema, secondary: MemberSchema });
const TagsSchema = z.array(z.object({ key: z.string(), value: z.string() }));
const SettingsSchema = z.record(z.string(), z.string());
const StatementSchema = z.object({
  finding: z.enum(['good', 'bad', 'unknown']),
  text: z.string(),
  sinceMs: z.number(),
});

const TestimonySchema: z.ZodType<Testimony> = z.object({
  health: StatementSchema,
  ecs: StatementSchema,
  probe: StatementSchema,
  heardAtMs: z.number(),
});

const SagaSchema: z.ZodType<Saga> = z.object({
  number: z.number(),
  kind: z.enum(['creation', 'promotion', 'fail-back', 'new-standby']),
  reason: z.string(),
  orderId: TEXT,
  startedAtMs: z.number(),
  groupName: z.string(),
  tags: TagsSchema,
  from: z
    .object({
      groupId: z.string(),
      name: z.string(),
      loadBalancerId: z.string(),
      members: MembersSchema,
      tags: TagsSchema,
    })
    .nullable(),
  to: MembersSchema,
  groupId: TEXT,
  isFound: z.boolean().default(false),
  listeners: z.array(
    z.object({
      protocol: z.enum(['tcp', 'udp']),
      port: z.number(),
      before: SettingsSchema,
      // Rows of 0.6.0 and before have neither this nor `isFound`.
      vServerGroupId: TEXT.default(null),
      state: z.enum(['waiting', 'moved', 'left']),
      // Rows of 0.5.0 and before do not have it.
      mends: z.number().default(0),
      remark: TEXT,
    }),
  ),
  phase: z.enum(['create', 'repoint', 'tidy', 'undo', 'ended']),
  inFlight: z
    .object({
      kind: z.enum(['create', 'point', 'release', 'delete', 'tag', 'untag']),
      target: z.string(),
      sentAtMs: z.number(),
    })
    .nullable(),
  refusals: z.number(),
  notBeforeMs: INSTANT,
  failure: z.object({ message: z.string(), api: TEXT, code: TEXT, requestId: TEXT }).nullable(),
  outcome: z.enum(['done', 'undone', 'given-up']).nullable(),
  endedAtMs: INSTANT,
});

/** The row of a pair as its column holds it. */
export const PairRowSchema: z.ZodType<PairRow> = z.object({
  name: z.string(),
  loadBalancerId: z.string(),
  number: z.number(),
  groupId: TEXT,
  memberIds: z.array(z.string()),
  homeId: TEXT,
  homeGoodSinceMs: INSTANT,
  testimonies: z.record(z.string(), TestimonySchema),
  notices: z.array(
    z.object({
      serverId: z.string(),
      cause: z.enum(['spot-reclaim', 'maintenance']),
      ref: TEXT,
      fromMs: z.number(),
      noticedAtMs: z.number(),
    }),
  ),
  saga: SagaSchema.nullable(),
  leftovers: z.array(z.string()),
  leftoversNotBeforeMs: INSTANT.default(null),
  tagging: z
    .object({ keys: z.array(z.string()), isDue: z.boolean(), notBeforeMs: INSTANT })
    .default(() => ({ ...NO_TAGGING, keys: [] })),
  unsuitable: z
    .array(z.object({ serverId: z.string(), reason: z.string(), untilMs: z.number() }))
    .default([]),
  pause: z.object({ untilMs: z.number(), by: z.string(), reason: z.string() }).nullable(),
  held: TEXT,
  answers: z.array(
    z.object({
      orderId: z.string(),
      outcome: z.enum(['begun', 'refused', 'noted']),
      reason: z.string(),
      number: z.number().nullable(),
    }),
  ),
  revision: z.number(),
  fence: z.number(),
});

const ORDER = { orderId: z.string(), by: z.string(), reason: z.string(), orderedAtMs: z.number() };

/** An order as its column holds it. */
export const PairOrderSchema: z.ZodType<PairOrder> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('promote'), ...ORDER, to: TEXT, overridesCoolDown: z.boolean() }),
  z.object({ kind: z.literal('pause'), ...ORDER, untilMs: INSTANT }),
  z.object({ kind: z.literal('apply'), ...ORDER }),
]);
