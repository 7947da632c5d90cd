import type { InstanceNotice, SystemEventStatus } from './notice.ts';

/** What the execution of a system event does to the instance; `disk` = nothing, unless a switch says otherwise. */
export type SystemEventEffect = 'reboot' | 'redeploy' | 'stop' | 'release' | 'disk';

interface SystemEventKind {
  readonly effect: SystemEventEffect;
  readonly statuses: ReadonlyArray<SystemEventStatus>;
}

const PLANNED = ['Executing', 'Executed', 'Avoided', 'Canceled'] as const;

/**
 * The system events of instances with the statuses that CloudMonitor lists for them.
 * @see https://www.alibabacloud.com/help/en/ecs/user-guide/overview-35
 */
export const SYSTEM_EVENTS = {
  'InstanceFailure.Reboot': { effect: 'reboot', statuses: ['Executing', 'Executed'] },
  'SystemFailure.Reboot': { effect: 'reboot', statuses: ['Executing', 'Executed', 'Failed'] },
  'SystemFailure.Redeploy': { effect: 'redeploy', statuses: ['Scheduled', ...PLANNED] },
  'SystemFailure.Stop': { effect: 'stop', statuses: ['Executing', 'Executed'] },
  'SystemFailure.Delete': { effect: 'release', statuses: ['Executing', 'Executed', 'Avoided'] },
  'SystemMaintenance.Reboot': {
    effect: 'reboot',
    statuses: ['Scheduled', 'Inquiring', ...PLANNED, 'Failed'],
  },
  'SystemMaintenance.Redeploy': { effect: 'redeploy', statuses: ['Scheduled', 'Inquiring', ...PLANNED] },
  'SystemMaintenance.Stop': { effect: 'stop', statuses: ['Scheduled', ...PLANNED, 'Failed'] },
  'SystemMaintenance.RebootAndIsolateErrorDisk': { effect: 'reboot', statuses: ['Inquiring', ...PLANNED] },
  'SystemMaintenance.RebootAndReInitErrorDisk': { effect: 'reboot', statuses: ['Inquiring', ...PLANNED] },
  'SystemMaintenance.IsolateErrorDisk': { effect: 'disk', statuses: ['Inquiring', ...PLANNED, 'Failed'] },
  'SystemMaintenance.ReInitErrorDisk': { effect: 'disk', statuses: ['Inquiring', ...PLANNED, 'Failed'] },
} as const satisfies Record<string, SystemEventKind>;

/** @see SYSTEM_EVENTS */
export type SystemEventType = keyof typeof SYSTEM_EVENTS;

/** Whether there is a system event of that type. */
export function isSystemEventType(type: string): type is SystemEventType {
  return Object.hasOwn(SYSTEM_EVENTS, type);
}

/** Whether an event of the type can get into the status. */
export function canBe(type: SystemEventType, status: SystemEventStatus): boolean {
  return SYSTEM_EVENTS[type].statuses.some((listed) => listed === status);
}

/** A system event that is not over, as the world keeps it. */
export interface SystemEvent {
  /** `e-bp1…` */
  readonly eventId: string;
  readonly instanceId: string;
  readonly eventType: SystemEventType;
  readonly status: SystemEventStatus;
  readonly firstStatus: SystemEventStatus;
  /** When it became known. */
  readonly publishedAtMs: number;
  readonly notBeforeMs: number;
  /** `null` = its execution has not begun. */
  readonly executionStartedAtMs: number | null;
  /** Its execution will fail. */
  readonly isFailing: boolean;
  readonly seriesId: string;
}

/** What ECS says when the event has got into its status at `atMs`. */
export function noticeOf(event: SystemEvent, atMs: number): InstanceNotice {
  const { eventId, instanceId, eventType, status, firstStatus, seriesId: id } = event;
  return {
    instanceId,
    name: eventType,
    atMs,
    series: { id, firstStatus, status },
    members: {
      eventId,
      publishTime: wholeSeconds(event.publishedAtMs),
      // Documented for maintenance alone, even where a failure is scheduled.
      ...(isMaintenance(eventType) ? { notBefore: wholeSeconds(event.notBeforeMs) } : {}),
      instanceId,
      eventType,
      eventStatus: status,
      ...executionTimes(event, atMs),
    },
  };
}

/** Whether it is planned work of the cloud's, no failure. */
export function isMaintenance(type: SystemEventType): boolean {
  return type.startsWith('SystemMaintenance.');
}

/** Documented for Executing, Executed, Canceled and Avoided; an event without execution has one instant for both. */
function executionTimes({ status, executionStartedAtMs }: SystemEvent, atMs: number): Record<string, string> {
  if (status === 'Scheduled' || status === 'Inquiring' || status === 'Failed') return {};
  const executeStartTime = wholeSeconds(executionStartedAtMs ?? atMs);
  return status === 'Executing'
    ? { executeStartTime }
    : { executeStartTime, executeFinishTime: wholeSeconds(atMs) };
}

function wholeSeconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
