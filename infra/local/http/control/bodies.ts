import { z } from 'zod';
import { SYSTEM_EVENTS, type SystemEventType } from '../../world/ecs/system-event.ts';

const TYPES = Object.keys(SYSTEM_EVENTS) as Array<SystemEventType>;

const id = z.string().min(1).max(100);

/** The body of calls that need none. */
export const NothingSchema = z.strictObject({});

/**
 * A system event to be scheduled. Without `notBefore` it begins at once; `inquiring` and `failing` as in
 * `SystemEventInput`.
 *
 * ```json
 * { "instanceId": "i-bp1…", "eventType": "SystemMaintenance.Reboot", "notBefore": "2026-11-20T08:10:00Z" }
 * ```
 */
export const SystemEventSchema = z
  .strictObject({
    instanceId: id,
    eventType: z.enum(TYPES),
    notBefore: z.iso.datetime({ offset: true }).optional(),
    inquiring: z.boolean().default(false),
    failing: z.boolean().default(false),
  })
  .transform(({ notBefore, ...rest }) => ({
    ...rest,
    notBeforeMs: notBefore === undefined ? undefined : Date.parse(notBefore),
  }));

/** An event to be called off; with `instanceId`, only if it is that one's. */
export const EndSystemEventSchema = z.strictObject({ instanceId: id.optional() });
