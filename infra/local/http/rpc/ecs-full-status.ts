import { z } from 'zod';
import type { FullStatus, FullStatusPage, FullStatusQuery } from '../../world/ecs/full-status.ts';
import type { SystemEvent } from '../../world/ecs/system-event.ts';
import { integer, secondsTime, text } from './wire.ts';

const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .transform((value) => Date.parse(value))
  .pipe(z.number());

const timeRange = z
  .object({ Start: instant.optional(), End: instant.optional() })
  .transform(({ Start, End }) => ({ startMs: Start, endMs: End }));

/** What DescribeInstancesFullStatus is given. */
export const fullStatusParameters = z
  .object({
    RegionId: text,
    InstanceId: z.array(text).optional(),
    Status: text.optional(),
    HealthStatus: text.optional(),
    EventId: z.array(text).optional(),
    EventType: text.optional(),
    InstanceEventType: z.array(text).optional(),
    NotBefore: timeRange.optional(),
    EventPublishTime: timeRange.optional(),
    PageNumber: integer.optional(),
    PageSize: integer.optional(),
  })
  .transform(
    (wire): FullStatusQuery => ({
      instanceIds: wire.InstanceId,
      status: wire.Status,
      healthStatus: wire.HealthStatus,
      eventIds: wire.EventId,
      // Documented: EventType counts only where no InstanceEventType.N is given.
      eventTypes: wire.InstanceEventType ?? (wire.EventType === undefined ? undefined : [wire.EventType]),
      notBefore: wire.NotBefore,
      publishTime: wire.EventPublishTime,
      pageNumber: wire.PageNumber,
      pageSize: wire.PageSize,
    }),
  );

/** DescribeInstancesFullStatus. */
export function fullStatusesDescribed(page: FullStatusPage): object {
  return {
    InstanceFullStatusSet: { InstanceFullStatusType: page.instances.map(wireFullStatus) },
    TotalCount: page.totalCount,
    PageNumber: page.pageNumber,
    PageSize: page.pageSize,
  };
}

function wireFullStatus({ instance, healthStatus, events }: FullStatus): object {
  return {
    InstanceId: instance.instanceId,
    Status: coded(instance.status),
    HealthStatus: coded(healthStatus),
    ScheduledSystemEventSet: { ScheduledSystemEventType: events.map(wireEvent) },
  };
}

function wireEvent(event: SystemEvent): object {
  return {
    EventId: event.eventId,
    EventType: coded(event.eventType),
    EventCycleStatus: coded(event.status),
    NotBefore: secondsTime(event.notBeforeMs),
    EventPublishTime: secondsTime(event.publishedAtMs),
    ImpactLevel: '',
    Reason: '',
  };
}

/** The codes of published samples. There is no list of them, so the others are left out: names are what counts. */
const CODES: Readonly<Record<string, number>> = {
  Running: 1,
  OK: 0,
  Maintaining: 0,
  Warning: 64,
  Scheduled: 24,
  'SystemMaintenance.Reboot': 1,
  'SystemFailure.Reboot': 65,
};

function coded(name: string): object {
  const code = CODES[name];
  return code === undefined ? { Name: name } : { Code: code, Name: name };
}
