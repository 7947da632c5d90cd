import type { CloudEvent } from '../eventbridge/cloud-event.ts';
import type { EventBridge } from '../eventbridge/event-bridge.ts';
import type { Foundation } from '../foundation.ts';
import type { Mns } from '../mns/mns.ts';
import type { LifecycleAction, LifecycleHook } from './model.ts';
import { notificationTarget } from './notification-arn.ts';
import type { EssState } from './state.ts';

/** What goes wrong between Auto Scaling and those whom hooks tell, as data. */
export interface NotificationFaults {
  /** 0 to 1: how likely a notification does not take place. */
  readonly lossProbability: number;
  /** Each notification arrives so many times. */
  readonly duplicateTimes: number;
  /** Each one is late by so much. */
  readonly delayMs: number;
}

/** Each notification once, at once. */
export const NO_NOTIFICATION_FAULTS: NotificationFaults = {
  lossProbability: 0,
  duplicateTimes: 1,
  delayMs: 0,
};

/** Tells whoever a hook names of its waits. */
export interface Notifications {
  /** Tells of a wait that has begun. */
  tell(hook: LifecycleHook, action: LifecycleAction): void;
  /** Tries out a hook's event bus, as happens when it is configured; other targets are not tried. */
  tryOut(hook: LifecycleHook): void;
  readonly notificationFaults: NotificationFaults;
  /** Changes some of the faults, for notifications from now on. */
  setNotificationFaults(faults: Partial<NotificationFaults>): void;
}

/** A notification on its way. */
interface Delivery {
  readonly key: string;
  readonly dueAtMs: number;
  readonly lifecycleHookId: string;
  readonly notificationArn: string;
  /** The message of a queue. */
  readonly body: string;
  /** What the event bus gets instead. */
  readonly event: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
  readonly scalingGroupId: string;
}

/** Notifications kept in the foundation's store; those that were on their way still arrive. */
export function createNotifications(
  foundation: Foundation,
  deps: { readonly state: EssState; readonly mns: Mns; readonly eventBridge: EventBridge },
): Notifications {
  const { state, mns, eventBridge } = deps;
  const { clock, ids, identities, random, region, store, switches, timeline } = foundation;
  const underWay = store.collection<Delivery>('ess/notifications');
  let faults = NO_NOTIFICATION_FAULTS;

  const record = (kind: string, text: string, { lifecycleHookId, event }: Delivery) =>
    timeline.record({
      source: 'ess',
      kind,
      text,
      details: { lifecycleHookId, type: event.type, content: event.data },
    });

  const arrive = (delivery: Delivery) => {
    underWay.delete(delivery.key);
    const { lifecycleHookId, notificationArn, body, event, scalingGroupId } = delivery;
    try {
      const target = notificationTarget(foundation, notificationArn);
      if (target.kind === 'queue') mns.sendMessage(target.queueName, { body });
      else eventBridge.publish(eventFor(event, scalingGroupId));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      record('hook-notification-failed', `${lifecycleHookId} could not tell: ${reason}`, delivery);
      return;
    }
    record('hook-notified', `${lifecycleHookId} told ${notificationArn}`, delivery);
  };
  const eventFor = ({ type, data }: Delivery['event'], scalingGroupId: string): CloudEvent =>
    eventBridge.cloudEventForScalingGroup({ scalingGroupId, type, data, atMs: clock.nowMs() });

  const send = (delivery: Omit<Delivery, 'key' | 'dueAtMs'>) => {
    for (let copy = 0; copy < faults.duplicateTimes; copy++) {
      const dueAtMs = clock.nowMs() + faults.delayMs;
      const one: Delivery = { ...delivery, key: `${dueAtMs}-${ids.hex(16)}`, dueAtMs };
      if (random() < faults.lossProbability) {
        record('hook-notification-lost', `a notification of ${one.lifecycleHookId} is lost`, one);
      } else if (faults.delayMs <= 0) arrive(one);
      else {
        underWay.set(one.key, one);
        clock.at(dueAtMs, () => arrive(one));
      }
    }
  };

  const aboutHook = (hook: LifecycleHook) => ({
    lifecycleHookId: hook.lifecycleHookId,
    lifecycleHookName: hook.lifecycleHookName,
    scalingGroupId: hook.scalingGroupId,
    scalingGroupName: state.groups.get(hook.scalingGroupId)?.scalingGroupName ?? '',
    lifecycleTransition: hook.lifecycleTransition,
    defaultResult: hook.defaultResult,
    requestId: ids.requestId(),
  });
  const metadataOf = ({ notificationMetadata }: LifecycleHook) =>
    notificationMetadata === '' || switches.essHookMessageMetadata === 'left-out'
      ? {}
      : { notificationMetadata };

  for (const delivery of underWay.values()) clock.at(delivery.dueAtMs, () => arrive(delivery));

  return {
    tell(hook, action) {
      const { lifecycleHookId, notificationArn, scalingGroupId } = hook;
      if (notificationTarget(foundation, notificationArn).kind === 'nobody') return;
      const content = {
        ...aboutHook(hook),
        lifecycleActionToken: action.lifecycleActionToken,
        scalingActivityId: action.scalingActivityId,
        ...(switches.essHookMessageInstanceIds === 'listed' && { instanceIds: action.instanceIds }),
        ...metadataOf(hook),
      };
      const message = JSON.stringify({
        userId: identities.accountId,
        regionId: region,
        resourceArn: `acs:ess:${region}:${identities.accountId}:scalinggroup/${scalingGroupId}`,
        content,
      });
      const isPlain = switches.essHookMessageEncoding === 'plain';
      const kind = action.transition === 'SCALE_IN' ? 'ScaleIn' : 'ScaleOut';
      send({
        lifecycleHookId,
        notificationArn,
        scalingGroupId,
        body: isPlain ? message : Buffer.from(message, 'utf8').toString('base64'),
        event: { type: `ess:LifecycleHook:${kind}`, data: content },
      });
    },
    tryOut(hook) {
      const { lifecycleHookId, notificationArn, scalingGroupId } = hook;
      if (notificationTarget(foundation, notificationArn).kind !== 'event-bus') return;
      const event = { type: 'ess:LifecycleHook:Test', data: { ...aboutHook(hook), ...metadataOf(hook) } };
      send({ lifecycleHookId, notificationArn, scalingGroupId, body: '', event });
    },
    get notificationFaults() {
      return faults;
    },
    setNotificationFaults(changes) {
      faults = { ...faults, ...changes };
    },
  };
}
