import * as z from 'zod';
import { isObject, own } from './json.ts';

/** Marks our own messages; other kinds may follow under `slb-autopilot/`. */
export const WAKE_UP_KIND = 'slb-autopilot/wake-up';

/**
 * Our own delayed message: look at this lane, that of a load balancer, a scaling group, a pair or requests. It carries no order and no
 * state, so that a late, lost or doubled one does no harm. `dueAtMs` is table time.
 *
 * ```json
 * { "kind": "slb-autopilot/wake-up", "version": 2, "lane": "lb-bp1example000001", "dueAtMs": 1775711906922 }
 * ```
 */
export const WakeUpSchema = z.preprocess(
  withPresentNames,
  z.object({
    kind: z.literal(WAKE_UP_KIND),
    version: z.literal(2),
    lane: z
      .string()
      .regex(
        /^(?:lb|asg|pair|req)-[A-Za-z0-9-]{1,60}$/,
        'no lane of a load balancer, a scaling group, a pair or requests',
      ),
    dueAtMs: z.int().nonnegative(),
  }),
);

export type WakeUp = z.infer<typeof WakeUpSchema>;

/** Version 1, of releases before 0.3.0, knew only the lanes of load balancers. Messages outlive an update. */
function withPresentNames(content: unknown): unknown {
  if (!isObject(content) || own(content, 'version') !== 1) return content;
  return { ...content, version: 2, lane: own(content, 'loadBalancerId') };
}

/** The text of a wake-up message, as it is put on the queue. */
export function writeWakeUp(lane: string, dueAtMs: number): string {
  return JSON.stringify({ kind: WAKE_UP_KIND, version: 2, lane, dueAtMs } satisfies WakeUp);
}
