import type { Pair } from '../../../../shared/config/pair.ts';
import type { LocalClouds } from '../../clouds.ts';

/** The group that the pair begins with. */
export const FIRST_GROUP = 'rsp-bp1scene000000orders';
const PORT = 3306;
const TAGS = [{ key: 'team', value: 'orders' }];
/** A server is found bad, or good, after two or three seconds, not after fifteen. */
const QUICK_CHECKS = {
  HealthCheckInterval: '1',
  HealthCheckConnectTimeout: '1',
  HealthyThreshold: '2',
  UnhealthyThreshold: '2',
};
/** What a change of the group may cost the first listener. */
const AT_RISK = { HealthCheckType: 'http', HealthCheckDomain: 'db.example', PersistenceTimeout: '300' };

/** Puts the group and the listeners of a pair into the world: the listeners running, the first with more settings than most. */
export function seedPair(
  { slb }: Pick<LocalClouds, 'slb'>,
  { loadBalancerId, listeners }: Pick<Pair, 'loadBalancerId' | 'listeners'>,
  [primaryId, secondaryId]: readonly [string, string],
): void {
  slb.seedLoadBalancer({ loadBalancerId, name: loadBalancerId });
  slb.seedMasterSlaveServerGroup({
    masterSlaveServerGroupId: FIRST_GROUP,
    loadBalancerId,
    name: 'orders',
    backends: [
      { serverId: primaryId, port: PORT, serverType: 'Master' },
      { serverId: secondaryId, port: PORT, serverType: 'Slave' },
    ],
    tags: TAGS,
  });
  listeners.forEach(({ protocol, port }, index) => {
    slb.seedListener({
      loadBalancerId,
      listenerProtocol: protocol,
      listenerPort: port,
      masterSlaveServerGroupId: FIRST_GROUP,
      settings: { ...QUICK_CHECKS, ...(index === 0 ? AT_RISK : {}) },
    });
  });
}
