import type { Cancel } from '../clock.ts';
import type { Foundation } from '../foundation.ts';
import { freshId } from '../operation.ts';
import type { Collection } from '../store.ts';
import { type Instance, type InstanceState, isReleasing } from './instance.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Moves } from './moves.ts';
import type { InstanceNotice, SystemEventStatus } from './notice.ts';
import { ecsRefusals } from './refusals.ts';
import {
  canBe,
  isMaintenance,
  isSystemEventType,
  noticeOf,
  SYSTEM_EVENTS,
  type SystemEvent,
  type SystemEventType,
} from './system-event.ts';

/** What the world plans to do to an instance, or what befalls it at once. */
export interface SystemEventInput {
  readonly instanceId: string;
  /** One of `SYSTEM_EVENTS`. */
  readonly eventType: string;
  /**
   * When the execution begins; default now. Failures begin at once whatever it says, but for `SystemFailure.Redeploy`:
   * that one can be scheduled.
   */
  readonly notBeforeMs?: number | undefined;
  /** Begins as Inquiring where the type can be Scheduled as well. */
  readonly isInquiring?: boolean | undefined;
  /** The execution ends as Failed: what was to come up again stays Stopped, what was to stop goes on running. */
  readonly isFailing?: boolean | undefined;
}

/** The system events of one world's instances that are not over. */
export interface SystemEvents {
  /** Its id. Throws `InvalidParameter` for what the type does not know. */
  schedule(instance: Instance, input: SystemEventInput): string;
  /** Ends an event that has not begun. Throws `InvalidEventId.NotFound`, or `IncorrectEventStatus` once it has. */
  end(eventId: string, status: 'Canceled' | 'Avoided'): void;
  /** RebootInstance before its time spares the instance a scheduled reboot. */
  avoidByReboot(instanceId: string): void;
  /** In order of publication. */
  all(): ReadonlyArray<SystemEvent>;
  /** Stops the timers; what is due then happens when the world is opened again. */
  close(): void;
}

/** Events of the store go on where they were. */
export function createSystemEvents(
  foundation: Foundation,
  deps: {
    readonly instances: Collection<Instance>;
    readonly lifecycle: Lifecycle;
    readonly moves: Moves;
    readonly notify: (notice: InstanceNotice) => void;
  },
): SystemEvents {
  const { clock, ids, store, switches, timeline } = foundation;
  const { instances, lifecycle, moves, notify } = deps;
  const events = store.collection<SystemEvent>('ecs/system-events');
  const timers = new Map<string, Cancel>();

  const disarm = (eventId: string) => {
    timers.get(eventId)?.();
    timers.delete(eventId);
  };
  const arm = (eventId: string, atMs: number, run: (eventId: string) => void) => {
    disarm(eventId);
    timers.set(
      eventId,
      clock.at(atMs, () => run(eventId)),
    );
  };
  const announce = (event: SystemEvent) => {
    const { eventId, instanceId, eventType, status } = event;
    timeline.record({
      source: 'ecs',
      kind: `system-event-${status.toLowerCase()}`,
      text: `${instanceId} ${eventType} ${status} (${eventId})`,
      details: { eventId, instanceId, eventType, eventStatus: status },
    });
    notify(noticeOf(event, clock.nowMs()));
  };
  const finish = (event: SystemEvent, status: SystemEventStatus) => {
    disarm(event.eventId);
    events.delete(event.eventId);
    announce({ ...event, status });
  };
  const living = (instanceId: string) => {
    const instance = instances.get(instanceId);
    return instance === undefined || instance.status === 'Deleted' ? null : instance;
  };
  const effectOf = (type: SystemEventType) => {
    const { effect } = SYSTEM_EVENTS[type];
    if (effect !== 'disk') return effect;
    return switches.ecsDiskEventsReboot ? 'reboot' : null;
  };

  /** Ends an event that has run its course, or whose instance is gone. */
  const settle = (eventId: string) => {
    const event = events.get(eventId);
    if (event === undefined) return;
    const { eventType, isFailing, status } = event;
    if (living(event.instanceId) !== null) finish(event, isFailing ? 'Failed' : 'Executed');
    else if (effectOf(eventType) === 'release') finish(event, 'Executed');
    else if (switches.ecsReleaseEndsSystemEvents !== 'silently') {
      finish(event, status === 'Executing' ? 'Executed' : switches.ecsReleaseEndsSystemEvents);
    } else {
      disarm(eventId);
      events.delete(eventId);
    }
  };
  /** Everybody hears of the state that ends the event before they hear of its end. */
  const settleSoon = (eventId: string) => arm(eventId, clock.nowMs(), settle);

  const execute = (event: SystemEvent, instance: Instance) => {
    const { eventId, eventType, isFailing } = event;
    const effect = effectOf(eventType);
    const isForced = !isMaintenance(eventType);
    const isDown = instance.status === 'Stopped' || instance.steps.at(-1)?.status === 'Stopped';
    if (effect === 'release') moves.release(instance);
    // What is down, or on its way there by its owner's order, stays so.
    else if (effect === null || isDown || (effect === 'stop' && isFailing)) settleSoon(eventId);
    else if (effect === 'stop' || isFailing) moves.stop(instance, isForced);
    else moves[effect](instance, isForced);
  };
  const begin = (eventId: string) => {
    timers.delete(eventId);
    const event = events.get(eventId);
    const instance = event === undefined ? null : living(event.instanceId);
    // Of an instance that is being released the event ends with the release.
    if (event === undefined || instance === null || isReleasing(instance)) return;
    const executing: SystemEvent = { ...event, status: 'Executing', executionStartedAtMs: clock.nowMs() };
    events.set(eventId, executing);
    announce(executing);
    execute(executing, instance);
  };
  const isEndedBy = (state: InstanceState, isAtRest: boolean, event: SystemEvent) => {
    const { eventType, isFailing, status } = event;
    if (state === 'Deleted') return true;
    if (status !== 'Executing') return false;
    // Another event, or an order, has led the instance elsewhere: what this one waits for never comes.
    if (isAtRest) return true;
    const effect = effectOf(eventType);
    if (effect === 'stop' || isFailing) return state === 'Stopped';
    return state === 'Running' && effect !== 'release';
  };

  lifecycle.onStateChange(({ instanceId, state }) => {
    const isAtRest = instances.get(instanceId)?.steps.length === 0;
    for (const event of events.values()) {
      if (event.instanceId === instanceId && isEndedBy(state, isAtRest, event)) settleSoon(event.eventId);
    }
  });
  for (const { eventId, instanceId, status, notBeforeMs } of events.values()) {
    const instance = living(instanceId);
    if (instance === null) settleSoon(eventId);
    else if (status !== 'Executing') arm(eventId, notBeforeMs, begin);
    // Where nothing is due any more, the world ended between the last step and the event's end.
    else if (instance.steps.length === 0) settleSoon(eventId);
  }

  return {
    all: () => [...events.values()],
    schedule(instance, input) {
      const { eventType, isFailing = false } = input;
      const nowMs = clock.nowMs();
      const notBeforeMs = input.notBeforeMs ?? nowMs;
      if (!isSystemEventType(eventType)) throw ecsRefusals.invalidParameter('EventType');
      if (isFailing && !canBe(eventType, 'Failed')) throw ecsRefusals.eventNever(eventType, 'Failed');
      const firstStatus = firstStatusOf(eventType, notBeforeMs > nowMs, input.isInquiring ?? false);
      const event: SystemEvent = {
        eventId: freshId(foundation, 'e', (id) => events.has(id)),
        instanceId: instance.instanceId,
        eventType,
        status: firstStatus,
        firstStatus,
        publishedAtMs: nowMs,
        notBeforeMs,
        executionStartedAtMs: null,
        isFailing,
        seriesId: ids.requestId(),
      };
      events.set(event.eventId, event);
      if (firstStatus === 'Executing') begin(event.eventId);
      else {
        announce(event);
        arm(event.eventId, notBeforeMs, begin);
      }
      return event.eventId;
    },
    end(eventId, status) {
      const event = events.get(eventId);
      if (event === undefined) throw ecsRefusals.eventNotFound();
      if (event.status === 'Executing') throw ecsRefusals.eventHasBegun();
      finish(event, status);
    },
    avoidByReboot(instanceId) {
      for (const event of [...events.values()]) {
        const isSpared = event.eventType === 'SystemMaintenance.Reboot' && event.status !== 'Executing';
        if (event.instanceId === instanceId && isSpared) finish(event, 'Avoided');
      }
    },
    close() {
      for (const eventId of [...timers.keys()]) disarm(eventId);
    },
  };
}

function firstStatusOf(type: SystemEventType, isLater: boolean, isInquiring: boolean): SystemEventStatus {
  const isPlanned = isMaintenance(type) || (isLater && canBe(type, 'Scheduled'));
  if (!isPlanned && !isInquiring) return 'Executing';
  const status = isInquiring || !canBe(type, 'Scheduled') ? 'Inquiring' : 'Scheduled';
  if (!canBe(type, status)) throw ecsRefusals.eventNever(type, status);
  return status;
}
