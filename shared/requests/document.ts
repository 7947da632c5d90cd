import * as z from 'zod';
import { parseDuration } from '../config/duration.ts';

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
    );
}

const InstantSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/, 'an instant such as 2026-04-09T04:18:26Z')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'an instant that there is');
const NameSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'a name of 1 to 40 characters out of a-z, 0-9 and -');
// As it was written, or its signature would not belong to it.
const ReasonSchema = z
  .string()
  .min(1)
  .max(500)
  .refine((reason) => reason.trim() !== '', 'more than spaces');
const InstanceIdSchema = z.string().regex(/^i-[A-Za-z0-9-]{1,60}$/, 'the id of an instance, i-…');
const InstancesSchema = z
  .array(InstanceIdSchema)
  .min(1)
  .max(INSTANCES_MAX)
  .refine((ids) => new Set(ids).size === ids.length, 'each instance once');
const ForSchema = duration(1_000, OVERRIDE_MAX_MS);

const PortsSchema = z
  .array(z.int().min(1).max(65_535))
  .min(1)
  .max(PORTS_MAX)
  .refine((ports) => new Set(ports).size === ports.length, 'each port once');
const RequestIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, '1 to 64 of letters, digits, ".", "_", ":" and "-"');
const PlanHashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of a plan in hex');

/** Without `ports` it is about all that the binding names. */
const OF_BACKENDS = { binding: NameSchema, instances: InstancesSchema, ports: PortsSchema.optional() };

/** The guards that somebody may lift, by the names that a held backend gives. */
export const LIFTABLE_GUARDS = ['min-in-service', 'max-disruption', 'unsure'] as const;

/**
 * What is asked for. `binding` and `pair` are names of the configuration.
 *
 * - `drain`: takes the instances out of the binding's group for a time; at its end they come back by themselves.
 * - `remove`: takes them out until `release-override`.
 * - `join`: brings them in although no selector matches them, for a time.
 * - `set-weight`: gives them another weight for a time, `weight` itself or `percent` of what the binding says.
 * - `release-override`: takes back what all of these asked for.
 * - `lift-guard`: lets the instances go although that guard forbids it, once, within the time.
 * - `promote`, `fail-back`, `pause`, `resume`: for a primary/secondary pair.
 * - `approve`: lets another request go ahead whose plan has this hash.
 */
export const ChangeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drain'), ...OF_BACKENDS, for: ForSchema }),
  z.strictObject({ kind: z.literal('remove'), ...OF_BACKENDS }),
  z.strictObject({ kind: z.literal('join'), ...OF_BACKENDS, for: ForSchema }),
  z
    .strictObject({
      kind: z.literal('set-weight'),
      ...OF_BACKENDS,
      weight: z.int().min(0).max(100).optional(),
      percent: z.int().min(0).max(100).optional(),
      for: ForSchema,
    })
    .refine(({ weight, percent }) => (weight === undefined) !== (percent === undefined), {
      error: 'either weight or percent',
    }),
  z.strictObject({ kind: z.literal('release-override'), ...OF_BACKENDS }),
  z.strictObject({
    kind: z.literal('lift-guard'),
    binding: NameSchema,
    instances: InstancesSchema,
    guard: z.enum(LIFTABLE_GUARDS),
    for: duration(1_000, LIFT_MAX_MS),
  }),
  z.strictObject({
    kind: z.literal('promote'),
    pair: NameSchema,
    to: InstanceIdSchema.optional(),
    ignoreCoolDown: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('fail-back'), pair: NameSchema, ignoreCoolDown: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('pause'), pair: NameSchema, for: ForSchema }),
  z.strictObject({ kind: z.literal('resume'), pair: NameSchema }),
  z.strictObject({
    kind: z.literal('approve'),
    binding: NameSchema,
    requestId: RequestIdSchema,
    planHash: PlanHashSchema,
  }),
]);

/** Ed25519 over the canonical JSON (RFC 8785) of the request without this member. */
export const SignatureSchema = z.strictObject({
  keyId: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'the id of a key'),
  /**
   * 64 bytes. The last four bits of the text mean nothing and must be 0: the same signature in another spelling would be
   * another document, and whoever put it on the queue first would take the request's id.
   */
  value: z.string().regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/, '64 bytes in Base64'),
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
  /** Unlike any other request's; a repeat under the same id is the same request. */
  requestId: RequestIdSchema,
  /** The requester's name in the configuration, or who says to be asking where nobody has to sign. */
  requestedBy: NameSchema,
  reason: ReasonSchema,
  /** Nothing is done before. */
  notBefore: InstantSchema.optional(),
  /** Nothing is begun after. */
  notAfter: InstantSchema.optional(),
  /** Says what would be done, and does nothing. */
  dryRun: z.boolean().optional(),
  /** Done only if its plan has this hash, as a dry run has told it. */
  planHash: PlanHashSchema.optional(),
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
export type BackendChange = Extract<Change, { binding: string; instances: Array<string> }>;
/** Those of pairs. */
export type PairChange = Extract<Change, { pair: string }>;
/** The approval of another request. */
export type Approval = Extract<Change, { kind: 'approve' }>;

/** The binding or pair that a change is about. */
export function targetOf(change: Change): string {
  return 'binding' in change ? change.binding : change.pair;
}
