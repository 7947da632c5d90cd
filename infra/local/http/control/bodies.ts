import { z } from 'zod';
import type { Application } from '../../world/ecs/serving-spans.ts';
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

const port = z.int().min(1).max(65_535).optional();
const after = z.number().min(0).default(0);
const span = z.number().positive();

/**
 * How an instance's application behaves from now on; with `port`, on that port alone. `never` = it answers neither clients
 * nor health checks, which is all that refusing, hanging and failing come to here. `afterSeconds` counts from when the
 * instance became Running.
 *
 * ```json
 * { "kind": "flaps", "upSeconds": 30, "downSeconds": 30, "port": 8080 }
 * ```
 */
export const ApplicationSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('serves'), afterSeconds: after, port }),
    z.strictObject({ kind: z.literal('never'), port }),
    z.strictObject({
      kind: z.literal('flaps'),
      afterSeconds: after,
      upSeconds: span,
      downSeconds: span,
      port,
    }),
  ])
  .transform((body): { readonly application: Application; readonly port: number | undefined } => ({
    port: body.port,
    application: applicationOf(body),
  }));

function applicationOf(
  body:
    | { readonly kind: 'serves'; readonly afterSeconds: number }
    | { readonly kind: 'never' }
    | {
        readonly kind: 'flaps';
        readonly afterSeconds: number;
        readonly upSeconds: number;
        readonly downSeconds: number;
      },
): Application {
  if (body.kind === 'never') return { kind: 'never' };
  const afterMs = body.afterSeconds * 1_000;
  if (body.kind === 'serves') return { kind: 'serves', afterMs };
  return { kind: 'flaps', afterMs, upMs: body.upSeconds * 1_000, downMs: body.downSeconds * 1_000 };
}
