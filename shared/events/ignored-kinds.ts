import { type JsonObject, own } from './json.ts';

/**
 * The kind of an event type that is not acted on, for the count of ignored events: from EventBridge's `type`
 * (`ecs:Disk:…`) or CloudMonitor's `name` behind its product (`rds:Instance:…`).
 */
export function ignoredEventType(type: string): string {
  if (type === 'ess:LifecycleHook:Test') return 'ess-lifecycle-hook-test';
  return `other event ${cleaned(type)}`;
}

/** What a stranger's word may have in logs and metrics: 100 characters of those that types and names consist of. */
export function cleaned(word: string): string {
  return word.slice(0, 100).replaceAll(/[^\w:.[\]-]/g, '?');
}

/**
 * The kind of a message without envelope that is known and not acted on; `null` when its shape is none of these.
 *
 * - `cloudmonitor-alarm`: `ruleId`, `curLevel`, `metricName`, as CloudMonitor puts it on MNS, of other metrics than the
 *   health of servers behind a listener;
 * - `cloudmonitor-alarm-webhook`: the fields `alertState` and `metricName` of its form post.
 */
export function ignoredContent(content: JsonObject): string | null {
  if (hasTexts(content, 'ruleId', 'curLevel', 'metricName')) return 'cloudmonitor-alarm';
  if (hasTexts(content, 'alertState', 'metricName')) return 'cloudmonitor-alarm-webhook';
  return null;
}

function hasTexts(object: JsonObject, ...names: ReadonlyArray<string>): boolean {
  return names.every((name) => typeof own(object, name) === 'string');
}
