import * as z from 'zod';
import { durationSchema } from './duration.ts';

/** Every message of these schemas completes the sentence "allowed is …". */
function text(pattern: RegExp, allowed: string) {
  return z.string({ error: allowed }).regex(pattern, { error: allowed });
}

function integer(min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.int({ error: allowed }).min(min, { error: allowed }).max(max, { error: allowed });
}

function list<Item extends z.ZodType>(item: Item, max: number, what: string) {
  const allowed = `a list of 1 to ${max} ${what}`;
  return z.array(item, { error: allowed }).min(1, { error: allowed }).max(max, { error: allowed });
}

/** A map with these keys and no others: a key that is not ours is a typing mistake, not a wish to be ignored. */
function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `one of the keys ${keys}` : `a map with ${keys}`),
  });
}

const YES_OR_NO = z.boolean({ error: 'true or false' });
const HOUR_MS = 3_600_000;
const TAG =
  'a map of 1 to 20 tags, keys and values texts of 1 to 128 characters (in quotes where YAML sees a number)';

const TagSchema = z.string({ error: TAG }).min(1, { error: TAG }).max(128, { error: TAG });

const ReadinessSchema = z.literal('running', { error: 'running' });
const DrainSchema = section({ time: durationSchema(0, 24 * HOUR_MS).optional() });
const GuardsSchema = section({ minInService: integer(1, 10_000).optional() });

const SelectorSchema = section({
  tags: z.record(TagSchema, TagSchema, { error: TAG }).optional(),
  scalingGroup: text(/^asg-[A-Za-z0-9-]{1,60}$/, 'the id of a scaling group, asg-…').optional(),
});

const BindingSchema = section({
  name: text(/^[a-z0-9-]{1,40}$/, 'a name of 1 to 40 characters out of a-z, 0-9 and -'),
  loadBalancer: text(/^lb-[A-Za-z0-9-]{1,60}$/, 'the id of a load balancer, lb-…'),
  vServerGroup: text(/^rsp-[A-Za-z0-9-]{1,60}$/, 'the id of a vServer group, rsp-…'),
  selector: SelectorSchema,
  ports: list(section({ port: integer(1, 65_535), weight: integer(0, 100).optional() }), 40, 'ports'),
  readiness: ReadinessSchema.optional(),
  drain: DrainSchema.optional(),
  adopt: YES_OR_NO.optional(),
  guards: GuardsSchema.optional(),
});

/** How long leases, calls and waits take; bounds keep them below FC's limits and above a round trip. */
export const TimingSchema = section({
  lease: durationSchema(10_000, 10 * 60_000).optional(),
  callTimeout: durationSchema(1_000, 60_000).optional(),
  passBudget: durationSchema(1_000, 60_000).optional(),
  gather: durationSchema(0, 60_000).optional(),
  settle: durationSchema(0, 60_000).optional(),
});

/**
 * The file as it is written, each value by itself; what several values must agree on is in `cross-checks.ts`. Parsed
 * durations are milliseconds, whatever is left out stays absent.
 */
export const ConfigFileSchema = section({
  version: z.literal(1, { error: '1' }),
  region: text(/^[a-z]{2}-[a-z0-9-]{2,40}$/, 'the id of a region, such as cn-hangzhou'),
  defaults: section({
    readiness: ReadinessSchema.optional(),
    drain: DrainSchema.optional(),
    adopt: YES_OR_NO.optional(),
    guards: GuardsSchema.optional(),
  }).optional(),
  bindings: list(BindingSchema, 1_000, 'bindings'),
  timing: TimingSchema.optional(),
});

export type ConfigFile = z.infer<typeof ConfigFileSchema>;
export type BindingEntry = z.infer<typeof BindingSchema>;
export type SelectorEntry = z.infer<typeof SelectorSchema>;
