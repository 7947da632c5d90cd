import type { BackendHealth } from '../../../shared/load-balancers/model.ts';
import { type Route, routesOf } from '../../../shared/load-balancers/routing.ts';
import type {
  LoadBalancerView,
  ViewedGroup,
  ViewedListener,
  ViewedServer,
} from '../../../shared/load-balancers/view.ts';
import type { ToldGroup, ToldListener, ToldLoadBalancer, ToldRoute, ToldServer } from './model.ts';
import { type Claims, ownerOfServer, ownersOfGroup } from './owners.ts';

/** Everything that there is to tell of a load balancer. Pure. */
export function tellLoadBalancer(view: LoadBalancerView, claims: Claims): ToldLoadBalancer {
  const { loadBalancerId, name, status } = view;
  const listeners = [...view.listeners].sort(
    (a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : Number(a.protocol > b.protocol)),
  );
  return {
    loadBalancerId,
    name,
    status,
    error: null,
    listeners: listeners.map(tellListener),
    groups: view.groups.map((group) => tellGroup({ ...view, listeners }, group, claims)),
  };
}

/** What requests a route takes: of a rule `www.example.com/cart`, `*.example.com` or `/cart`; without one all that is left. */
export function describeRequests(
  rule: { readonly domain: string; readonly url: string } | null,
  hasRules: boolean,
): string {
  if (rule !== null) return `${rule.domain}${rule.url}`;
  return hasRules ? 'the rest' : 'all';
}

function nameOf({ protocol, port }: Pick<ViewedListener, 'protocol' | 'port'>): string {
  return `${protocol}:${port}`;
}

function tellListener(listener: ViewedListener): ToldListener {
  const { isRunning, scheduler, defaultPort } = listener;
  return {
    listener: nameOf(listener),
    isRunning,
    scheduler,
    defaultPort,
    routes: routesOf(listener).map(tellRoute),
  };
}

function tellRoute({ kind, rule, groupId }: Route): ToldRoute {
  return {
    kind,
    ruleId: rule?.ruleId ?? null,
    ruleName: rule?.name ?? null,
    domain: rule?.domain ?? null,
    url: rule?.url ?? null,
    groupId,
  };
}

function tellGroup(view: LoadBalancerView, group: ViewedGroup, claims: Claims): ToldGroup {
  const owners = ownersOfGroup(claims, view, group);
  const inFront = view.listeners.filter((listener) =>
    routesOf(listener).some(({ groupId }) => groupId === group.groupId),
  );
  const users = inFront.map((listener) => ({
    listener: nameOf(listener),
    requests: routesOf(listener)
      .filter(({ groupId }) => groupId === group.groupId)
      .map(({ rule }) => describeRequests(rule, listener.rules.length > 0)),
  }));
  const namesakes = view.groups
    .filter(({ kind, name }) => kind !== 'default-group' && group.name !== '' && name === group.name)
    .flatMap(({ groupId }) => (groupId === null || groupId === group.groupId ? [] : [groupId]));
  return {
    ...group,
    owners,
    users,
    namesakes,
    servers: group.servers.map(
      (server): ToldServer => ({
        ...server,
        owner: ownerOfServer(claims, group, owners, server),
        health: healthOf(view.health, inFront, server),
      }),
    ),
  };
}

/** What the checks of the listeners in front of a group say of a server; SLB names no group in them. */
function healthOf(
  health: ReadonlyArray<BackendHealth>,
  inFront: ReadonlyArray<ViewedListener>,
  { serverId, port }: ViewedServer,
): ToldServer['health'] {
  return inFront.flatMap((listener) =>
    health
      .filter(
        (each) =>
          each.listenerPort === listener.port &&
          each.protocol === listener.protocol &&
          each.serverId === serverId &&
          each.port === (port ?? listener.defaultPort),
      )
      .map(({ status }) => ({ listener: nameOf(listener), status })),
  );
}
