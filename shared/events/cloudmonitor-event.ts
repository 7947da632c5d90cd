import * as z from 'zod';
import { isObject, own } from './json.ts';

const AttributeSchema = z.string().min(1).max(1024).optional().catch(undefined);

/**
 * A system event of CloudMonitor, read tolerantly: sends differ in what they add (`ver`, `instanceName`, `ruleName`,
 * `eventType`, …) and in `level`. `name` may carry a status (`Instance:SystemMaintenance.Reboot:Scheduled`) that is
 * out of date: `content.eventStatus` decides.
 *
 * ```json
 * { "ver": "1.0", "id": "2256A988-0B26-4E2B-820A-8A0000000001", "product": "ECS", "level": "INFO",
 *   "resourceId": "acs:ecs:cn-hangzhou:1234567890123456:instance/i-bp1ecr0000000005go2go",
 *   "name": "Instance:StateChange", "userId": "1234567890123456", "regionId": "cn-hangzhou",
 *   "eventTime": "20260409T121826.922+0800",
 *   "content": { "resourceId": "i-bp1ecr0000000005go2go", "state": "Running" } }
 * ```
 *
 * @see https://www.alibabacloud.com/help/en/ecs/user-guide/instance-event-notification
 */
export const CloudMonitorEventSchema = z.object({
  id: AttributeSchema,
  product: z.string().min(1).max(256),
  name: z.string().min(1).max(256),
  eventTime: z.unknown().optional(),
  regionId: z.unknown().optional(),
  content: z.unknown().optional(),
});

export type CloudMonitorEvent = z.infer<typeof CloudMonitorEventSchema>;

/** Whether the content wants to be a system event of CloudMonitor: `product`, `name` and `content`. */
export function isCloudMonitorEvent(content: unknown): boolean {
  return (
    isObject(content) &&
    typeof own(content, 'product') === 'string' &&
    typeof own(content, 'name') === 'string' &&
    Object.hasOwn(content, 'content')
  );
}
