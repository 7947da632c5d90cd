import type { Foundation } from '../foundation.ts';

/** What a rule's value has come to; `OK` = nothing is wrong, or not any more. */
export type AlarmLevel = 'OK' | 'INFO' | 'WARN' | 'CRITICAL';

/** Metrics of a listener that CloudMonitor has under `acs_slb_dashboard`; the one is misspelt there. */
export type SlbMetricName = 'UnhealthyServerCount' | 'HeathyServerCount';

/** How a value is compared with the threshold of a rule, in CloudMonitor's words. */
export type Comparison =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/**
 * A metric alarm about a listener as CloudMonitor puts it on a queue; plain JSON data. What has happened stands in
 * `curLevel` and `preLevel` alone: the published sample of an alarm that fires has the `eventName` AlertOk.
 *
 * @see https://github.com/AlibabaCloudDocs/cms, "Write alerts to MNS"
 */
export interface SlbAlarm {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly curLevel: AlarmLevel;
  readonly preLevel: AlarmLevel;
  /** JSON inside JSON: `{"instanceId": "lb-…", "port": "80", "vip": "…"}`. */
  readonly resources: string;
  readonly escalation: {
    readonly comparisonOperator: Comparison;
    /** 2 = CRITICAL, 3 = WARN, 4 = INFO. */
    readonly level: number;
    readonly statistics: 'Maximum';
    readonly tag: AlarmLevel;
    readonly threshold: string;
    readonly times: number;
  };
  readonly metricData: {
    readonly timestamp: number;
    readonly userId: string;
    readonly instanceId: string;
    readonly port: string;
    readonly vip: string;
    readonly Average: number;
    readonly Maximum: number;
    readonly Minimum: number;
  };
  /** With the period in seconds behind it, `UnhealthyServerCount#60`. */
  readonly metricName: string;
  readonly namespace: 'acs_slb_dashboard';
  /** In seconds. */
  readonly period: string;
  readonly groupBy: string;
  readonly productGroupName: string;
  readonly groupId: string;
  /** How long it has been like this, in ms. */
  readonly lastTime: number;
  /** The beginning of the period that it is about, in ms. */
  readonly time: number;
  readonly userId: string;
  readonly eventName: string;
  readonly eventType: 'Alert';
  readonly batchId: string;
  readonly version: '1.0';
}

/** What of an alarm differs from one to the next. */
export interface SlbAlarmFacts {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly loadBalancerId: string;
  readonly listenerPort: number;
  /** The load balancer's address. */
  readonly vip: string;
  readonly metricName: SlbMetricName;
  readonly value: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly times: number;
  readonly periodMs: number;
  /** The level of the rule, whether it has come to it or not. */
  readonly ruleLevel: Exclude<AlarmLevel, 'OK'>;
  readonly curLevel: AlarmLevel;
  readonly preLevel: AlarmLevel;
  /** The beginning of the period. */
  readonly atMs: number;
  readonly lastedMs: number;
}

const ESCALATION_LEVELS = { CRITICAL: 2, WARN: 3, INFO: 4 } as const;

/** The alarm in CloudMonitor's form. */
export function slbAlarm(
  foundation: Pick<Foundation, 'identities' | 'random' | 'switches'>,
  facts: SlbAlarmFacts,
): SlbAlarm {
  const userId = foundation.identities.accountId;
  const dimensions = {
    instanceId: facts.loadBalancerId,
    port: String(facts.listenerPort),
    vip: facts.vip,
  };
  const periodSeconds = facts.periodMs / 1_000;
  const batch = 1_000_000 + Math.floor(foundation.random() * 9_000_000);
  return {
    ruleId: facts.ruleId,
    ruleName: facts.ruleName,
    curLevel: facts.curLevel,
    preLevel: facts.preLevel,
    resources: spacedJson(dimensions),
    escalation: {
      comparisonOperator: facts.comparison,
      level: ESCALATION_LEVELS[facts.ruleLevel],
      statistics: 'Maximum',
      tag: facts.ruleLevel,
      threshold: String(facts.threshold),
      times: facts.times,
    },
    metricData: {
      timestamp: facts.atMs,
      userId,
      ...dimensions,
      Average: facts.value,
      Maximum: facts.value,
      Minimum: facts.value,
    },
    metricName: `${facts.metricName}#${periodSeconds}`,
    namespace: 'acs_slb_dashboard',
    period: String(periodSeconds),
    groupBy: '',
    productGroupName: '',
    groupId: '',
    lastTime: facts.lastedMs,
    time: facts.atMs,
    userId,
    eventName: eventNameOf(foundation, facts.curLevel),
    eventType: 'Alert',
    batchId: `${batch}-${Math.floor(facts.atMs / 10)}-0`,
    version: '1.0',
  };
}

function eventNameOf({ switches }: Pick<Foundation, 'switches'>, level: AlarmLevel): string {
  if (switches.cmsAlarmEventName === 'always-AlertOk') return 'AlertOk';
  return `Alert${level.charAt(0)}${level.slice(1).toLowerCase()}`;
}

/** With the spaces that the samples have. */
function spacedJson(object: Readonly<Record<string, string>>): string {
  const members = Object.entries(object).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return `{${members.join(', ')}}`;
}
