import * as z from 'zod';
import { parseDuration } from '../config/duration.ts';
import { isRealInstant } from '../config/instant.ts';
import { SERVER_ID } from '../config/schema-parts.ts';
import { WEIGHT_KEYS } from '../config/weights.ts';

// What `meta` says goes into `events/change-request.schema.json` (`npm run schema`), for people and programs that have no
// zod: descriptions, and the rules that a `refine` alone would keep from them.

/** Marks a change request among all that queues carry. */
export const REQUEST_KIND = 'slb-autopilot/change-request';

/** Largest request, in bytes: what fits into an MNS message with its envelope. */
export const REQUEST_BYTES_MAX = 48 * 1024;
/** Instances that one request may name. */
export const INSTANCES_MAX = 100;
/** Longest time that an override may last: whatever is to stay for longer belongs into the configuration. */
export const OVERRIDE_MAX_MS = 7 * 24 * 3_600_000;
/** Ports that one request may name: as many as a binding may. */
export const PORTS_MAX = 40;
/** Longest time that a lifted guard waits for what it is lifted for. */
export const LIFT_MAX_MS = 3_600_000;

/** Durations stay texts in the document: what is signed must come out as it went in. */
function duration(minMs: number, maxMs: number) {
  return z
    .string()
    .max(20)
    .regex(/^\d{1,9}(?:ms|s|m|h)$/, 'a duration such as 30s, 5m or 2h')
    .refine(
      (text) => {
        const ms = parseDuration(text);
        return ms !== null && ms >= minMs && ms <= maxMs;
      },
      `a duration from ${minMs / 1_000} s to ${maxMs / 3_600_000} h`,
    )
    .meta({
      description: `A whole number of ms, s, m or h, such as 30s or 2h; from ${minMs / 1_000} s to ${maxMs / 3_600_000} h.`,
    });
}

const InstantSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/, 'an instant such as 2026-04-09T04:18:26Z')
  .refine(isRealInstant, 'an instant that there is')
  .meta({ format: 'date-time' });
const NameSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'a name of 1 to 40 characters out of a-z, 0-9 and -');
// As it was written, or its signature would not belong to it.
const ReasonSchema = z
  .string()
  .min(1)
  .max(500)
  .refine((reason) => reason.trim() !== '', 'more than spaces')
  .meta({ pattern: '\\S', description: 'Why, for people: it stands in the audit and in the result.' });
const InstanceIdSchema = z.string().regex(/^i-[A-Za-z0-9-]{1,60}$/, 'the id of an instance, i-…');
const ServerIdSchema = z.string().regex(SERVER_ID, 'the id of an instance, i-…, eni-… or eci-…');
const InstancesSchema = z
  .array(ServerIdSchema)
  .min(1)
  .max(INSTANCES_MAX)
  .refine((ids) => new Set(ids).size === ids.length, 'each instance once')
  .meta({
    uniqueItems: true,
    description: 'Of the type that the binding has; a network interface stands for all its addresses.',
  });
const ForSchema = duration(1_000, OVERRIDE_MAX_MS);

const PortsSchema = z
  .array(z.int().min(1).max(65_535))
  .min(1)
  .max(PORTS_MAX)
  .refine((ports) => new Set(ports).size === ports.length, 'each port once')
  .meta({
    uniqueItems: true,
    description: 'Only these ports of the instances; without it all that the binding names.',
  });
const RequestIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, '1 to 64 of letters, digits, ".", "_", ":" and "-"');
const PlanHashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of a plan in hex');

const OF_BACKENDS = { binding: NameSchema, instances: InstancesSchema, ports: PortsSchema.optional() };

/** In place of the instances: every one that is in the group by the binding. */
export const ALL_INSTANCES = 'all';
const OF_SOME_OR_ALL = {
  ...OF_BACKENDS,
  instances: z
    .union([InstancesSchema, z.literal(ALL_INSTANCES)], { error: 'a list of instances, or all' })
    .meta({ description: 'Which instances; all = every one that is in the group by the binding.' }),
};

/** Weights that one request may give. */
export const WEIGHTS_MAX = 100;
const WeightNumber = z.int().min(0).max(100);
const WeightOfSchema = z.union(
  [
    z.strictObject({ instance: ServerIdSchema, weight: WeightNumber }),
    z.strictObject({
      instanceType: z.string().regex(WEIGHT_KEYS.byInstanceType, 'an instance type such as ecs.g7.large'),
      weight: WeightNumber,
    }),
    z.strictObject({
      zone: z.string().regex(WEIGHT_KEYS.byZone, 'a zone such as cn-hangzhou-h'),
      weight: WeightNumber,
    }),
  ],
  { error: 'a weight from 0 to 100 with an instance, an instanceType or a zone' },
);

/** The weight of an instance, or of those of a type or in a zone. */
export type WeightOf = z.infer<typeof WeightOfSchema>;

const WeightsSchema = z
  .array(WeightOfSchema)
  .min(1)
  .max(WEIGHTS_MAX)
  .refine(
    (weights) => new Set(weights.map(({ weight: _, ...of }) => JSON.stringify(of))).size === weights.length,
    'each instance, instance type and zone once',
  )
  .meta({
    description:
      'Weights of single instances, of instance types and of zones, which count in this order; whom none of them is about gets weight, or stays as it is.',
  });

/** The guards that somebody may lift, by the names that a held backend gives. */
export const LIFTABLE_GUARDS = ['min-in-service', 'max-disruption', 'unsure'] as const;

/** What is asked for. `binding` and `pair` are names of the configuration. */
export const ChangeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drain'), ...OF_BACKENDS, for: ForSchema }).meta({
    title: 'drain',
    description: 'Takes the instances out of the group for a time; at its end they come back by themselves.',
  }),
  z.strictObject({ kind: z.literal('remove'), ...OF_BACKENDS }).meta({
    title: 'remove',
    description: 'Takes the instances out of the group until release-override.',
  }),
  z.strictObject({ kind: z.literal('join'), ...OF_BACKENDS, for: ForSchema }).meta({
    title: 'join',
    description: 'Brings the instances in although no selector matches them, for a time.',
  }),
  z
    .strictObject({
      kind: z.literal('set-weight'),
      ...OF_SOME_OR_ALL,
      weight: WeightNumber.optional(),
      weights: WeightsSchema.optional(),
      percent: z.int().min(0).max(100).optional(),
      for: ForSchema,
    })
    .refine(
      ({ weight, weights, percent }) =>
        (weight === undefined && weights === undefined) !== (percent === undefined),
      { error: 'either percent, or weight, weights or both' },
    )
    .meta({
      title: 'set-weight',
      description:
        'Gives the instances another weight for a time: weight for all, weights by what they are, or percent of what the binding says.',
      oneOf: [
        {
          anyOf: [
            { type: 'object', properties: { weight: true }, required: ['weight'] },
            { type: 'object', properties: { weights: true }, required: ['weights'] },
          ],
        },
        { type: 'object', properties: { percent: true }, required: ['percent'] },
      ],
    }),
  z.strictObject({ kind: z.literal('release-override'), ...OF_SOME_OR_ALL }).meta({
    title: 'release-override',
    description: 'Takes back what drain, remove, join and set-weight asked for.',
  }),
  z
    .strictObject({
      kind: z.literal('lift-guard'),
      binding: NameSchema,
      instances: InstancesSchema,
      guard: z.enum(LIFTABLE_GUARDS),
      for: duration(1_000, LIFT_MAX_MS),
    })
    .meta({
      title: 'lift-guard',
      description:
        'Lets the instances go although this guard forbids it, once, within the time. Always signed.',
    }),
  z
    .strictObject({
      kind: z.literal('promote'),
      pair: NameSchema,
      to: InstanceIdSchema.optional(),
      ignoreCoolDown: z.boolean().optional(),
    })
    .meta({
      title: 'promote',
      description: 'Makes the secondary of a primary/secondary pair, or the instance in to, its primary.',
    }),
  z
    .strictObject({ kind: z.literal('fail-back'), pair: NameSchema, ignoreCoolDown: z.boolean().optional() })
    .meta({ title: 'fail-back', description: 'Makes the home of a pair its primary again.' }),
  z
    .strictObject({ kind: z.literal('pause'), pair: NameSchema, for: ForSchema })
    .meta({ title: 'pause', description: 'Lets nothing begin to change a pair for a time.' }),
  z
    .strictObject({ kind: z.literal('resume'), pair: NameSchema })
    .meta({ title: 'resume', description: 'Ends a pause.' }),
  z
    .strictObject({
      kind: z.literal('approve'),
      binding: NameSchema,
      requestId: RequestIdSchema,
      planHash: PlanHashSchema,
    })
    .meta({
      title: 'approve',
      description: 'Lets another request go ahead whose plan has this hash. Always signed, by somebody else.',
    }),
]);

/** Ed25519 over the canonical JSON (RFC 8785) of the request without this member. */
export const SignatureSchema = z
  .strictObject({
    keyId: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'the id of a key'),
    // The last four bits of the text mean nothing and must be 0: the same signature in another spelling would be another
    // document, and whoever put it on the queue first would take the request's id.
    value: z
      .string()
      .regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/, '64 bytes in Base64')
      .meta({ description: 'The 64 bytes of the signature in Base64.', contentEncoding: 'base64' }),
  })
  .meta({
    description:
      'Ed25519 over the canonical JSON (RFC 8785) of the request without this member, in UTF-8, by a key of requestedBy.',
  });

/**
 * A change request, version 1.
 *
 * ```json
 * { "kind": "slb-autopilot/change-request", "version": 1, "requestId": "deploy-4711", "requestedBy": "ci",
 *   "reason": "kernel update", "notAfter": "2026-04-09T06:00:00Z",
 *   "change": { "kind": "drain", "binding": "web", "instances": ["i-bp1ecr0000000005go2go"], "for": "2h" },
 *   "signature": { "keyId": "ci-2026", "value": "…" } }
 * ```
 */
export const ChangeRequestSchema = z.strictObject({
  kind: z.literal(REQUEST_KIND),
  version: z.literal(1),
  requestId: RequestIdSchema.meta({
    description: 'Unlike any other request; a repeat under the same id is the same request.',
  }),
  requestedBy: NameSchema.meta({
    description:
      'The name of the requester in the configuration, or who says to be asking where nobody has to sign.',
  }),
  reason: ReasonSchema,
  notBefore: InstantSchema.meta({ description: 'Nothing is done before.' }).optional(),
  notAfter: InstantSchema.meta({ description: 'Nothing is begun after.' }).optional(),
  dryRun: z.boolean().meta({ description: 'Says what would be done, and does nothing.' }).optional(),
  planHash: PlanHashSchema.meta({
    description: 'Done only if its plan has this hash, as a dry run has told it.',
  }).optional(),
  change: ChangeSchema,
  signature: SignatureSchema.optional(),
});

/** A change request as it was read. */
export type ChangeRequest = z.infer<typeof ChangeRequestSchema>;
/** What it asks for. */
export type Change = z.infer<typeof ChangeSchema>;
/** The kinds of changes, by which rights are given. */
export type ChangeKind = Change['kind'];

/** All kinds, in the order of the schema. */
export const CHANGE_KINDS: ReadonlyArray<ChangeKind> = ChangeSchema.options.map(
  ({ shape }) => shape.kind.value,
);

/** The changes of vServer groups. */
export type BackendChange = Extract<Change, { binding: string; instances: unknown }>;
/** Those of pairs. */
export type PairChange = Extract<Change, { pair: string }>;
/** The approval of another request. */
export type Approval = Extract<Change, { kind: 'approve' }>;

/** The binding or pair that a change is about. */
export function targetOf(change: Change): string {
  return 'binding' in change ? change.binding : change.pair;
}
