import type { InstanceStateChange } from '../ecs/instance.ts';
import type { InstanceNotice, NoticeSeries } from '../ecs/notice.ts';
import type { Foundation } from '../foundation.ts';

/**
 * A system event of ECS in CloudMonitor's form; plain JSON data.
 * @see https://www.alibabacloud.com/help/en/ecs/user-guide/instance-event-notification
 */
export interface CloudMonitorEvent {
  readonly ver: '1.0';
  readonly id: string;
  readonly product: 'ECS';
  /** `acs:ecs:{region}:{account}:instance/{id}` */
  readonly resourceId: string;
  readonly level: 'INFO' | 'WARN' | 'CRITICAL';
  /** `Instance:{event}`, with `:{status}` behind it where the event has statuses; that one need not be the newest. */
  readonly name: string;
  readonly userId: string;
  /** `20190409T121826.922+0800` */
  readonly eventTime: string;
  readonly regionId: string;
  readonly content: Readonly<Record<string, unknown>>;
}

type Maker = Pick<Foundation, 'ids' | 'identities' | 'region' | 'switches'>;

/** The event of a state change. */
export function eventOfStateChange(
  foundation: Maker,
  { instanceId, state, atMs }: InstanceStateChange,
): CloudMonitorEvent {
  const content = { resourceId: instanceId, resourceType: 'ALIYUN::ECS::Instance', state };
  return eventAbout(foundation, { instanceId, atMs, level: 'INFO', name: 'StateChange', content });
}

/** The event of an interruption, or of a status of a system event. */
export function eventOfNotice(
  foundation: Maker,
  { instanceId, name, atMs, series, members }: InstanceNotice,
): CloudMonitorEvent {
  const { cmsSystemEventIds, cmsSpotInterruptionLevel } = foundation.switches;
  const common = { instanceId, atMs, content: members };
  if (series === null) return eventAbout(foundation, { ...common, name, level: cmsSpotInterruptionLevel });
  return eventAbout(foundation, {
    ...common,
    ...(cmsSystemEventIds === 'same-for-all-statuses' ? { id: series.id } : {}),
    name: `${name}:${statusInName(foundation, series)}`,
    level: 'CRITICAL',
  });
}

function statusInName({ switches }: Maker, { status, firstStatus }: NoticeSeries): string {
  switch (switches.cmsSystemEventNames) {
    case 'first-status-when-avoided':
      return status === 'Avoided' ? firstStatus : status;
    case 'first-status':
      return firstStatus;
    case 'current-status':
      return status;
  }
}

function eventAbout(
  { ids, identities, region }: Maker,
  said: Pick<CloudMonitorEvent, 'level' | 'name' | 'content'> & {
    readonly instanceId: string;
    readonly atMs: number;
    readonly id?: string;
  },
): CloudMonitorEvent {
  const { id = ids.requestId(), instanceId, atMs, level, name, content } = said;
  const userId = identities.accountId;
  return {
    ver: '1.0',
    id,
    product: 'ECS',
    resourceId: `acs:ecs:${region}:${userId}:instance/${instanceId}`,
    level,
    name: `Instance:${name}`,
    userId,
    eventTime: shanghaiTime(atMs),
    regionId: region,
    content,
  };
}

/** UTC+8, where there is no summer time. */
function shanghaiTime(atMs: number): string {
  const iso = new Date(atMs + 8 * 3_600_000).toISOString();
  return `${iso.slice(0, 23).replaceAll(/[-:]/g, '')}+0800`;
}
