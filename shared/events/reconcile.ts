import * as z from 'zod';
import { parseEventTime } from './times.ts';

/** Marks what a sweep hands to the function that reconciles one load balancer. */
export const RECONCILE_KIND = 'slb-autopilot/reconcile';

/**
 * Our own order: compare this load balancer in full and work it. It says nothing of what should be, so that a late or
 * doubled one does no harm.
 *
 * ```json
 * { "kind": "slb-autopilot/reconcile", "version": 1, "loadBalancer": "lb-bp1example000001", "triggerTime": "2026-04-09T05:05:30Z" }
 * ```
 */
export const ReconcileSchema = z.object({
  kind: z.literal(RECONCILE_KIND),
  version: z.literal(1),
  loadBalancer: z.string().regex(/^lb-[A-Za-z0-9-]{1,60}$/, 'no load balancer'),
  /** When by its schedule the sweep began. */
  triggerTime: z.string().refine((text) => parseEventTime(text) !== null, 'no instant'),
});

export type ReconcileOrder = z.infer<typeof ReconcileSchema>;

/** The text of the order. */
export function writeReconcile(loadBalancer: string, triggeredAtMs: number): string {
  const triggerTime = new Date(triggeredAtMs).toISOString();
  return JSON.stringify({
    kind: RECONCILE_KIND,
    version: 1,
    loadBalancer,
    triggerTime,
  } satisfies ReconcileOrder);
}
