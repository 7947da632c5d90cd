import * as z from 'zod';
import { DriftSchema } from './drift.ts';
import { durationSchema } from './duration.ts';
import { GroupSchema } from './group-schema.ts';
import { HOUR_MS, integer, list, oneOf, SCALING_GROUP_ID, section, text, YES_OR_NO } from './schema-parts.ts';
import { WeightSchema } from './weights.ts';

const TAG =
  'a map of 1 to 20 tags, keys and values texts of 1 to 128 characters (in quotes where YAML sees a number)';

const TagSchema = z.string({ error: TAG }).min(1, { error: TAG }).max(128, { error: TAG });

/** Which instances: by tags, or those of a scaling group. */
export const SelectorSchema = section({
  tags: z.record(TagSchema, TagSchema, { error: TAG }).optional(),
  scalingGroup: text(SCALING_GROUP_ID, 'the id of a scaling group, asg-…').optional(),
});

/** How an instance is asked by ourselves. */
export const ProbeSchema = section({
  path: text(/^\/[!-~]{0,500}$/, 'a path that begins with / and holds no spaces').optional(),
  statusMin: integer(100, 599).optional(),
  statusMax: integer(100, 599).optional(),
  timeout: durationSchema(100, 10_000).optional(),
  every: durationSchema(1_000, 5 * 60_000).optional(),
});

const JoinSchema = section({
  weight: z.union([z.literal(0), z.literal(1)], { error: '0 or 1' }).optional(),
  readyWithin: durationSchema(10_000, 24 * HOUR_MS).optional(),
  whenNotReady: oneOf(['stay', 'remove']).optional(),
  ramp: section({
    steps: list(integer(1, 99), 10, 'percentages'),
    every: durationSchema(1_000, HOUR_MS).optional(),
  }).optional(),
});

const DrainSchema = section({
  time: durationSchema(0, 24 * HOUR_MS).optional(),
  udpTime: durationSchema(0, HOUR_MS).optional(),
  whenNotGuaranteed: oneOf(['wait', 'refuse']).optional(),
  connections: section({
    floor: integer(0, 1_000_000).optional(),
    samples: integer(1, 100).optional(),
    // The metric has one sample a minute.
    every: durationSchema(60_000, 10 * 60_000).optional(),
  }).optional(),
  healthyFor: durationSchema(10_000, 24 * HOUR_MS).optional(),
});

const GuardsSchema = section({
  minInService: integer(1, 10_000).optional(),
  maxDisruption: integer(1, 100).optional(),
  maxUnselected: integer(1, 100).optional(),
});

/** What a binding may say for itself and the file's defaults for all. */
const POLICY = {
  readiness: oneOf(['running', 'load-balancer', 'probe', 'both']).optional(),
  probe: ProbeSchema.optional(),
  join: JoinSchema.optional(),
  drain: DrainSchema.optional(),
  adopt: YES_OR_NO.optional(),
  guards: GuardsSchema.optional(),
  approval: oneOf(['none', 'required']).optional(),
  drift: DriftSchema.optional(),
};

/** The file's defaults for its bindings. */
export const DefaultsSchema = section(POLICY);

const NAME = /^[a-z0-9-]{1,40}$/;
const NAMES = 'a name of 1 to 40 characters out of a-z, 0-9 and -';

/** One entry of `bindings`. */
export const BindingSchema = section({
  name: text(NAME, NAMES),
  loadBalancer: text(/^lb-[A-Za-z0-9-]{1,60}$/, 'the id of a load balancer, lb-…'),
  vServerGroup: text(/^rsp-[A-Za-z0-9-]{1,60}$/, 'the id of a vServer group, rsp-…').optional(),
  group: GroupSchema.optional(),
  groupOf: text(NAME, NAMES).optional(),
  manage: oneOf(['members', 'group']).optional(),
  type: oneOf(['ecs', 'eni', 'eci']).optional(),
  addresses: oneOf(['primary', 'all']).optional(),
  selector: SelectorSchema,
  ports: list(section({ port: integer(1, 65_535), weight: WeightSchema.optional() }), 40, 'ports'),
  ...POLICY,
});

export type BindingEntry = z.infer<typeof BindingSchema>;
export type BindingDefaults = z.infer<typeof DefaultsSchema>;
export type SelectorEntry = z.infer<typeof SelectorSchema>;
