import type { Assumptions } from '../config/load.ts';
import type { Maintenance } from '../config/maintenance.ts';
import type {
  HealthAlarm,
  InstanceInterrupted,
  InstanceState,
  InstanceStateChanged,
  LifecycleHookReached,
  SystemEvent,
} from '../events/model.ts';
import type { News, NoticedHook } from './model.ts';

/** The events that may become signals: each is about one instance. */
export type InstanceEvent = InstanceStateChanged | InstanceInterrupted | SystemEvent;

/** The events that may lead to something. */
export type AcceptedEvent = InstanceEvent | LifecycleHookReached | HealthAlarm;

/** What acceptance is told about this deployment. */
export interface AcceptPolicy {
  readonly regionId: string;
  readonly maintenance: Maintenance;
  readonly assume: Pick<Assumptions, 'hookEvents'>;
}

/** A spot instance is released this long after its notice. */
const SPOT_NOTICE_MS = 5 * 60_000;

/** States that change who should be in rotation. The others are passed through on the way and lead nowhere. */
const STATES_OF_INTEREST: ReadonlySet<InstanceState> = new Set(['Running', 'Stopping', 'Stopped', 'Deleted']);

/** Why an event leads to nothing here, for the count of ignored ones; `null` = it is to be accepted. */
export function ignoredBecause(
  event: AcceptedEvent,
  { regionId, maintenance, assume }: AcceptPolicy,
): string | null {
  // An alarm says no region; what it says is known here or it is not.
  if (event.kind === 'health-alarm') return null;
  if (event.regionId !== null && event.regionId !== regionId) return `region ${event.regionId}`;
  if (event.kind === 'instance-state-changed' && !STATES_OF_INTEREST.has(event.state)) {
    return `instance is ${event.state}`;
  }
  if (event.kind === 'lifecycle-hook') {
    const isUnproven = event.carrier === 'event-bus' && assume.hookEvents === 'ignore';
    return isUnproven ? 'ess-lifecycle-hook on the event bus' : null;
  }
  const isTooEarly = event.kind === 'system-event' && event.phase === 'planned' && !drainsAhead(maintenance);
  return isTooEarly ? `system event is ${event.status}` : null;
}

/** What an accepted event says about its instance. */
export function newsOfEvent(event: InstanceEvent, maintenance: Maintenance, nowMs: number): News {
  switch (event.kind) {
    case 'instance-state-changed':
      return { kind: 'state', state: event.state };
    case 'instance-interrupted': {
      const deadlineAtMs = (event.atMs ?? nowMs) + SPOT_NOTICE_MS;
      return { kind: 'leave', cause: 'spot-reclaim', ref: null, fromMs: null, deadlineAtMs, untilMs: null };
    }
    case 'system-event': {
      const { eventId: ref, phase, notBeforeMs } = event;
      if (phase === 'over') return { kind: 'return', cause: 'maintenance', ref };
      const fromMs = phase === 'planned' ? drainFromMs(notBeforeMs, maintenance) : null;
      return { kind: 'leave', cause: 'maintenance', ref, fromMs, deadlineAtMs: null, untilMs: null };
    }
  }
}

/** Whether planned system events are drained ahead of at all. */
export function drainsAhead({ drainAheadMs }: Maintenance): boolean {
  return drainAheadMs > 0;
}

/** When the drain ahead of a planned system event begins; `null` = at once, since nobody says when it will be. */
export function drainFromMs(notBeforeMs: number | null, { drainAheadMs }: Maintenance): number | null {
  return notBeforeMs === null ? null : notBeforeMs - drainAheadMs;
}

/** What an accepted message of a lifecycle hook says. */
export function noticeOf(
  {
    scalingGroupId,
    lifecycleHookId,
    lifecycleActionToken,
    scalingActivityId,
    instanceIds,
  }: LifecycleHookReached,
  nowMs: number,
): NoticedHook {
  const token = lifecycleActionToken ?? '';
  return {
    scalingGroupId,
    lifecycleHookId,
    token,
    activityId: scalingActivityId,
    instanceIds,
    noticedAtMs: nowMs,
  };
}
