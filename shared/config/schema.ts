import * as z from 'zod';
import { BindingSchema, DefaultsSchema } from './binding-schema.ts';
import { durationSchema } from './duration.ts';
import { PairSchema } from './pair-schema.ts';
import { RequestsSchema } from './requests.ts';
import { ScalingSchema } from './scaling.ts';
import { HOUR_MS, integer, list, oneOf, section, text } from './schema-parts.ts';

/** How long leases, calls and waits take; bounds keep them below FC's limits and above a round trip. */
export const TimingSchema = section({
  lease: durationSchema(10_000, 10 * 60_000).optional(),
  callTimeout: durationSchema(1_000, 60_000).optional(),
  passBudget: durationSchema(1_000, 60_000).optional(),
  gather: durationSchema(0, 60_000).optional(),
  settle: durationSchema(0, 60_000).optional(),
  compare: durationSchema(60_000, 24 * HOUR_MS).optional(),
  contest: durationSchema(60_000, 24 * HOUR_MS).optional(),
});

/** What the account allows: nothing that the API tells. */
const LimitsSchema = section({
  callsPerMinute: integer(1, 10_000).optional(),
  reserveForPeople: integer(0, 9_999).optional(),
  backendsPerLoadBalancer: integer(1, 100_000).optional(),
});

/** What is done about planned system events. */
const MaintenanceSchema = section({
  drainAhead: durationSchema(0, 24 * HOUR_MS).optional(),
});

/** How everything is compared by schedule. */
const SweepSchema = section({
  inPlace: integer(0, 1_000).optional(),
});

/** What no document settles, and how we take it. */
const AssumeSchema = section({
  healthAtWeightZero: oneOf(['unknown', 'as-checked']).optional(),
  heartbeatCountsFrom: oneOf(['unknown', 'now', 'old-deadline']).optional(),
  hookEvents: oneOf(['ignore', 'read']).optional(),
  loadBalancerWithoutSpec: oneOf(['shared', 'guaranteed']).optional(),
});

/**
 * The file as it is written, each value by itself; what several values must agree on is in `cross-checks.ts`. Parsed
 * durations are milliseconds, whatever is left out stays absent.
 */
export const ConfigFileSchema = section({
  version: z.literal(1, { error: '1' }),
  region: text(/^[a-z]{2}-[a-z0-9-]{2,40}$/, 'the id of a region, such as cn-hangzhou'),
  defaults: DefaultsSchema.optional(),
  bindings: list(BindingSchema, 1_000, 'bindings').optional(),
  pairs: list(PairSchema, 1_000, 'pairs').optional(),
  timing: TimingSchema.optional(),
  limits: LimitsSchema.optional(),
  scaling: ScalingSchema.optional(),
  maintenance: MaintenanceSchema.optional(),
  sweep: SweepSchema.optional(),
  requests: RequestsSchema.optional(),
  assume: AssumeSchema.optional(),
});

export type ConfigFile = z.infer<typeof ConfigFileSchema>;
