import type { Ecs } from '../ecs/ecs.ts';
import type { InstanceStateChange } from '../ecs/instance.ts';
import type { InstanceNotice } from '../ecs/notice.ts';
import type { Foundation } from '../foundation.ts';
import type { Mns } from '../mns/mns.ts';
import { type CloudMonitorEvent, eventOfNotice, eventOfStateChange } from './system-event.ts';

/**
 * CloudMonitor as the second carrier of what ECS says of its instances: state changes, interruptions and system events,
 * each in CloudMonitor's own form to queues that asked for it. Without targets nothing happens.
 */
export interface CmsSystemEvents {
  /** From now on every event goes to this queue as JSON text, at once; the queue need not exist yet. */
  putEventTarget(queueName: string): void;
  /** A queue that is no target is fine. */
  deleteEventTarget(queueName: string): void;
  /** The queues, in the order in which they were put. */
  eventTargets(): ReadonlyArray<string>;
}

/** Listens to ECS; targets are kept in the foundation's store. */
export function createCmsSystemEvents(
  foundation: Foundation,
  { ecs, mns }: { readonly ecs: Ecs; readonly mns: Mns },
): CmsSystemEvents {
  const { store, timeline } = foundation;
  const targets = store.collection<{ readonly queueName: string }>('cms/event-targets');

  const send = (queueName: string, event: CloudMonitorEvent) => {
    try {
      mns.sendMessage(queueName, { body: JSON.stringify(event) });
    } catch (error) {
      timeline.record({
        source: 'cms',
        kind: 'event-undeliverable',
        text: `${event.name} is lost: ${error instanceof Error ? error.message : String(error)}`,
        details: { queueName, eventId: event.id, name: event.name, content: event.content },
      });
    }
  };
  /** Nothing is made for nobody: making an event draws random numbers. */
  const carry = <Said>(make: (foundation: Foundation, said: Said) => CloudMonitorEvent) => {
    return (said: Said) => {
      if (targets.size === 0) return;
      const event = make(foundation, said);
      for (const { queueName } of targets.values()) send(queueName, event);
    };
  };
  ecs.onStateChange(carry<InstanceStateChange>(eventOfStateChange));
  ecs.onNotice(carry<InstanceNotice>(eventOfNotice));

  return {
    putEventTarget: (queueName) => targets.set(queueName, { queueName }),
    deleteEventTarget: (queueName) => void targets.delete(queueName),
    eventTargets: () => [...targets.values()].map(({ queueName }) => queueName),
  };
}
