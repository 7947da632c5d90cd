import type { WorkerCall } from '../play/calls.ts';
import type { Knowledge } from './knowledge.ts';

/** What DescribeHealthStatus answers, as far as it is looked at. */
export interface HealthAnswer {
  readonly BackendServers: {
    readonly BackendServer: ReadonlyArray<{
      readonly ListenerPort: number;
      readonly Protocol: string;
      readonly ServerId: string;
      readonly Port: number;
      readonly ServerHealthStatus: string;
    }>;
  };
}
interface ListenersAnswer {
  /** Left out when there are none. */
  readonly Listeners?: ReadonlyArray<{
    readonly ListenerPort: number;
    readonly ListenerProtocol: string;
    readonly VServerGroupId?: string;
  }>;
}
interface GroupsAnswer {
  readonly VServerGroups: {
    readonly VServerGroup: ReadonlyArray<{
      readonly VServerGroupId: string;
      readonly AssociatedObjects: { readonly Rules: { readonly Rule: ReadonlyArray<unknown> } };
    }>;
  };
}

/** Keys of the backends that a check of one of the group's listeners has called abnormal, as the worker was answered. */
export function unhealthyAsSeen(
  { health, listeners, rules }: Knowledge,
  loadBalancerId: string,
  vServerGroupId: string,
): ReadonlySet<string> {
  const found = bodyOf<HealthAnswer>(health.get(loadBalancerId))?.BackendServers.BackendServer ?? [];
  const unhealthy = new Set<string>();
  if (found.length === 0) return unhealthy;
  const groups = bodyOf<GroupsAnswer>(rules.get(loadBalancerId))?.VServerGroups.VServerGroup ?? [];
  const isInRule = groups.some(
    (group) => group.VServerGroupId === vServerGroupId && group.AssociatedObjects.Rules.Rule.length > 0,
  );
  const users = new Set(
    (bodyOf<ListenersAnswer>(listeners.get(loadBalancerId))?.Listeners ?? [])
      .filter(
        ({ VServerGroupId, ListenerProtocol }) =>
          VServerGroupId === vServerGroupId || (isInRule && ListenerProtocol.startsWith('http')),
      )
      .map(({ ListenerProtocol, ListenerPort }) => `${ListenerProtocol}:${ListenerPort}`),
  );
  for (const { Protocol, ListenerPort, ServerId, Port, ServerHealthStatus } of found) {
    if (ServerHealthStatus !== 'abnormal' || !users.has(`${Protocol}:${ListenerPort}`)) continue;
    unhealthy.add(`${ServerId}:${Port}`);
  }
  return unhealthy;
}

function bodyOf<Answer>(call: WorkerCall | undefined): Answer | null {
  return call?.outcome?.isOk === true ? (call.outcome.body as Answer) : null;
}
