import { type CarriedMessage, type UnreadableMessage, unwrap } from './carriers.ts';
import { isChangeRequest, readChangeRequest } from './change-request.ts';
import { isCloudEvent } from './cloud-event.ts';
import { alarmOfContent, CloudMonitorAlarmSchema } from './cloudmonitor-alarm.ts';
import { isCloudMonitorEvent } from './cloudmonitor-event.ts';
import { EcsInstanceStateChangeSchema } from './ecs-instance-state-change.ts';
import { EcsSpotInterruptionSchema } from './ecs-spot-interruption.ts';
import { EcsSystemEventSchema, interrupts } from './ecs-system-event.ts';
import {
  type Envelope,
  type EnvelopeResult,
  readCloudEvent,
  readCloudMonitorEvent,
  regionOf,
} from './envelope.ts';
import { EssLifecycleHookSchema, hookOfData, hookOfMessage } from './ess-lifecycle-hook.ts';
import { eventKey, fallbackKey } from './event-key.ts';
import { cleaned, ignoredContent, ignoredEventType } from './ignored-kinds.ts';
import { canonicalFault, canonicalHash, type JsonObject, own } from './json.ts';
import type { InboundEvent, LifecycleHookReached, LifecycleTransition } from './model.ts';
import { RECONCILE_KIND, ReconcileSchema } from './reconcile.ts';
import { faultsOf } from './schema-faults.ts';
import { type TimerTick, TimerTickSchema } from './timer-tick.ts';
import { parseEventTime } from './times.ts';
import { WAKE_UP_KIND, WakeUpSchema } from './wake-up.ts';

const LONGEST_REASON = 300;

/** The events of a payload, in its order: every message of it becomes one event, and nothing is thrown. */
export function parseBatch(payload: Buffer): ReadonlyArray<InboundEvent> {
  return unwrap(payload).map(interpret);
}

/** What an unwrapped message says to us. Nothing is thrown. */
export function interpret(message: CarriedMessage | UnreadableMessage): InboundEvent {
  try {
    return readMessage(message);
  } catch (error) {
    // No message may fail its batch, not even through a defect of ours: its neighbours still go on.
    return notUnderstood(message, `defect: ${String(error)}`);
  }
}

function readMessage(message: CarriedMessage | UnreadableMessage): InboundEvent {
  if (message.kind === 'unreadable') return notUnderstood(message, message.reason);
  const { content } = message;
  if (isChangeRequest(content)) return readChangeRequest(message);
  const fault = canonicalFault(content);
  if (fault !== null) return notUnderstood(message, fault);
  if (own(content, 'kind') === WAKE_UP_KIND) return readWakeUp(message);
  if (own(content, 'kind') === RECONCILE_KIND) return readReconcile(message);
  if (isCloudEvent(content)) return readEnveloped(message, readCloudEvent(content), readBusEvent);
  if (isCloudMonitorEvent(content)) {
    return readEnveloped(message, readCloudMonitorEvent(content), readEcsEvent);
  }
  const hook = hookOfMessage(content);
  if (hook !== null) return readHook(message, hook, 'message', regionOf(own(content, 'regionId')), null);
  const tick = TimerTickSchema.safeParse(content);
  if (tick.success) return tickOf(tick.data);
  const alarm = alarmOfContent(content);
  if (alarm !== null) return readAlarm(message, alarm);
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

function readReconcile(message: CarriedMessage): InboundEvent {
  const order = ReconcileSchema.safeParse(message.content);
  if (!order.success) return notUnderstood(message, faultsOf('reconcile', order.error));
  const { loadBalancer: loadBalancerId, triggerTime } = order.data;
  return { kind: 'reconcile', loadBalancerId, triggeredAtMs: parseEventTime(triggerTime) ?? 0 };
}

type Reader = (message: CarriedMessage, envelope: Envelope) => InboundEvent;

function readEnveloped(message: CarriedMessage, envelope: EnvelopeResult, read: Reader): InboundEvent {
  return typeof envelope === 'string' ? notUnderstood(message, envelope) : read(message, envelope);
}

const TRANSITIONS: ReadonlyMap<string, LifecycleTransition> = new Map([
  ['ess:LifecycleHook:ScaleOut', 'SCALE_OUT'],
  ['ess:LifecycleHook:ScaleIn', 'SCALE_IN'],
]);

function readBusEvent(message: CarriedMessage, envelope: Envelope): InboundEvent {
  const transition = TRANSITIONS.get(envelope.type);
  if (transition === undefined) return readEcsEvent(message, envelope);
  return readHook(message, hookOfData(envelope.payload), 'event-bus', envelope.regionId, transition);
}

/** Events of instances; CloudMonitor puts a status behind a name, which is not looked at. */
const OF_AN_INSTANCE = /^ecs:Instance:([A-Za-z.]{1,100})(?::|$)/;

function readEcsEvent(message: CarriedMessage, envelope: Envelope): InboundEvent {
  const name = OF_AN_INSTANCE.exec(envelope.type)?.[1] ?? '';
  if (name === 'StateChange') return readStateChange(message, envelope);
  if (name === 'PreemptibleInstanceInterruption') return readInterruption(message, envelope);
  if (interrupts(name)) return readSystemEvent(message, envelope, name);
  return { kind: 'ignored', reason: ignoredEventType(envelope.type) };
}

function readStateChange(message: CarriedMessage, envelope: Envelope): InboundEvent {
  const change = EcsInstanceStateChangeSchema.safeParse(envelope.payload);
  if (!change.success) return notUnderstood(message, faultsOf('state change', change.error));
  const { instanceId, state } = change.data;
  const { atMs, regionId, said } = envelope;
  const key = keyOf(message, envelope);
  return {
    kind: 'instance-state-changed',
    key,
    instanceId,
    state,
    atMs,
    regionId,
    payloadHash: canonicalHash(said),
  };
}

function readInterruption(message: CarriedMessage, envelope: Envelope): InboundEvent {
  const notice = EcsSpotInterruptionSchema.safeParse(envelope.payload);
  if (!notice.success) return notUnderstood(message, faultsOf('spot interruption', notice.error));
  const { instanceId, action } = notice.data;
  if (action !== 'delete') return { kind: 'ignored', reason: `spot interruption ${cleaned(action)}` };
  const { atMs, regionId, said } = envelope;
  const key = keyOf(message, envelope);
  return { kind: 'instance-interrupted', key, instanceId, atMs, regionId, payloadHash: canonicalHash(said) };
}

function readSystemEvent(message: CarriedMessage, envelope: Envelope, name: string): InboundEvent {
  const notice = EcsSystemEventSchema.safeParse(envelope.payload);
  if (!notice.success) return notUnderstood(message, faultsOf('system event', notice.error));
  const { eventId, instanceId, phase, status, notBeforeMs } = notice.data;
  const { atMs, regionId, said } = envelope;
  const eventType = notice.data.eventType ?? name;
  // Both senders report each status, under ids of their own and with other members around it.
  const isNamed = eventId !== null;
  return {
    kind: 'system-event',
    key: isNamed ? eventKey('system-event', eventId, status) : keyOf(message, envelope),
    instanceId,
    eventId,
    eventType,
    phase,
    status,
    notBeforeMs,
    atMs,
    regionId,
    payloadHash: canonicalHash(isNamed ? { eventId, instanceId, eventType, status } : said),
  };
}

function readHook(
  message: CarriedMessage,
  payload: unknown,
  carrier: LifecycleHookReached['carrier'],
  regionId: string | null,
  transitionOfType: LifecycleTransition | null,
): InboundEvent {
  const hook = EssLifecycleHookSchema.safeParse(payload);
  if (!hook.success) return notUnderstood(message, faultsOf('lifecycle hook', hook.error));
  const { actionId, transition, ...said } = hook.data;
  const { lifecycleHookId, scalingGroupId } = said;
  return {
    kind: 'lifecycle-hook',
    key: eventKey('hook', lifecycleHookId, actionId),
    carrier,
    ...said,
    transition: transition ?? transitionOfType,
    regionId,
    payloadHash: canonicalHash({ lifecycleHookId, scalingGroupId, actionId }),
  };
}

function readAlarm(message: CarriedMessage, said: JsonObject): InboundEvent {
  const alarm = CloudMonitorAlarmSchema.safeParse(said);
  if (!alarm.success) return notUnderstood(message, faultsOf('alarm', alarm.error));
  const { ruleId, level, loadBalancerId, listenerPort, atMs } = alarm.data;
  const place = `${loadBalancerId}:${listenerPort ?? ''}`;
  const key =
    atMs === null
      ? fallbackKey(message.messageId, canonicalHash(said))
      : eventKey('alarm', ruleId, place, level, String(atMs));
  const payloadHash = canonicalHash({ ruleId, place, level });
  return { kind: 'health-alarm', key, loadBalancerId, listenerPort, level, atMs, payloadHash };
}

/** The envelope's key; for one without, the message's, or else the content's. */
function keyOf({ messageId }: CarriedMessage, { ownKey, said, atMs }: Envelope): string {
  return ownKey ?? fallbackKey(messageId, canonicalHash([said, atMs]));
}

function notUnderstood(message: CarriedMessage | UnreadableMessage, reason: string): InboundEvent {
  const { messageId, text } = message;
  return { kind: 'not-understood', reason: reason.slice(0, LONGEST_REASON), text, messageId };
}
