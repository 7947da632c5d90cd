import * as z from 'zod';
import { InstanceIdSchema } from './ecs-instance-state-change.ts';
import type { SystemEventPhase } from './model.ts';
import { parseEventTime } from './times.ts';

const PHASES: Readonly<Record<string, SystemEventPhase>> = {
  Scheduled: 'planned',
  // It waits for an answer of the owner's, and is carried out without one in the end.
  Inquiring: 'planned',
  Executing: 'executing',
  Executed: 'over',
  Avoided: 'over',
  Canceled: 'over',
  Failed: 'over',
};

/** How far a system event with this status has come; `null` for a status that no page names. */
export function phaseOfStatus(status: string): SystemEventPhase | null {
  return Object.hasOwn(PHASES, status) ? (PHASES[status] ?? null) : null;
}

const INTERRUPTING = /^(?:SystemMaintenance|SystemFailure|InstanceFailure)\.[A-Za-z]{1,60}$/;

/**
 * Whether system events of this type interrupt their instance, or may: `SystemMaintenance.*`, `SystemFailure.*` and
 * `InstanceFailure.*`. Others are about money (`InstanceExpiration.Stop`) or leave the instance running.
 */
export function interrupts(eventType: string): boolean {
  return INTERRUPTING.test(eventType);
}

const StatusSchema = z.string().transform((status, context) => {
  const phase = phaseOfStatus(status);
  if (phase !== null) return { status, phase };
  context.addIssue({ code: 'custom', message: 'not a status of a system event' });
  return z.NEVER;
});

/**
 * What is said of a system event: `data` of EventBridge's `ecs:Instance:SystemMaintenance.Reboot` and its like,
 * `content` of CloudMonitor's. The status is `eventStatus`: the bus has none in its type, and that of CloudMonitor's
 * name may be out of date. `notBefore` is there for what is planned only. An id that is none counts as absent.
 *
 * ```json
 * { "eventId": "e-bp1hygp5b04o56l00001", "instanceId": "i-bp1ecr0000000005go2go",
 *   "eventType": "SystemMaintenance.Reboot", "eventStatus": "Scheduled",
 *   "publishTime": "2026-04-07T02:30:00Z", "notBefore": "2026-04-09T18:00:00Z" }
 * ```
 *
 * @see https://www.alibabacloud.com/help/en/ecs/user-guide/overview-35
 */
export const EcsSystemEventSchema = z
  .object({
    eventId: z
      .string()
      .regex(/^[\w.-]{1,128}$/)
      .nullish()
      .catch(null),
    instanceId: InstanceIdSchema,
    eventType: z.string().regex(INTERRUPTING).nullish().catch(null),
    eventStatus: StatusSchema,
    notBefore: z.unknown().optional(),
  })
  .transform(({ eventId, instanceId, eventType, eventStatus, notBefore }) => ({
    eventId: eventId ?? null,
    instanceId,
    /** `null` = it has to be taken from the name. */
    eventType: eventType ?? null,
    ...eventStatus,
    notBeforeMs: parseEventTime(notBefore),
  }));

export type EcsSystemEvent = z.infer<typeof EcsSystemEventSchema>;
