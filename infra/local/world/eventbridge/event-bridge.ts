import type { Cancel } from '../clock.ts';
import type { InstanceNotice } from '../ecs/notice.ts';
import { CloudError } from '../errors.ts';
import type { Foundation } from '../foundation.ts';
import type { Mns } from '../mns/mns.ts';
import {
  type CloudEvent,
  cloudEventForInstance,
  cloudEventForNotice,
  cloudEventForScalingGroup,
  type EnvelopeVariant,
  type InstanceChange,
  newEventId,
  type ScalingGroupEvent,
} from './cloud-event.ts';
import { compileEventPattern, type EventMatcher } from './pattern.ts';
import { nextPushRetryMs, PUSH_RETRY_TIMINGS, type PushRetryTimings } from './push-retry.ts';
import { type EventRule, queueNameOf, RULES_PER_BUS_MAX, type RuleTarget, requireTargets } from './rule.ts';

/** What goes wrong between the bus and its targets, as data. */
export interface DeliveryFaults {
  /** Each event reaches each target so many times. */
  readonly duplicateTimes: number;
  /** The further copies are the same event again, or say the same under ids of their own. */
  readonly duplicateIds: 'same' | 'new';
  /** Each delivery is late by `delayMs`, and by up to `reorderWithinMs` more, so that events overtake each other. */
  readonly delayMs: number;
  readonly reorderWithinMs: number;
  /** 0 to 1: how likely a delivery does not take place. */
  readonly lossProbability: number;
}

/** Each event once, at once. */
export const NO_DELIVERY_FAULTS: DeliveryFaults = {
  duplicateTimes: 1,
  duplicateIds: 'same',
  delayMs: 0,
  reorderWithinMs: 0,
  lossProbability: 0,
};

/** The default event bus with its rules. */
export interface EventBridge {
  /** Creates the rule or replaces it. Throws `InvalidEventPattern`, `InvalidArgument` or `LimitExceeded` (400). */
  putRule(rule: EventRule): void;
  /** A rule that does not exist is fine. What is on its way to the targets still arrives. */
  deleteRule(name: string): void;
  listRules(): ReadonlyArray<EventRule>;
  /** Sends the event to the targets of all rules that match it. Throws `EventTooLarge` (400) beyond 256 KB. */
  publish(event: CloudEvent): void;
  /** The event of an ECS state change, ready to {@link EventBridge.publish}. */
  cloudEventForInstance(change: InstanceChange, variant?: EnvelopeVariant): CloudEvent;
  /** The same of an interruption or of a system event's status. */
  cloudEventForNotice(notice: InstanceNotice, variant?: EnvelopeVariant): CloudEvent;
  /** The same of an event of Auto Scaling. */
  cloudEventForScalingGroup(event: ScalingGroupEvent, variant?: EnvelopeVariant): CloudEvent;
  readonly deliveryFaults: DeliveryFaults;
  /** Changes some of the faults, for events published from now on. */
  setDeliveryFaults(faults: Partial<DeliveryFaults>): void;
  /** Stops all deliveries that are on their way; they continue when the world is opened again. */
  close(): void;
}

/** Settings of the local bus. */
export interface EventBridgeOptions {
  readonly mns: Mns;
  /** Look of the envelopes it builds. @default 'local-time' */
  readonly envelope?: EnvelopeVariant;
  /** Waits before a failed delivery is tried again. @default those of the real cloud */
  readonly retry?: PushRetryTimings;
}

/** A delivery on its way to a target. */
interface Delivery {
  readonly key: string;
  readonly ruleName: string;
  readonly target: RuleTarget;
  readonly event: CloudEvent;
  readonly dueAtMs: number;
  readonly failures: number;
}

const EVENT_BYTES_MAX = 256 * 1_024;

/** The default bus kept in the foundation's store; deliveries that were on their way go on. */
export function createEventBridge(foundation: Foundation, options: EventBridgeOptions): EventBridge {
  const { clock, random, store, timeline } = foundation;
  const { mns, envelope = 'local-time', retry = PUSH_RETRY_TIMINGS } = options;
  const rules = store.collection<EventRule>('eventbridge-rules');
  const underWay = store.collection<Delivery>('eventbridge-deliveries');
  const matchers = new Map<string, EventMatcher>();
  const timers = new Map<string, Cancel>();
  let faults = NO_DELIVERY_FAULTS;

  const record = (kind: string, text: string, { ruleName, target, event }: Delivery) =>
    timeline.record({
      source: 'eventbridge',
      kind,
      text,
      details: { ruleName, targetId: target.id, eventId: event.id, type: event.type, data: event.data },
    });

  const forget = (delivery: Delivery) => {
    timers.delete(delivery.key);
    underWay.delete(delivery.key);
  };

  const send = (arn: string, { target, event }: Delivery) => {
    const text = JSON.stringify(event);
    const body = target.isBase64Encode ? Buffer.from(text, 'utf8').toString('base64') : text;
    mns.sendMessage(queueNameOf(foundation, arn), { body });
  };

  const giveUp = (delivery: Delivery, reason: string) => {
    const { deadLetterQueue } = delivery.target;
    forget(delivery);
    try {
      if (deadLetterQueue === undefined) throw new Error('there is no dead-letter queue');
      send(deadLetterQueue, delivery);
      record('event-dead-lettered', `${delivery.event.type} could not be delivered: ${reason}`, delivery);
    } catch (error) {
      record('event-undeliverable', `${delivery.event.type} is lost: ${reason}; ${wordsOf(error)}`, delivery);
    }
  };

  const attempt = (delivery: Delivery) => {
    try {
      send(delivery.target.endpoint, delivery);
    } catch (error) {
      const failures = delivery.failures + 1;
      const strategy = delivery.target.pushRetryStrategy ?? 'BACKOFF_RETRY';
      const waitMs = nextPushRetryMs(strategy, failures, retry, random);
      if (waitMs === null) giveUp(delivery, wordsOf(error));
      else schedule({ ...delivery, failures, dueAtMs: clock.nowMs() + waitMs });
      return;
    }
    forget(delivery);
    record('event-delivered', `${describe(delivery.event)} delivered to ${delivery.target.id}`, delivery);
  };

  const schedule = (delivery: Delivery) => {
    underWay.set(delivery.key, delivery);
    arm(delivery);
  };
  const arm = (delivery: Delivery) => {
    timers.set(
      delivery.key,
      clock.at(delivery.dueAtMs, () => attempt(delivery)),
    );
  };

  const dispatch = (ruleName: string, target: RuleTarget, event: CloudEvent) => {
    for (let copy = 0; copy < faults.duplicateTimes; copy++) {
      const isNew = copy > 0 && faults.duplicateIds === 'new';
      const delivery: Delivery = {
        key: newEventId(foundation),
        ruleName,
        target,
        event: isNew ? { ...event, id: newEventId(foundation) } : event,
        dueAtMs: clock.nowMs() + faults.delayMs + random() * faults.reorderWithinMs,
        failures: 0,
      };
      if (random() < faults.lossProbability) {
        record('event-lost', `${describe(event)} lost on its way to ${target.id}`, delivery);
      } else if (delivery.dueAtMs > clock.nowMs()) schedule(delivery);
      else attempt(delivery);
    }
  };

  for (const rule of rules.values()) matchers.set(rule.name, compileEventPattern(rule.filterPattern));
  for (const delivery of underWay.values()) arm(delivery);

  return {
    putRule(rule) {
      const matches = compileEventPattern(rule.filterPattern);
      requireTargets(foundation, rule);
      if (!rules.has(rule.name) && rules.size >= RULES_PER_BUS_MAX) {
        throw new CloudError(400, 'LimitExceeded', `A bus has at most ${RULES_PER_BUS_MAX} rules.`);
      }
      rules.set(rule.name, rule);
      matchers.set(rule.name, matches);
    },
    deleteRule(name) {
      rules.delete(name);
      matchers.delete(name);
    },
    listRules: () => [...rules.values()],
    publish(event) {
      if (Buffer.byteLength(JSON.stringify(event)) > EVENT_BYTES_MAX) {
        throw new CloudError(400, 'EventTooLarge', `An event has at most ${EVENT_BYTES_MAX} bytes.`);
      }
      timeline.record({
        source: 'eventbridge',
        kind: 'event-published',
        text: describe(event),
        details: { eventId: event.id, type: event.type, data: event.data },
      });
      for (const { name, targets } of rules.values()) {
        if (matchers.get(name)?.(event) !== true) continue;
        for (const target of targets) dispatch(name, target, event);
      }
    },
    cloudEventForInstance: (change, variant = envelope) => cloudEventForInstance(foundation, change, variant),
    cloudEventForNotice: (notice, variant = envelope) => cloudEventForNotice(foundation, notice, variant),
    cloudEventForScalingGroup: (event, variant = envelope) =>
      cloudEventForScalingGroup(foundation, event, variant),
    get deliveryFaults() {
      return faults;
    },
    setDeliveryFaults(changes) {
      faults = { ...faults, ...changes };
    },
    close() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

function describe({ type, data }: CloudEvent): string {
  const { resourceId, instanceId, state, eventStatus } = data;
  return [type, resourceId ?? instanceId, state ?? eventStatus]
    .filter((part) => typeof part === 'string')
    .join(' ');
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
