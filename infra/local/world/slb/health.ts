import type { Foundation } from '../foundation.ts';
import type { GroupStore } from './group-store.ts';
import type { Listeners } from './listeners.ts';
import type { LoadBalancers } from './load-balancers.ts';
import type {
  BackendHealth,
  BackendServer,
  InstanceDirectory,
  Listener,
  ListenerProtocol,
  ServerHealthStatus,
  VServerGroup,
} from './model.ts';
import { slbRefusals } from './refusals.ts';

/** Whose health a scene sets; what is left out means all of the server's. */
export interface HealthTarget {
  readonly serverId: string;
  readonly port?: number | undefined;
  readonly vServerGroupId?: string | undefined;
}

/** What the health checks say. */
export interface Health {
  /** Fixes what the checks find, until set to `null` again. The most precise target counts. */
  set(target: HealthTarget, status: ServerHealthStatus | null): void;
  /** What the checks find for a backend: what was set, else normal while its instance is Running. */
  check(group: VServerGroup, backend: BackendServer): ServerHealthStatus;
  /** DescribeHealthStatus: of one listener, or of all that have a check. */
  describe(query: {
    readonly loadBalancerId: string;
    readonly listenerPort?: number | undefined;
    readonly listenerProtocol?: ListenerProtocol | undefined;
  }): ReadonlyArray<BackendHealth>;
}

/** Health from the instances' states and what scenes set. */
export function createHealth(
  foundation: Foundation,
  deps: {
    readonly ecs: InstanceDirectory;
    readonly groups: GroupStore;
    readonly listeners: Listeners;
    readonly loadBalancers: LoadBalancers;
  },
): Health {
  const { ecs, groups, listeners, loadBalancers } = deps;
  const { slbHealthAtWeightZero } = foundation.switches;
  const rows = foundation.store.collection<ServerHealthStatus>('slb/health');
  const keyOf = (serverId: string, port: number | undefined, vServerGroupId: string | undefined) =>
    [serverId, port ?? '*', vServerGroupId ?? '*'].join(' ');

  const check: Health['check'] = ({ vServerGroupId }, { serverId, port }) =>
    rows.get(keyOf(serverId, port, vServerGroupId)) ??
    rows.get(keyOf(serverId, port, undefined)) ??
    rows.get(keyOf(serverId, undefined, vServerGroupId)) ??
    rows.get(keyOf(serverId, undefined, undefined)) ??
    (ecs.find(serverId)?.status === 'Running' ? 'normal' : 'abnormal');

  const shown = (
    listener: Listener,
    group: VServerGroup,
    backend: BackendServer,
  ): ServerHealthStatus | null => {
    // Nothing is checked before the listener runs.
    if (listener.status === 'stopped') return 'unavailable';
    if (backend.weight > 0 || slbHealthAtWeightZero === 'as-checked') return check(group, backend);
    if (slbHealthAtWeightZero === 'not-listed') return null;
    if (slbHealthAtWeightZero === 'normal') return 'normal';
    const isLayer4 = listener.listenerProtocol === 'tcp' || listener.listenerProtocol === 'udp';
    return isLayer4 ? 'abnormal' : check(group, backend);
  };

  const ofListener = (listener: Listener): ReadonlyArray<BackendHealth> => {
    const group = listener.vServerGroupId === null ? null : groups.find(listener.vServerGroupId);
    return (group?.backends ?? []).flatMap((backend) => {
      const serverHealthStatus = group === null ? null : shown(listener, group, backend);
      if (serverHealthStatus === null) return [];
      return {
        listenerPort: listener.listenerPort,
        protocol: listener.listenerProtocol,
        serverId: backend.serverId,
        serverIp: backend.serverIp ?? ecs.find(backend.serverId)?.privateIpAddress ?? '',
        port: backend.port,
        serverHealthStatus,
      };
    });
  };

  return {
    check,
    set({ serverId, port, vServerGroupId }, status) {
      const key = keyOf(serverId, port, vServerGroupId);
      if (status === null) rows.delete(key);
      else rows.set(key, status);
    },
    describe({ loadBalancerId, listenerPort, listenerProtocol }) {
      loadBalancers.get(loadBalancerId);
      const asked = listeners
        .of(loadBalancerId)
        .filter(
          (listener) =>
            (listenerPort === undefined || listener.listenerPort === listenerPort) &&
            (listenerProtocol === undefined || listener.listenerProtocol === listenerProtocol),
        );
      const checked = asked.filter((listener) => listener.settings.HealthCheck === 'on');
      if (listenerPort !== undefined && asked.length === 0) throw slbRefusals.listenerNotFound();
      if (listenerPort !== undefined && checked.length === 0) throw slbRefusals.checkedListenerNotFound();
      return checked.flatMap(ofListener);
    },
  };
}
