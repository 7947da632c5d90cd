import { checkedMasterSlaveGroup } from './checked-group.ts';
import type { Health } from './health.ts';
import type { ListenerAddress, Listeners } from './listeners.ts';
import type { MasterSlaveRole } from './master-slave-model.ts';
import type { MasterSlaveStore } from './master-slave-store.ts';

/** Where a listener with a primary/secondary group sends its connections. */
export interface ServingMember {
  readonly serverId: string;
  readonly port: number;
  readonly role: MasterSlaveRole;
}

/**
 * CLB's own failover, as a function of time alone: the primary serves unless the listener's check has found it abnormal;
 * then the secondary does, alive or not since nobody checks it, until the primary is normal again. Without a check the
 * primary always serves. Weights play no part: what they mean here is not documented.
 *
 * @see https://help.aliyun.com/en/slb/classic-load-balancer/user-guide/backend-server-overview
 */
export function createFailover(deps: {
  readonly listeners: Listeners;
  readonly pairs: MasterSlaveStore;
  readonly health: Health;
}): (address: ListenerAddress) => ServingMember | null {
  const { listeners, pairs, health } = deps;
  return (address) => {
    const listener = listeners.find(address);
    if (listener?.status !== 'running' || !listener.masterSlaveServerGroupId) return null;
    const pair = pairs.find(listener.masterSlaveServerGroupId);
    if (pair === null) return null;
    const { members } = checkedMasterSlaveGroup(pair);
    const primary = members.find(({ isSecondary }) => !isSecondary);
    const hasFailed =
      primary === undefined ||
      (listener.settings.HealthCheck === 'on' &&
        health.check(listener, pair.masterSlaveServerGroupId, primary) === 'abnormal');
    const secondary = members.find(({ isSecondary }) => isSecondary);
    // A released server may have dropped out: then the other one has no stand-in.
    const serving = hasFailed ? (secondary ?? primary) : primary;
    if (serving === undefined) return null;
    const { serverId, port } = serving.backend;
    return { serverId, port, role: serving.isSecondary ? 'Slave' : 'Master' };
  };
}
