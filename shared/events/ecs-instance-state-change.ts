import * as z from 'zod';
import type { InstanceState } from './model.ts';

/** An ECS instance id, such as `i-bp1ecr0000000005go2go`. Debug sends carry placeholders, which are none. */
export const InstanceIdSchema = z.string().regex(/^i-[A-Za-z0-9-]{1,60}$/, 'not an instance id');

const STATES: Readonly<Record<string, InstanceState>> = {
  Created: 'Created',
  Pending: 'Pending',
  // So spelt in the sample code of a CloudMonitor tutorial.
  Panding: 'Pending',
  Starting: 'Starting',
  Running: 'Running',
  Stopping: 'Stopping',
  Stopped: 'Stopped',
  Deleted: 'Deleted',
};

const StateSchema = z.string().transform((text, context) => {
  const state = Object.hasOwn(STATES, text) ? STATES[text] : undefined;
  if (state !== undefined) return state;
  context.addIssue({ code: 'custom', message: 'not a state of an instance' });
  return z.NEVER;
});

/**
 * What an instance's state change says: `data` of EventBridge's `ecs:Instance:StateChange`, `content` of
 * CloudMonitor's `Instance:StateChange`. The id is documented in `resourceId`; every other ECS event has it in
 * `instanceId`, so that is read as well.
 *
 * ```json
 * { "resourceId": "i-bp1ecr0000000005go2go", "resourceType": "ALIYUN::ECS::Instance", "state": "Running" }
 * ```
 *
 * @see https://www.alibabacloud.com/help/en/ecs/user-guide/instance-event-notification
 */
export const EcsInstanceStateChangeSchema = z
  .object({ resourceId: z.unknown().optional(), instanceId: z.unknown().optional(), state: StateSchema })
  .transform(({ resourceId, instanceId, state }, context) => {
    for (const candidate of [resourceId, instanceId]) {
      const id = InstanceIdSchema.safeParse(candidate);
      if (id.success) return { instanceId: id.data, state };
    }
    context.addIssue({
      code: 'custom',
      path: ['resourceId'],
      message: 'no instance id here or in instanceId',
    });
    return z.NEVER;
  });

export type EcsInstanceStateChange = z.infer<typeof EcsInstanceStateChangeSchema>;
