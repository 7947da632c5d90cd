import { ProbeSchema, SelectorSchema } from './binding-schema.ts';
import { durationSchema } from './duration.ts';
import { PairGroupSchema } from './pair-group-schema.ts';
import { HOUR_MS, integer, list, oneOf, section, text } from './schema-parts.ts';

/** What leads to a look at a pair; the tick looks at all of them anyway. */
export const PAIR_TRIGGERS = ['stop', 'maintenance', 'spot-reclaim', 'unhealthy'] as const;

const LISTENER = 'a TCP or UDP listener, such as tcp:3306';

/** As of a binding, but for the longest timeout: a pass asks the primary, the secondary and the pool one after the other. */
const PairProbeSchema = section({ ...ProbeSchema.shape, timeout: durationSchema(100, 5_000).optional() });

/** One entry of `pairs`. */
export const PairSchema = section({
  name: text(/^[a-z0-9-]{1,40}$/, 'a name of 1 to 40 characters out of a-z, 0-9 and -'),
  loadBalancer: text(/^lb-[A-Za-z0-9-]{1,60}$/, 'the id of a load balancer, lb-…'),
  listeners: list(
    text(/^(?:tcp|udp):[1-9][0-9]{0,4}$/, LISTENER).refine(hasPort, { error: LISTENER }),
    50,
    'listeners',
  ),
  group: PairGroupSchema.optional(),
  manage: oneOf(['members', 'group']).optional(),
  standby: section({
    ...SelectorSchema.shape,
    port: integer(1, 65_535).optional(),
  }).optional(),
  promoteOn: list(oneOf(PAIR_TRIGGERS), PAIR_TRIGGERS.length, 'reasons').optional(),
  probe: PairProbeSchema.optional(),
  candidate: oneOf(['probe', 'running-for']).optional(),
  runningFor: durationSchema(10_000, 24 * HOUR_MS).optional(),
  badFor: durationSchema(1_000, HOUR_MS).optional(),
  coolDown: durationSchema(60_000, 24 * HOUR_MS).optional(),
  failBack: section({ after: durationSchema(60_000, 7 * 24 * HOUR_MS) }).optional(),
  degraded: oneOf(['swap', 'wait']).optional(),
});

function hasPort(listener: string): boolean {
  return Number(listener.slice(listener.indexOf(':') + 1)) <= 65_535;
}
