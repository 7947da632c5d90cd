import * as z from 'zod';
import { InstanceIdSchema } from './ecs-instance-state-change.ts';
import { isObject, type JsonObject, own } from './json.ts';

/** Instances that one message names at most; one with more is asked about like one that names none. */
const INSTANCES_MAX = 1_000;

const IdSchema = z.string().regex(/^[\w.:-]{1,128}$/, 'not an id');
const OptionalIdSchema = IdSchema.nullish().catch(null);

/** A list that is not wholly of instance ids says nothing: what is missing in it would be forgotten. */
const InstanceIdsSchema = z.array(InstanceIdSchema).max(INSTANCES_MAX).nullish().catch(null);

/**
 * What a lifecycle hook says when a scaling activity has reached it: `content` of the message that Auto Scaling puts
 * on MNS, and of EventBridge's `ess:LifecycleHook:ScaleIn` and `ScaleOut` the `data`, or `content` in there. Nobody has
 * published the whole of it, so only the ids of hook and group are insisted on, and a token or an activity to find it by.
 *
 * ```json
 * { "lifecycleHookId": "ash-bp1hook00000001", "lifecycleActionToken": "7F3A91C2-0000-4000-8000-0A1B2C3D4E01",
 *   "scalingGroupId": "asg-bp1group0000001", "scalingActivityId": "asa-bp1activity0001",
 *   "lifecycleTransition": "SCALE_IN", "defaultResult": "CONTINUE", "instanceIds": ["i-bp1ecr0000000005go2go"] }
 * ```
 *
 * @see https://www.alibabacloud.com/help/en/auto-scaling/user-guide/lifecycle-hooks
 */
export const EssLifecycleHookSchema = z
  .object({
    lifecycleHookId: IdSchema,
    scalingGroupId: z.string().regex(/^asg-[A-Za-z0-9-]{1,60}$/, 'not the id of a scaling group'),
    lifecycleActionToken: OptionalIdSchema,
    scalingActivityId: OptionalIdSchema,
    lifecycleTransition: z.enum(['SCALE_OUT', 'SCALE_IN']).nullish().catch(null),
    instanceIds: InstanceIdsSchema,
  })
  .transform((hook, context) => {
    const token = hook.lifecycleActionToken ?? null;
    const activity = hook.scalingActivityId ?? null;
    const found = token ?? activity;
    if (found === null) {
      context.addIssue({
        code: 'custom',
        path: ['lifecycleActionToken'],
        message: 'neither a token here nor an id in scalingActivityId',
      });
      return z.NEVER;
    }
    return {
      lifecycleHookId: hook.lifecycleHookId,
      scalingGroupId: hook.scalingGroupId,
      lifecycleActionToken: token,
      scalingActivityId: activity,
      /** The token, or else the activity: with the hook it names one action. */
      actionId: found,
      transition: hook.lifecycleTransition ?? null,
      instanceIds: [...new Set(hook.instanceIds ?? [])],
    };
  });

export type EssLifecycleHook = z.infer<typeof EssLifecycleHookSchema>;

/** What a hook says, out of its message on MNS; `null` when the content is no such message. */
export function hookOfMessage(content: JsonObject): JsonObject | null {
  const inner = own(content, 'content');
  return isObject(inner) && typeof own(inner, 'lifecycleHookId') === 'string' ? inner : null;
}

/** What a hook says, out of an event's `data`: one level down, where it is like on MNS. */
export function hookOfData(data: unknown): unknown {
  return (isObject(data) ? hookOfMessage(data) : null) ?? data;
}
