import * as z from 'zod';

/** Marks our own messages; other kinds may follow under `slb-autopilot/`. */
export const WAKE_UP_KIND = 'slb-autopilot/wake-up';

/**
 * Our own delayed message: look at this load balancer's lane. It carries no order and no state, so that a late, lost
 * or doubled one does no harm. `dueAtMs` is table time.
 *
 * ```json
 * { "kind": "slb-autopilot/wake-up", "version": 1, "loadBalancerId": "lb-bp1example000001", "dueAtMs": 1775711906922 }
 * ```
 */
export const WakeUpSchema = z.object({
  kind: z.literal(WAKE_UP_KIND),
  version: z.literal(1),
  loadBalancerId: z.string().regex(/^lb-[A-Za-z0-9-]{1,60}$/, 'not a load balancer id'),
  dueAtMs: z.int().nonnegative(),
});

export type WakeUp = z.infer<typeof WakeUpSchema>;

/** The text of a wake-up message, as it is put on the queue. */
export function writeWakeUp(loadBalancerId: string, dueAtMs: number): string {
  return JSON.stringify({ kind: WAKE_UP_KIND, version: 1, loadBalancerId, dueAtMs } satisfies WakeUp);
}
