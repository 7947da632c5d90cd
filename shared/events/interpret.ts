import type * as z from 'zod';
import { type CarriedMessage, type UnreadableMessage, unwrap } from './carriers.ts';
import { type CloudEvent, CloudEventSchema, isCloudEvent } from './cloud-event.ts';
import {
  type CloudMonitorEvent,
  CloudMonitorEventSchema,
  isCloudMonitorEvent,
} from './cloudmonitor-event.ts';
import { EcsInstanceStateChangeSchema } from './ecs-instance-state-change.ts';
import { eventKey, fallbackKey } from './event-key.ts';
import { ignoredContent, ignoredEventType } from './ignored-kinds.ts';
import { canonicalFault, canonicalHash, own } from './json.ts';
import type { InboundEvent } from './model.ts';
import { type TimerTick, TimerTickSchema } from './timer-tick.ts';
import { parseEventTime } from './times.ts';
import { WAKE_UP_KIND, WakeUpSchema } from './wake-up.ts';

const LONGEST_REASON = 300;

/** The events of a payload, in its order: every message of it becomes one event, and nothing is thrown. */
export function parseBatch(payload: Buffer): ReadonlyArray<InboundEvent> {
  return unwrap(payload).map((message) => {
    try {
      return interpret(message);
    } catch (error) {
      // No message may fail its batch, not even through a defect of ours: its neighbours still go on.
      const { messageId, text } = message;
      return { kind: 'not-understood', reason: `defect: ${String(error)}`, text, messageId };
    }
  });
}

/** What an unwrapped message says to us. */
export function interpret(message: CarriedMessage | UnreadableMessage): InboundEvent {
  if (message.kind === 'unreadable') return notUnderstood(message, message.reason);
  const { content } = message;
  const fault = canonicalFault(content);
  if (fault !== null) return notUnderstood(message, fault);
  if (own(content, 'kind') === WAKE_UP_KIND) return readWakeUp(message);
  if (isCloudEvent(content)) return readCloudEvent(message);
  if (isCloudMonitorEvent(content)) return readCloudMonitorEvent(message);
  const tick = TimerTickSchema.safeParse(content);
  if (tick.success) return tickOf(tick.data);
  const reason = ignoredContent(content);
  if (reason !== null) return { kind: 'ignored', reason };
  return notUnderstood(message, 'an object of no known shape');
}

function tickOf({ triggerTime }: TimerTick): InboundEvent {
  const triggeredAtMs = parseEventTime(triggerTime);
  return triggeredAtMs === null ? { kind: 'tick' } : { kind: 'tick', triggeredAtMs };
}

function readWakeUp(message: CarriedMessage): InboundEvent {
  const wakeUp = WakeUpSchema.safeParse(message.content);
  if (!wakeUp.success) return notUnderstood(message, faultsOf('wake-up', wakeUp.error));
  const { lane, dueAtMs } = wakeUp.data;
  return { kind: 'wake-up', laneId: lane, dueAtMs };
}

function readCloudEvent(message: CarriedMessage): InboundEvent {
  const parsed = CloudEventSchema.safeParse(message.content);
  if (!parsed.success) return notUnderstood(message, faultsOf('CloudEvent', parsed.error));
  const event: CloudEvent = parsed.data;
  if (event.type !== 'ecs:Instance:StateChange') return ignoredOfType(event.type);
  const { id, source } = event;
  return readStateChange(message, {
    ownKey: id === undefined || source === undefined ? null : eventKey('event', source, id),
    said: { type: event.type, data: event.data },
    payload: event.data,
    atMs: parseEventTime(event.time) ?? parseEventTime(event.aliyunpublishtime),
    region: event.aliyunregionid,
  });
}

function readCloudMonitorEvent(message: CarriedMessage): InboundEvent {
  const parsed = CloudMonitorEventSchema.safeParse(message.content);
  if (!parsed.success) return notUnderstood(message, faultsOf('CloudMonitor event', parsed.error));
  const event: CloudMonitorEvent = parsed.data;
  const type = `${event.product.toLowerCase()}:${event.name}`;
  if (!/^ecs:Instance:StateChange(?::|$)/.test(type)) return ignoredOfType(type);
  return readStateChange(message, {
    ownKey: event.id === undefined ? null : eventKey('cloudmonitor', event.id),
    said: { name: event.name, content: event.content },
    payload: event.content,
    atMs: parseEventTime(event.eventTime),
    region: event.regionId,
  });
}

/** A state change, read out of either envelope. */
interface StateChangeEnvelope {
  /** `null` when the envelope does not identify its event. */
  readonly ownKey: string | null;
  /** What is hashed: what the event says, without the delivery attributes that a resend may change. */
  readonly said: unknown;
  readonly payload: unknown;
  readonly atMs: number | null;
  readonly region: unknown;
}

function readStateChange(message: CarriedMessage, envelope: StateChangeEnvelope): InboundEvent {
  const change = EcsInstanceStateChangeSchema.safeParse(envelope.payload);
  if (!change.success) return notUnderstood(message, faultsOf('state change', change.error));
  const payloadHash = canonicalHash(envelope.said);
  return {
    kind: 'instance-state-changed',
    key: envelope.ownKey ?? fallbackKey(message.messageId, canonicalHash([envelope.said, envelope.atMs])),
    instanceId: change.data.instanceId,
    state: change.data.state,
    atMs: envelope.atMs,
    regionId: regionOf(envelope.region),
    payloadHash,
  };
}

function regionOf(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value) ? value : null;
}

function ignoredOfType(type: string): InboundEvent {
  return { kind: 'ignored', reason: ignoredEventType(type) };
}

function notUnderstood(message: CarriedMessage | UnreadableMessage, reason: string): InboundEvent {
  const { messageId, text } = message;
  return { kind: 'not-understood', reason: reason.slice(0, LONGEST_REASON), text, messageId };
}

/** The faults in one line, each with its path; none of them repeats a value. */
function faultsOf(what: string, error: z.ZodError): string {
  return `${what}: ${error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`).join('; ')}`;
}
