import * as z from 'zod';
import { isObject, own } from './json.ts';

const AttributeSchema = z.string().min(1).max(1024).optional().catch(undefined);

/**
 * The CloudEvents envelope as EventBridge fills it, read tolerantly: only `type` is insisted on, an attribute of an
 * unexpected kind counts as absent. `id` is unique within `source`. Times come in several spellings.
 *
 * ```json
 * { "id": "45ef4dew-0001-7c35-447a-bd93fab00001", "source": "acs.ecs", "specversion": "1.0",
 *   "type": "ecs:Instance:StateChange", "time": "2026-04-09T12:18:26+08:00", "aliyunregionid": "cn-hangzhou",
 *   "aliyunaccountid": "1234567890123456", "aliyunpublishtime": "2026-04-09T12:18:27.179PRC",
 *   "data": { "resourceId": "i-bp1ecr0000000005go2go", "state": "Running" } }
 * ```
 *
 * @see https://www.alibabacloud.com/help/en/eventbridge/user-guide/event-overview
 */
export const CloudEventSchema = z.object({
  id: AttributeSchema,
  source: AttributeSchema,
  type: z.string().min(1).max(256),
  time: z.unknown().optional(),
  aliyunpublishtime: z.unknown().optional(),
  aliyunregionid: z.unknown().optional(),
  data: z.unknown().optional(),
});

export type CloudEvent = z.infer<typeof CloudEventSchema>;

/** Whether the content wants to be a CloudEvent: `type`, and `specversion` or `source`. */
export function isCloudEvent(content: unknown): boolean {
  return (
    isObject(content) &&
    typeof own(content, 'type') === 'string' &&
    (Object.hasOwn(content, 'specversion') || typeof own(content, 'source') === 'string')
  );
}
