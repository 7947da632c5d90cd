import type { InstanceNotice } from '../ecs/notice.ts';
import type { Foundation } from '../foundation.ts';

/** An event in EventBridge's envelope (CloudEvents 1.0 with `aliyun…` extensions); plain JSON data. */
export interface CloudEvent {
  /** Together with `source` the event's identity: equal pairs are the same event. */
  readonly id: string;
  readonly source: string;
  readonly specversion: '1.0';
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}

/**
 * The two published looks of an envelope: `local-time` with a subject, `…+08:00` and a publish time that ends in
 * `PRC`; `utc-time` with `Z` times, `datacontenttype` and no subject.
 */
export type EnvelopeVariant = 'local-time' | 'utc-time';

/** An ECS instance that changed its state. */
export interface InstanceChange {
  readonly instanceId: string;
  /** `Running`, `Stopping`, `Deleted`, …: the word of the event, not of DescribeInstances. */
  readonly state: string;
  readonly atMs: number;
}

/** Something that happened to a scaling group. */
export interface ScalingGroupEvent {
  readonly scalingGroupId: string;
  /** `ess:LifecycleHook:ScaleIn`. */
  readonly type: string;
  readonly data: CloudEvent['data'];
  readonly atMs: number;
}

const PUBLISH_ADDRESS = '172.25.0.1';

/**
 * An event id in the shape of a UUID. It starts with the time, so that a world that is opened again on its folder with
 * the same seed never gives out an id twice.
 */
export function newEventId({ clock, ids }: Pick<Foundation, 'clock' | 'ids'>): string {
  const time = clock.nowMs().toString(16).padStart(12, '0');
  const random = ids.hex(19).toLowerCase();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

/** What events of ECS are made with. */
type Maker = Pick<Foundation, 'clock' | 'ids' | 'random' | 'region' | 'identities'>;

/** The `ecs:Instance:StateChange` event of the default bus. */
export function cloudEventForInstance(
  foundation: Maker,
  change: InstanceChange,
  variant: EnvelopeVariant = 'local-time',
): CloudEvent {
  const { instanceId: resourceId, state, atMs } = change;
  const data = { resourceId, resourceType: 'ALIYUN::ECS::Instance', state };
  return ecsEvent(foundation, { id: null, name: 'StateChange', atMs, data }, variant);
}

/** The default bus's event of an interruption or of a status of a system event; the type names no status. */
export function cloudEventForNotice(
  foundation: Maker & Pick<Foundation, 'switches'>,
  { name, atMs, series, members }: InstanceNotice,
  variant: EnvelopeVariant = 'local-time',
): CloudEvent {
  const isShared = foundation.switches.ecsSystemEventIds === 'same-for-all-statuses';
  const id = isShared && series !== null ? series.id.toLowerCase() : null;
  return ecsEvent(foundation, { id, name, atMs, data: members }, variant);
}

/** An event of Auto Scaling on the default bus. */
export function cloudEventForScalingGroup(
  foundation: Maker,
  { scalingGroupId, type, data, atMs }: ScalingGroupEvent,
  variant: EnvelopeVariant = 'local-time',
): CloudEvent {
  const { identities, region } = foundation;
  const subject = `acs:ess:${region}:${identities.accountId}:scalinggroup/${scalingGroupId}`;
  return cloudEvent(foundation, variant, { id: null, source: 'acs.ess', subject, type, atMs, data });
}

function ecsEvent(
  foundation: Maker,
  { id, name, atMs, data }: Pick<About, 'id' | 'atMs' | 'data'> & { readonly name: string },
  variant: EnvelopeVariant,
): CloudEvent {
  const { identities, random, region } = foundation;
  // The last part of the subject is some number of the producer's, not the instance.
  const subject = `acs.ecs:${region}:${identities.accountId}:${100_000 + Math.floor(random() * 900_000)}`;
  return cloudEvent(foundation, variant, {
    id,
    source: 'acs.ecs',
    subject,
    type: `ecs:Instance:${name}`,
    atMs,
    data,
  });
}

/** What an event is about, without what every event carries. */
interface About extends Pick<CloudEvent, 'source' | 'type' | 'data'> {
  /** `null` = one of its own. */
  readonly id: string | null;
  readonly subject: string;
  readonly atMs: number;
}

function cloudEvent(
  foundation: Maker,
  variant: EnvelopeVariant,
  { id, source, subject, type, atMs, data }: About,
): CloudEvent {
  const { clock, identities, region } = foundation;
  const account = identities.accountId;
  const isLocal = variant === 'local-time';
  return {
    id: id ?? newEventId(foundation),
    source,
    specversion: '1.0',
    ...(isLocal ? { subject } : { datacontenttype: 'application/json;charset=utf-8' }),
    time: isLocal ? `${shanghai(atMs).slice(0, 19)}+08:00` : `${utc(atMs).slice(0, 19)}Z`,
    type,
    aliyunaccountid: account,
    aliyunpublishtime: isLocal ? `${shanghai(clock.nowMs()).slice(0, 23)}PRC` : utc(clock.nowMs()),
    ...(isLocal ? {} : { aliyunoriginalaccountid: account }),
    aliyuneventbusname: 'default',
    aliyunregionid: region,
    aliyunpublishaddr: PUBLISH_ADDRESS,
    data,
  };
}

/** The event around one message of a queue, as an event stream to a function delivers it. */
export function cloudEventForMessage(
  foundation: Pick<Foundation, 'clock' | 'region' | 'identities'>,
  message: {
    id: string;
    streamName: string;
    queueName: string;
    requestId: string;
    messageId: string;
    messageBody: string;
    enqueuedAtMs: number;
  },
): CloudEvent {
  const { clock, identities, region } = foundation;
  const account = identities.accountId;
  const source = `MNS-Function-${message.streamName}`;
  return {
    id: message.id,
    source,
    specversion: '1.0',
    type: 'mns:Queue:SendMessage',
    datacontenttype: 'application/json; charset=utf-8',
    subject: `acs:mns:${region}:${account}:queues/${message.queueName}`,
    time: utc(message.enqueuedAtMs),
    aliyunaccountid: account,
    aliyunpublishtime: utc(clock.nowMs()),
    aliyunoriginalaccountid: account,
    aliyuneventbusname: source,
    aliyunregionid: region,
    aliyunpublishaddr: PUBLISH_ADDRESS,
    data: {
      requestId: message.requestId,
      messageId: message.messageId,
      messageBody: message.messageBody,
    },
  };
}

function utc(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** The wall clock at UTC+8, where there is no summer time; without its offset. */
function shanghai(atMs: number): string {
  return utc(atMs + 8 * 3_600_000);
}
