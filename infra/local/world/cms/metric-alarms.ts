import { closableClock } from '../clock.ts';
import type { Foundation } from '../foundation.ts';
import type { Mns } from '../mns/mns.ts';
import type { Slb } from '../slb/slb.ts';
import { type AlarmLevel, type Comparison, type SlbAlarm, type SlbMetricName, slbAlarm } from './alarm.ts';
import { slbMetric } from './slb-metric.ts';

/** What is to be watched, and who is told. */
export interface MetricAlarmRule {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly loadBalancerId: string;
  readonly listenerPort: number;
  readonly metricName: SlbMetricName;
  readonly threshold: number;
  readonly comparison: Comparison;
  /** A multiple of 60,000. */
  readonly periodMs: number;
  /** Periods in a row before it fires, from 1. */
  readonly times: number;
  /** An alarm that lasts is sent again after this long, in ms. The vendor's default is a day. */
  readonly silenceMs: number;
  /** Default `CRITICAL`. */
  readonly level?: Exclude<AlarmLevel, 'OK'> | undefined;
  /** The queue need not exist yet. */
  readonly target: { readonly queueName: string };
}

/** An alarm that nobody's rule has raised: one that lies, or comes late. */
export interface ForgedAlarm {
  readonly queueName: string;
  readonly loadBalancerId: string;
  readonly listenerPort: number;
  readonly ruleId?: string | undefined;
  readonly ruleName?: string | undefined;
  /** Default `UnhealthyServerCount`. */
  readonly metricName?: SlbMetricName | undefined;
  /** Default 1. */
  readonly value?: number | undefined;
  /** Default `CRITICAL`. */
  readonly curLevel?: AlarmLevel | undefined;
  /** Default `OK`. */
  readonly preLevel?: AlarmLevel | undefined;
  /** What it says of its time; default now. */
  readonly atMs?: number | undefined;
  /** Laid over the body in the end, whatever it makes of it. */
  readonly changes?: Readonly<Record<string, unknown>> | undefined;
}

/** CloudMonitor's alarms about what the health checks of listeners find, to queues. Without rules nothing happens. */
export interface MetricAlarms {
  /**
   * Creates the rule, or replaces one that says something else; the same rule again changes nothing. It is evaluated at
   * the end of each period, beginning with the present one. Throws RangeError for a period, or a number of times, that
   * cannot be.
   */
  putMetricAlarm(rule: MetricAlarmRule): void;
  /** A rule that is none is fine. */
  deleteMetricAlarm(ruleId: string): void;
  metricAlarms(): ReadonlyArray<MetricAlarmRule>;
  /** Puts one alarm on a queue at once. */
  sendAlarm(alarm: ForgedAlarm): void;
  /** Stops the timers; the rules go on when the world is opened again. */
  close(): void;
}

/** A rule and what it has come to. */
interface Watched {
  readonly rule: MetricAlarmRule;
  readonly level: AlarmLevel;
  /** Periods in a row that were over the threshold. */
  readonly breaches: number;
  readonly sentAtMs: number | null;
}

const MINUTE_MS = 60_000;

/** The rules kept in the foundation's store; those of a kept world go on. */
export function createMetricAlarms(
  foundation: Foundation,
  { slb, mns }: { readonly slb: Slb; readonly mns: Mns },
): MetricAlarms {
  const { store, timeline } = foundation;
  const clock = closableClock(foundation.clock);
  const rows = store.collection<Watched>('cms/metric-alarms');
  const timers = new Map<string, () => void>();

  const deliver = (queueName: string, alarm: SlbAlarm, body: object) => {
    const { ruleName, ruleId, curLevel, preLevel, resources } = alarm;
    const details = { queueName, ruleId, curLevel, preLevel, resources };
    const record = (kind: string, text: string) => timeline.record({ source: 'cms', kind, text, details });
    try {
      mns.sendMessage(queueName, { body: JSON.stringify(body) });
      record('alarm-sent', `${ruleName}: ${preLevel} → ${curLevel}, to ${queueName}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      record('alarm-undeliverable', `${ruleName}: ${preLevel} → ${curLevel} is lost: ${reason}`);
    }
  };
  const vipOf = (loadBalancerId: string) => slb.loadBalancers.find(loadBalancerId)?.address ?? '';

  const evaluate = ({ rule, level, breaches, sentAtMs }: Watched): Watched | null => {
    const value = slbMetric(slb, rule);
    // Without a sample nothing is known, and nothing changes.
    if (value === null) return null;
    const nowMs = clock.nowMs();
    const { level: ruleLevel = 'CRITICAL', periodMs } = rule;
    const inARow = compares(value, rule) ? breaches + 1 : 0;
    const hasRecovered = inARow === 0 && level !== 'OK';
    const isFiring = inARow >= rule.times;
    const isDue = level === 'OK' || sentAtMs === null || nowMs - sentAtMs >= rule.silenceMs;
    if (!hasRecovered && !(isFiring && isDue)) return { rule, level, breaches: inARow, sentAtMs };
    const curLevel = isFiring ? ruleLevel : 'OK';
    const alarm = slbAlarm(foundation, {
      ...rule,
      vip: vipOf(rule.loadBalancerId),
      value,
      ruleLevel,
      curLevel,
      preLevel: level,
      atMs: nowMs - periodMs,
      lastedMs: Math.max(inARow, 1) * periodMs,
    });
    deliver(rule.target.queueName, alarm, alarm);
    return { rule, level: curLevel, breaches: inARow, sentAtMs: nowMs };
  };

  const disarm = (ruleId: string) => {
    timers.get(ruleId)?.();
    timers.delete(ruleId);
  };
  const arm = (ruleId: string, periodMs: number) => {
    disarm(ruleId);
    const endMs = (Math.floor(clock.nowMs() / periodMs) + 1) * periodMs;
    const atEnd = () => {
      const watched = rows.get(ruleId);
      if (watched === undefined) return;
      const next = evaluate(watched);
      if (next !== null) rows.set(ruleId, next);
      arm(ruleId, periodMs);
    };
    timers.set(ruleId, clock.at(endMs, atEnd));
  };
  for (const { rule } of rows.values()) arm(rule.ruleId, rule.periodMs);

  return {
    putMetricAlarm(rule) {
      const isWhole = rule.periodMs > 0 && rule.periodMs % MINUTE_MS === 0;
      if (!isWhole) throw new RangeError('the period of an alarm is a multiple of 60,000 ms');
      if (!(rule.times >= 1)) throw new RangeError('an alarm needs at least one period');
      const present = rows.get(rule.ruleId);
      if (JSON.stringify(present?.rule) === JSON.stringify(rule)) return;
      rows.set(rule.ruleId, { rule, level: 'OK', breaches: 0, sentAtMs: null });
      arm(rule.ruleId, rule.periodMs);
    },
    deleteMetricAlarm(ruleId) {
      disarm(ruleId);
      rows.delete(ruleId);
    },
    metricAlarms: () => [...rows.values()].map(({ rule }) => rule),
    sendAlarm({ queueName, loadBalancerId, changes = {}, ...said }) {
      const { metricName = 'UnhealthyServerCount', value = 1, curLevel = 'CRITICAL', preLevel = 'OK' } = said;
      const alarm = slbAlarm(foundation, {
        ruleId: said.ruleId ?? 'forged',
        ruleName: said.ruleName ?? said.ruleId ?? 'forged',
        loadBalancerId,
        listenerPort: said.listenerPort,
        vip: vipOf(loadBalancerId),
        metricName,
        value,
        threshold: 0,
        comparison: 'GreaterThanThreshold',
        times: 1,
        periodMs: MINUTE_MS,
        ruleLevel: ruleLevelOf(curLevel, preLevel),
        curLevel,
        preLevel,
        atMs: said.atMs ?? clock.nowMs(),
        lastedMs: MINUTE_MS,
      });
      deliver(queueName, alarm, { ...alarm, ...changes });
    },
    close: () => clock.close(),
  };
}

function compares(value: number, { comparison, threshold }: MetricAlarmRule): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}

/** Which of a forged alarm's levels the rule would have. */
function ruleLevelOf(curLevel: AlarmLevel, preLevel: AlarmLevel): Exclude<AlarmLevel, 'OK'> {
  if (curLevel !== 'OK') return curLevel;
  return preLevel === 'OK' ? 'CRITICAL' : preLevel;
}
