import * as z from 'zod';
import { InstanceIdSchema } from './ecs-instance-state-change.ts';

/** What a debug send leaves of `delete`: its beginning and asterisks. */
const MASKED_DELETE = /^d(?:e(?:l(?:e(?:te?)?)?)?)?\*+$/;

/** Nobody has seen another action yet; one that does not take the instance away must not drain it. */
const ActionSchema = z
  .string()
  .min(1)
  .nullish()
  .transform((action) => action ?? 'delete')
  .transform((action) => (MASKED_DELETE.test(action) ? 'delete' : action));

/**
 * The notice that a spot instance is taken back: `data` of EventBridge's `ecs:Instance:PreemptibleInstanceInterruption`,
 * `content` of CloudMonitor's `Instance:PreemptibleInstanceInterruption`. It comes five minutes before the release, at
 * level INFO or WARN. `action` is `delete`, also where it is left out or, in a debug send, masked as `de***`.
 *
 * ```json
 * { "instanceId": "i-bp1ecr0000000005go2go", "action": "delete" }
 * ```
 *
 * @see https://www.alibabacloud.com/help/en/ecs/user-guide/instance-event-notification
 */
export const EcsSpotInterruptionSchema = z.object({ instanceId: InstanceIdSchema, action: ActionSchema });

export type EcsSpotInterruption = z.infer<typeof EcsSpotInterruptionSchema>;
