import type { Foundation } from '../foundation.ts';
import type { CheckedGroup, CheckedMember } from './checked-group.ts';
import { verdictOf } from './health-verdict.ts';
import { groupIdOf } from './listener-target.ts';
import type { Listeners } from './listeners.ts';
import type { LoadBalancers } from './load-balancers.ts';
import {
  type BackendHealth,
  backendKey,
  type InstanceDirectory,
  type Listener,
  type ListenerProtocol,
  type ServerHealthStatus,
} from './model.ts';
import { slbRefusals } from './refusals.ts';
import type { Rules } from './rules.ts';

/** Whose health a scene sets; what is left out means all of the server's. */
export interface HealthTarget {
  readonly serverId: string;
  readonly port?: number | undefined;
  /** A group of either kind. */
  readonly groupId?: string | undefined;
}

/** What the health checks say. */
export interface Health {
  /** Fixes what the checks find, until set to `null` again. The most precise target counts. */
  set(target: HealthTarget, status: ServerHealthStatus | null): void;
  /**
   * What the listener's checks have found for a backend: what was set, else what its instance's application has done
   * since the checks began, judged by the listener's thresholds and intervals.
   */
  check(listener: Listener, groupId: string, member: CheckedMember): ServerHealthStatus;
  /** DescribeHealthStatus: of one listener, or of all that have a check. */
  describe(query: {
    readonly loadBalancerId: string;
    readonly listenerPort?: number | undefined;
    readonly listenerProtocol?: ListenerProtocol | undefined;
  }): ReadonlyArray<BackendHealth>;
}

/** Health from what the instances' applications do and what scenes set. */
export function createHealth(
  foundation: Foundation,
  deps: {
    readonly ecs: InstanceDirectory;
    /** The group of either kind; `null` when there is none. */
    readonly findGroup: (groupId: string) => CheckedGroup | null;
    readonly listeners: Listeners;
    readonly loadBalancers: LoadBalancers;
    readonly rules: Rules;
  },
): Health {
  const { ecs, findGroup, listeners, loadBalancers, rules } = deps;
  const { clock, switches } = foundation;
  const rows = foundation.store.collection<ServerHealthStatus>('slb/health');
  const keyOf = (serverId: string, port: number | undefined, groupId: string | undefined) =>
    [serverId, port ?? '*', groupId ?? '*'].join(' ');
  const fixed = (serverId: string, port: number, groupId: string) =>
    rows.size === 0
      ? undefined
      : (rows.get(keyOf(serverId, port, groupId)) ??
        rows.get(keyOf(serverId, port, undefined)) ??
        rows.get(keyOf(serverId, undefined, groupId)) ??
        rows.get(keyOf(serverId, undefined, undefined)));

  const check: Health['check'] = (
    { settings, checkingSinceMs = 0 },
    groupId,
    { backend, checkedSinceMs },
  ) => {
    const { serverId, port } = backend;
    const set = fixed(serverId, port, groupId);
    if (set !== undefined) return set;
    const sinceMs = Math.max(checkingSinceMs, checkedSinceMs);
    const instanceId = ecs.find(serverId)?.instanceId ?? serverId;
    const askedPort = Number(settings.HealthCheckConnectPort) || port;
    return verdictOf(ecs.applications.spans(instanceId, askedPort, sinceMs, clock.nowMs()), settings);
  };

  const shown = (listener: Listener, groupId: string, member: CheckedMember): ServerHealthStatus | null => {
    const { backend, isSecondary } = member;
    const shownAs = isSecondary ? switches.slbHealthOfSecondary : 'as-checked';
    if (shownAs === 'not-listed') return null;
    if (listener.settings.HealthCheck !== 'on') {
      const { slbHealthOfUncheckedListener } = switches;
      return slbHealthOfUncheckedListener === 'not-listed' ? null : slbHealthOfUncheckedListener;
    }
    // Nothing is checked before the listener runs.
    if (listener.status === 'stopped') return 'unavailable';
    if (shownAs !== 'as-checked') return shownAs;
    const { slbHealthAtWeightZero } = switches;
    if (backend.weight > 0 || slbHealthAtWeightZero === 'as-checked') return check(listener, groupId, member);
    if (slbHealthAtWeightZero === 'not-listed') return null;
    if (slbHealthAtWeightZero === 'normal') return 'normal';
    const isLayer4 = listener.listenerProtocol === 'tcp' || listener.listenerProtocol === 'udp';
    return isLayer4 ? 'abnormal' : check(listener, groupId, member);
  };

  const ofListener = (listener: Listener): ReadonlyArray<BackendHealth> => {
    const groupIds = [groupIdOf(listener), ...rules.of(listener).map((rule) => rule.vServerGroupId)];
    const lines = new Map<string, BackendHealth>();
    for (const groupId of groupIds) {
      if (groupId === null) continue;
      for (const member of findGroup(groupId)?.members ?? []) {
        const { backend } = member;
        const key = backendKey(backend);
        const serverHealthStatus = shown(listener, groupId, member);
        // A server-port of several groups of the listener is shown once: the answer names no group.
        if (serverHealthStatus === null || lines.has(key)) continue;
        lines.set(key, {
          listenerPort: listener.listenerPort,
          protocol: listener.listenerProtocol,
          serverId: backend.serverId,
          serverIp: backend.serverIp ?? ecs.find(backend.serverId)?.privateIpAddress ?? '',
          port: backend.port,
          serverHealthStatus,
        });
      }
    }
    return [...lines.values()];
  };

  return {
    check,
    set({ serverId, port, groupId }, status) {
      const key = keyOf(serverId, port, groupId);
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
      const isChecked = asked.some((listener) => listener.settings.HealthCheck === 'on');
      if (!isChecked && (listenerPort !== undefined || switches.slbHealthWithoutChecks === 'refused')) {
        throw asked.length === 0 ? slbRefusals.listenerNotFound() : slbRefusals.checkedListenerNotFound();
      }
      return asked.flatMap(ofListener);
    },
  };
}
