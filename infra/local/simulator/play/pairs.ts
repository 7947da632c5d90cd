import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import type { Config } from '../../../../shared/config/load.ts';
import type { MemoryClouds } from '../../memory/clouds.ts';
import type { DayPair } from '../pair.ts';
import type { Trace } from './trace.ts';

/** What setting pairs needs. */
export interface PairSetting {
  readonly clouds: MemoryClouds;
  readonly config: Config;
  readonly trace: Trace;
  /** The id of an instance of the day; `null` = it was never started. */
  readonly find: (name: string) => string | null;
  /** `sinceBeginMs`: ms after the day's beginning. */
  readonly at: (sinceBeginMs: number, run: () => void) => void;
}

/** Puts the day's pairs into the world, each in its time: group, listeners and the rules of their alarms. */
export function setPairs(setting: PairSetting, pairs: ReadonlyArray<DayPair>): void {
  if (pairs.length === 0) return;
  const { clouds, config, trace, at } = setting;
  for (const pair of pairs) {
    const named = config.pairs.find(({ name }) => name === pair.name);
    if (named === undefined) continue;
    clouds.slb.seedLoadBalancer({ loadBalancerId: named.loadBalancerId });
    at(pair.atMs, () => setPair(setting, pair, named.loadBalancerId));
  }
  clouds.foundation.timeline.onEntry(({ source, kind, text }) => {
    if (source === 'cms' || kind === 'listener-moved' || kind.startsWith('master-slave-')) {
      trace.note(source, () => `${kind}: ${text}`);
    }
  });
}

function setPair({ clouds, find, trace }: PairSetting, pair: DayPair, loadBalancerId: string): void {
  const { slb, metricAlarms } = clouds;
  const [primaryId, secondaryId] = [find(pair.primary), find(pair.secondary)];
  // Their start was taken out of the day.
  if (primaryId === null || secondaryId === null) return;
  const { groupId, port, name } = pair;
  slb.seedMasterSlaveServerGroup({
    masterSlaveServerGroupId: groupId,
    loadBalancerId,
    name,
    backends: [
      { serverId: primaryId, port, serverType: 'Master' },
      { serverId: secondaryId, port, serverType: 'Slave' },
    ],
  });
  for (const { protocol, port: listenerPort, settings } of pair.listeners) {
    const address = { loadBalancerId, listenerProtocol: protocol, listenerPort };
    slb.seedListener({ ...address, masterSlaveServerGroupId: groupId, settings });
    if (pair.alarm === null) continue;
    const ruleId = `unhealthy-${name}-${listenerPort}`;
    metricAlarms.putMetricAlarm({
      ruleId,
      ruleName: ruleId,
      loadBalancerId,
      listenerPort,
      metricName: 'UnhealthyServerCount',
      threshold: 0,
      comparison: 'GreaterThanThreshold',
      ...pair.alarm,
      target: { queueName: QUEUES.instanceEvents },
    });
  }
  trace.note('world', () => `the pair ${name} is there: ${primaryId} > ${secondaryId}`);
}
