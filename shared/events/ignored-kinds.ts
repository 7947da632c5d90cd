import { isObject, type JsonObject, own } from './json.ts';

/**
 * The kind of an event type that is not acted on, for the count of ignored events: from EventBridge's `type`
 * (`ecs:Instance:SystemFailure.Reboot`) or CloudMonitor's `name` behind its product (`ecs:Instance:…:Executing`).
 */
export function ignoredEventType(type: string): string {
  if (type.startsWith('ecs:Instance:PreemptibleInstanceInterruption')) return 'ecs-spot-interruption';
  if (/^ecs:Instance:(?:SystemMaintenance|SystemFailure|InstanceFailure)\./.test(type))
    return 'ecs-system-event';
  if (type === 'ess:LifecycleHook:Test') return 'ess-lifecycle-hook-test';
  if (type.startsWith('ess:LifecycleHook:')) return 'ess-lifecycle-hook';
  // The type lands in logs and metrics, so only what a type may consist of stays of it.
  return `other event ${type.slice(0, 100).replaceAll(/[^\w:.[\]-]/g, '?')}`;
}

/**
 * The kind of a message without envelope that is known and not acted on; `null` when its shape is none of these.
 *
 * - `ess-lifecycle-hook`: `content.lifecycleHookId` and the token, as Auto Scaling puts it on MNS;
 * - `cloudmonitor-alarm`: `ruleId`, `curLevel`, `metricName`, as CloudMonitor puts it on MNS;
 * - `cloudmonitor-alarm-webhook`: the fields `alertState` and `metricName` of its form post.
 *
 * @see https://www.alibabacloud.com/help/en/auto-scaling/user-guide/lifecycle-hooks
 */
export function ignoredContent(content: JsonObject): string | null {
  const inner = own(content, 'content');
  const isHook = isObject(inner) && hasTexts(inner, 'lifecycleHookId', 'lifecycleActionToken');
  if (isHook) return 'ess-lifecycle-hook';
  if (hasTexts(content, 'ruleId', 'curLevel', 'metricName')) return 'cloudmonitor-alarm';
  if (hasTexts(content, 'alertState', 'metricName')) return 'cloudmonitor-alarm-webhook';
  return null;
}

function hasTexts(object: JsonObject, ...names: ReadonlyArray<string>): boolean {
  return names.every((name) => typeof own(object, name) === 'string');
}
