import * as z from 'zod';
import { isObject, type JsonObject, own } from './json.ts';
import { parseEventTime } from './times.ts';

const TextSchema = z.string().min(1).max(256);
const LoadBalancerIdSchema = z.string().regex(/^lb-[A-Za-z0-9-]{1,60}$/, 'no id of a load balancer');
const PortSchema = z.coerce.number().int().min(1).max(65_535).nullish().catch(null);

/** The namespace of the load balancers' metrics. */
const NAMESPACE = 'acs_slb_dashboard';
/** Metrics that count servers behind a listener; the vendor leaves an `l` out of one. */
const METRICS = /^(?:Unhealthy|Heathy|Healthy)ServerCount(?:WithRule)?(?:#\d+)?$/;

/**
 * What an alarm about unhealthy servers says. It names the listener and never the server, so it says no more than where
 * to look. Whether it fires or is over is not looked at either: levels come late, and their words differ.
 *
 * On MNS, at functions and behind topics (`resources` is JSON inside of JSON):
 *
 * ```json
 * { "ruleId": "slb-unhealthy", "curLevel": "CRITICAL", "preLevel": "OK", "namespace": "acs_slb_dashboard",
 *   "metricName": "UnhealthyServerCount#60", "time": 1779083460000,
 *   "resources": "{\"instanceId\": \"lb-bp1orders0001\", \"port\": \"3306\", \"vip\": \"192.0.2.44\"}" }
 * ```
 *
 * and the fields of a web hook (`dimensions` is a map as Java prints it, or JSON):
 *
 * ```json
 * { "ruleId": "slb-unhealthy", "alertState": "ALERT", "namespace": "acs_slb_dashboard", "metricName": "UnhealthyServerCount",
 *   "dimensions": "{userId=1234567890123456, instanceId=lb-bp1orders0001, port=3306}", "timestamp": "1779083460" }
 * ```
 *
 * @see https://www.alibabacloud.com/help/en/cms/user-guide/write-alerts-to-message-service
 */
export const CloudMonitorAlarmSchema = z.object({
  ruleId: TextSchema,
  /** `CRITICAL`, `OK`; or the state of a web hook. */
  level: TextSchema,
  loadBalancerId: LoadBalancerIdSchema,
  /** `null` = of the load balancer as a whole. */
  listenerPort: PortSchema.transform((port) => port ?? null),
  atMs: z.unknown().transform(parseAlarmTime),
});

/** An alarm, whatever it was carried as. */
export type CloudMonitorAlarm = z.infer<typeof CloudMonitorAlarmSchema>;

/** What an alarm about the servers of a load balancer says, to be read with the schema; `null` = the content is none. */
export function alarmOfContent(content: JsonObject): JsonObject | null {
  const metric = own(content, 'metricName');
  const namespace = own(content, 'namespace');
  if (namespace !== NAMESPACE || typeof metric !== 'string' || !METRICS.test(metric)) return null;
  const level = own(content, 'curLevel') ?? own(content, 'alertState');
  if (typeof level !== 'string') return null;
  const dimensions = dimensionsOf(content);
  return {
    ruleId: own(content, 'ruleId'),
    level,
    loadBalancerId: dimensions.instanceId,
    listenerPort: dimensions.port,
    atMs: own(content, 'time') ?? own(content, 'timestamp'),
  };
}

interface Dimensions {
  readonly instanceId: unknown;
  readonly port: unknown;
}

/** The resource as the carriers have it: JSON in a text, JSON, a list of one, or a map as Java prints it. */
function dimensionsOf(content: JsonObject): Dimensions {
  const said = own(content, 'resources') ?? own(content, 'dimensions') ?? own(content, 'metricData');
  const read = typeof said === 'string' ? readText(said) : said;
  const first = Array.isArray(read) ? read[0] : read;
  if (!isObject(first)) return { instanceId: undefined, port: undefined };
  return { instanceId: own(first, 'instanceId'), port: own(first, 'port') };
}

function readText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return javaMap(text);
  }
}

/** `{userId=12, instanceId=lb-1, port=80}` */
function javaMap(text: string): unknown {
  const inner = /^\{(.*)\}$/s.exec(text.trim())?.[1];
  if (inner === undefined) return null;
  const found: Record<string, string> = Object.create(null);
  for (const part of inner.split(',').slice(0, 20)) {
    const [name = '', ...value] = part.split('=');
    found[name.trim()] = value.join('=').trim();
  }
  return found;
}

const SECONDS_MAX = 100_000_000_000;

/** Milliseconds on MNS, seconds as a text at a web hook. */
function parseAlarmTime(time: unknown): number | null {
  const number = typeof time === 'string' && /^\d{1,15}$/.test(time) ? Number(time) : time;
  if (typeof number === 'number' && Number.isFinite(number)) {
    return number < SECONDS_MAX ? number * 1_000 : number;
  }
  return parseEventTime(time);
}
