import * as z from 'zod';
import { RejectedError, TransientError } from '../../shared/errors.ts';
import type { LocalConnection } from './local-connection.ts';

/** What the world is to do to an instance. Without `notBefore` it begins at once. */
export interface SystemEventOrder {
  readonly instanceId: string;
  readonly eventType: string;
  readonly notBefore?: string;
  readonly inquiring?: boolean;
  readonly failing?: boolean;
}

/** How an application behaves from now on; without a port, on all of them. Times in seconds, `afterSeconds` since Running. */
export type ApplicationOrder = { readonly port?: number } & (
  | { readonly kind: 'never' }
  | { readonly kind: 'serves'; readonly afterSeconds?: number }
  | {
      readonly kind: 'flaps';
      readonly upSeconds: number;
      readonly downSeconds: number;
      readonly afterSeconds?: number;
    }
);

/** How a system event can be called off. */
export type SystemEventEnd = 'cancel' | 'avoid';

/**
 * Makes running local clouds do what clouds do by themselves, not by order of a caller. Methods throw RejectedError for what
 * is refused, TransientError when there is no answer.
 */
export interface ControlClient {
  /** Answers when the instance will be released, ISO 8601. */
  interrupt(instanceId: string): Promise<{ readonly releaseAt: string }>;
  /** Answers what was set. */
  setApplication(
    instanceId: string,
    application: ApplicationOrder,
  ): Promise<{ readonly kind: ApplicationOrder['kind'] }>;
  scheduleSystemEvent(order: SystemEventOrder): Promise<{ readonly eventId: string }>;
  /** Refused when the event is not the instance's. Answers the status that the event ends with. */
  endSystemEvent(
    end: SystemEventEnd,
    eventId: string,
    instanceId: string,
  ): Promise<{ readonly status: string }>;
}

const CALL_TIMEOUT_MS = 10_000;

const InterruptedSchema = z.object({ releaseAt: z.string() });
const ApplicationSetSchema = z.object({ kind: z.enum(['never', 'serves', 'flaps']) });
const ScheduledSchema = z.object({ eventId: z.string() });
const EndedSchema = z.object({ status: z.string() });
const RefusedSchema = z.object({ code: z.string(), message: z.string() });

/** Opens the client. */
export function createControlClient({ endpoints, controlToken }: LocalConnection): ControlClient {
  const post = async <Answer>(path: ReadonlyArray<string>, body: object, schema: z.ZodType<Answer>) => {
    const api = `POST /${path.map(encodeURIComponent).join('/')}`;
    const origin = { api, code: null, requestId: null };
    const response = await fetch(`${endpoints.control}/${path.map(encodeURIComponent).join('/')}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    }).catch((cause) => {
      throw new TransientError('The local clouds do not answer.', 'unknown-outcome', origin, { cause });
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return schema.parse(answer);
    const refused = RefusedSchema.safeParse(answer);
    if (!refused.success) throw new RejectedError(`It was refused with status ${response.status}.`, origin);
    throw new RejectedError(refused.data.message, { ...origin, code: refused.data.code });
  };
  return {
    interrupt: (instanceId) => post(['instances', instanceId, 'interrupt'], {}, InterruptedSchema),
    setApplication: (instanceId, application) =>
      post(['instances', instanceId, 'application'], application, ApplicationSetSchema),
    scheduleSystemEvent: (order) => post(['system-events'], order, ScheduledSchema),
    endSystemEvent: (end, eventId, instanceId) =>
      post(['system-events', eventId, end], { instanceId }, EndedSchema),
  };
}
