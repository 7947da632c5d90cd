import type { Switches } from '../switches.ts';
import { INSTANCE_STATUSES, type Instance } from './instance.ts';
import type { SystemEventStatus } from './notice.ts';
import { asSeenAt, type VisibleInstance } from './query.ts';
import { ecsRefusals } from './refusals.ts';
import { isMaintenance, type SystemEvent } from './system-event.ts';

/** A span of time; an end that is left out is open. */
export interface TimeRange {
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
}

/** What DescribeInstancesFullStatus selects; a field left out does not filter. */
export interface FullStatusQuery {
  /** At most 100. Unknown ids are left out of the answer. */
  readonly instanceIds?: ReadonlyArray<string> | undefined;
  readonly status?: string | undefined;
  readonly healthStatus?: string | undefined;
  /** At most 100. */
  readonly eventIds?: ReadonlyArray<string> | undefined;
  /** At most 30. */
  readonly eventTypes?: ReadonlyArray<string> | undefined;
  /** No parameter of the API's, which would ignore it: for the world's own use. */
  readonly eventCycleStatuses?: ReadonlyArray<SystemEventStatus> | undefined;
  readonly notBefore?: TimeRange | undefined;
  readonly publishTime?: TimeRange | undefined;
  /** From 1. */
  readonly pageNumber?: number | undefined;
  /** 1–100, default 10. */
  readonly pageSize?: number | undefined;
}

/** How an instance is doing by its system events. */
export type HealthStatus = 'OK' | 'Initializing' | 'Maintaining' | 'Warning' | 'Impaired';

/** An instance with what is ahead of it. */
export interface FullStatus {
  readonly instance: VisibleInstance;
  readonly healthStatus: HealthStatus;
  readonly events: ReadonlyArray<SystemEvent>;
}

/** One page of an answer, in order of the instances' creation. */
export interface FullStatusPage {
  readonly instances: ReadonlyArray<FullStatus>;
  readonly totalCount: number;
  readonly pageNumber: number;
  readonly pageSize: number;
}

/** An answer without instances, as a caller without permission gets. */
export const EMPTY_FULL_STATUS_PAGE: FullStatusPage = {
  instances: [],
  totalCount: 0,
  pageNumber: 1,
  pageSize: 10,
};

const IDS_MAX = 100;
const EVENT_TYPES_MAX = 30;
const PAGE_SIZE_MAX = 100;

/**
 * What DescribeInstancesFullStatus answers for `instances`, in order of creation, with the statuses of `seenAtMs`.
 * `events` are those that are not over.
 * @see https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstancesfullstatus
 */
export function describeFullStatus(
  world: {
    readonly instances: Iterable<Instance>;
    readonly events: ReadonlyArray<SystemEvent>;
    readonly seenAtMs: number;
    readonly switches: Switches;
  },
  query: FullStatusQuery,
): FullStatusPage {
  check(query);
  const { switches, seenAtMs } = world;
  const ids = query.instanceIds === undefined ? null : new Set(query.instanceIds);
  const asksForEvents = isEventFilter(query);
  const selected: Array<FullStatus> = [];
  for (const instance of world.instances) {
    if (ids !== null && !ids.has(instance.instanceId)) continue;
    const visible = asSeenAt(instance, seenAtMs);
    if (visible === null || (query.status !== undefined && query.status !== visible.status)) continue;
    const ahead = world.events.filter(({ instanceId }) => instanceId === instance.instanceId);
    const healthStatus = healthOf(visible, ahead);
    if (query.healthStatus !== undefined && query.healthStatus !== healthStatus) continue;
    const events = ahead.filter((event) => isListed(event, switches) && matches(event, query));
    const isLeftOut = asksForEvents && events.length === 0;
    if (isLeftOut && switches.ecsFullStatusEventFilters === 'instances-too') continue;
    selected.push({ instance: visible, healthStatus, events });
  }
  const { pageNumber = 1, pageSize = 10 } = query;
  const from = (pageNumber - 1) * pageSize;
  return {
    instances: selected.slice(from, from + pageSize),
    totalCount: selected.length,
    pageNumber,
    pageSize,
  };
}

function check(query: FullStatusQuery): void {
  if ((query.instanceIds?.length ?? 0) > IDS_MAX) throw ecsRefusals.tooManyIds('InstanceId', IDS_MAX);
  if ((query.eventIds?.length ?? 0) > IDS_MAX) throw ecsRefusals.tooManyIds('EventId', IDS_MAX);
  const { pageNumber = 1, pageSize = 10, status } = query;
  const isKnownStatus = status === undefined || INSTANCE_STATUSES.some((known) => known === status);
  const isPage = pageNumber >= 1 && pageSize >= 1 && pageSize <= PAGE_SIZE_MAX;
  const areTypesFew = (query.eventTypes?.length ?? 0) <= EVENT_TYPES_MAX;
  if (!isKnownStatus || !isPage || !areTypesFew) throw ecsRefusals.invalidFullStatusParameter();
}

function isEventFilter({
  eventIds,
  eventTypes,
  eventCycleStatuses,
  notBefore,
  publishTime,
}: FullStatusQuery) {
  return [eventIds, eventTypes, eventCycleStatuses, notBefore, publishTime].some(
    (filter) => filter !== undefined,
  );
}

/** The published samples call scheduled maintenance `Maintaining` and a scheduled failure `Warning`. */
function healthOf({ status }: VisibleInstance, events: ReadonlyArray<SystemEvent>): HealthStatus {
  const failures = events.filter(({ eventType }) => !isMaintenance(eventType));
  if (failures.some((event) => event.status === 'Executing')) return 'Impaired';
  if (failures.length > 0) return 'Warning';
  if (events.length > 0) return 'Maintaining';
  return status === 'Pending' ? 'Initializing' : 'OK';
}

function isListed({ status }: SystemEvent, { ecsFullStatusEvents }: Switches): boolean {
  if (ecsFullStatusEvents === 'all-open' || status === 'Scheduled') return true;
  return ecsFullStatusEvents === 'scheduled-and-inquiring' && status === 'Inquiring';
}

function matches(event: SystemEvent, query: FullStatusQuery): boolean {
  const isOneOf = (wanted: ReadonlyArray<string> | undefined, found: string) =>
    wanted === undefined || wanted.includes(found);
  return (
    isOneOf(query.eventIds, event.eventId) &&
    isOneOf(query.eventTypes, event.eventType) &&
    isOneOf(query.eventCycleStatuses, event.status) &&
    isWithin(query.notBefore, event.notBeforeMs) &&
    isWithin(query.publishTime, event.publishedAtMs)
  );
}

/** Answers show whole seconds, so that is what is compared. */
function isWithin({ startMs, endMs }: TimeRange = {}, atMs: number): boolean {
  const secondMs = Math.floor(atMs / 1_000) * 1_000;
  return (startMs === undefined || secondMs >= startMs) && (endMs === undefined || secondMs <= endMs);
}
