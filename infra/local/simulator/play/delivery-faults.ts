import type { Ess } from '../../world/ess/ess.ts';
import { NO_NOTIFICATION_FAULTS } from '../../world/ess/notifications.ts';
import { type EventBridge, NO_DELIVERY_FAULTS } from '../../world/eventbridge/event-bridge.ts';
import { DAY_BEGINS_MS, type DayFault } from '../day.ts';

type DeliveryFault = Extract<DayFault, { copies: number }>;

/** Puts in force between bus and queue what the day's faults say together at that instant. */
export function applyDeliveryFaults(
  eventBridge: EventBridge,
  faults: ReadonlyArray<DayFault>,
  nowMs: number,
): void {
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
export function applyNotificationFaults(
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
