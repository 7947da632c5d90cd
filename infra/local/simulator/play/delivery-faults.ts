import type { MemoryClouds } from '../../memory/clouds.ts';
import type { Ess } from '../../world/ess/ess.ts';
import { NO_NOTIFICATION_FAULTS } from '../../world/ess/notifications.ts';
import { type EventBridge, NO_DELIVERY_FAULTS } from '../../world/eventbridge/event-bridge.ts';
import { DAY_BEGINS_MS, type DayFault } from '../day.ts';
import type { CallFaults } from './call-faults.ts';

type DeliveryFault = Extract<DayFault, { copies: number }>;

/** Has the day's faults of deliveries begin and end in their time, and counts them and the outages. `at`: ms after the day's beginning. */
export function scheduleDeliveryFaults(
  { foundation, eventBridge, ess }: MemoryClouds,
  faults: ReadonlyArray<DayFault>,
  counter: Pick<CallFaults, 'count'>,
  at: (sinceBeginMs: number, run: () => void) => void,
): void {
  for (const fault of faults) {
    const { kind, atMs, untilMs } = fault;
    if ('times' in fault) continue;
    const apply = () => {
      const nowMs = foundation.clock.nowMs();
      if ('copies' in fault) applyDeliveryFaults(eventBridge, faults, nowMs);
      if ('notifications' in fault) applyNotificationFaults(ess, faults, nowMs);
    };
    at(atMs, () => {
      counter.count(kind);
      apply();
    });
    if (kind !== 'outage') at(untilMs, apply);
  }
}

/** Puts in force between bus and queue what the day's faults say together at that instant. */
function applyDeliveryFaults(eventBridge: EventBridge, faults: ReadonlyArray<DayFault>, nowMs: number): void {
  const atMs = nowMs - DAY_BEGINS_MS;
  const active = faults.filter(
    (fault): fault is DeliveryFault => 'copies' in fault && fault.atMs <= atMs && atMs < fault.untilMs,
  );
  let together = NO_DELIVERY_FAULTS;
  for (const { kind, copies, ids, byMs, probability } of active) {
    if (kind === 'duplicate') together = { ...together, duplicateTimes: copies, duplicateIds: ids };
    if (kind === 'delay') together = { ...together, delayMs: byMs };
    if (kind === 'reorder') together = { ...together, reorderWithinMs: byMs };
    if (kind === 'loss') together = { ...together, lossProbability: probability };
  }
  eventBridge.setDeliveryFaults(together);
}

/** Puts in force between Auto Scaling and the queue of hooks what the day's faults say together at that instant. */
function applyNotificationFaults(
  ess: Pick<Ess, 'setNotificationFaults'>,
  faults: ReadonlyArray<DayFault>,
  nowMs: number,
): void {
  const atMs = nowMs - DAY_BEGINS_MS;
  const active = faults.flatMap((fault) =>
    'notifications' in fault && fault.atMs <= atMs && atMs < fault.untilMs ? [fault.notifications] : [],
  );
  ess.setNotificationFaults(Object.assign({}, NO_NOTIFICATION_FAULTS, ...active));
}
