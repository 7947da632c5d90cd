import { CloudEventSchema } from './cloud-event.ts';
import { CloudMonitorEventSchema } from './cloudmonitor-event.ts';
import { eventKey } from './event-key.ts';
import type { JsonObject } from './json.ts';
import { faultsOf } from './schema-faults.ts';
import { parseEventTime } from './times.ts';

/** What lies around an event, the same for both senders. */
export interface Envelope {
  /** `ecs:Instance:StateChange`; from CloudMonitor with its product in front, and maybe a status behind. */
  readonly type: string;
  /** `null` when the envelope does not identify its event. */
  readonly ownKey: string | null;
  /** What is hashed: what the event says, without the delivery attributes that a resend may change. */
  readonly said: unknown;
  readonly payload: unknown;
  readonly atMs: number | null;
  readonly regionId: string | null;
}

/** The envelope, or in words why it is none. */
export type EnvelopeResult = Envelope | string;

/** Reads the envelope of an event of the bus. */
export function readCloudEvent(content: JsonObject): EnvelopeResult {
  const parsed = CloudEventSchema.safeParse(content);
  if (!parsed.success) return faultsOf('CloudEvent', parsed.error);
  const { type, id, source, data, time, aliyunpublishtime, aliyunregionid } = parsed.data;
  return {
    type,
    ownKey: id === undefined || source === undefined ? null : eventKey('event', source, id),
    said: { type, data },
    payload: data,
    atMs: parseEventTime(time) ?? parseEventTime(aliyunpublishtime),
    regionId: regionOf(aliyunregionid),
  };
}

/** Reads the envelope of an event that CloudMonitor sends. */
export function readCloudMonitorEvent(content: JsonObject): EnvelopeResult {
  const parsed = CloudMonitorEventSchema.safeParse(content);
  if (!parsed.success) return faultsOf('CloudMonitor event', parsed.error);
  const { product, name, id, content: payload, eventTime, regionId } = parsed.data;
  return {
    type: `${product.toLowerCase()}:${name}`,
    ownKey: id === undefined ? null : eventKey('cloudmonitor', id),
    said: { name, content: payload },
    payload,
    atMs: parseEventTime(eventTime),
    regionId: regionOf(regionId),
  };
}

/** A region's id, or `null` for what is none. */
export function regionOf(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value) ? value : null;
}
