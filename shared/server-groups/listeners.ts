import type { Listener, ObservedLoadBalancer } from '../load-balancers/model.ts';

/** What weight 0 is worth in a group, as its listeners decide. */
export interface WeightZero {
  /** New connections stop. */
  readonly isGuaranteed: boolean;
  /** It takes about five minutes to bite. */
  readonly isUdp: boolean;
  /** For plan and audit. */
  readonly promise: string;
}

/** The listeners that send requests to the group, directly or by a forwarding rule. */
export function listenersOf(
  { listeners, groupsOfRules }: ObservedLoadBalancer,
  vServerGroupId: string,
): ReadonlyArray<Listener> {
  const hasRules = groupsOfRules.has(vServerGroupId);
  return listeners.filter(
    (listener) =>
      listener.vServerGroupId === vServerGroupId ||
      (hasRules && (listener.protocol === 'http' || listener.protocol === 'https')),
  );
}

/**
 * What weight 0 promises behind these listeners. Weights count under weighted schedulers only; what a hash or session
 * persistence does to a known client at weight 0 is documented nowhere.
 */
export function weightZeroOf(listeners: ReadonlyArray<Listener>): WeightZero {
  const doubts = listeners.flatMap((listener) => {
    const { scheduler, hasPersistence } = listener;
    if (scheduler !== 'wrr' && scheduler !== 'wlc') return [`${scheduler} on ${nameOf(listener)}`];
    return hasPersistence ? [`session persistence on ${nameOf(listener)}`] : [];
  });
  const isUdp = listeners.some(({ protocol }) => protocol === 'udp');
  const promise =
    listeners.length === 0
      ? 'no listener uses the group'
      : doubts.length > 0
        ? `weight 0 is not guaranteed to stop new connections: ${doubts.join(', ')}`
        : `weight 0 stops new connections${isUdp ? ', behind UDP after about five minutes' : ''}`;
  return { isGuaranteed: doubts.length === 0, isUdp, promise };
}

/** The first listener under which a backend serves at once whatever its weight is; `null` = none. */
export function roundRobinOf(listeners: ReadonlyArray<Listener>): string | null {
  const found = listeners.find(({ scheduler }) => scheduler === 'rr');
  return found === undefined ? null : nameOf(found);
}

/** `http:80`. */
export function nameOf({ protocol, port }: Pick<Listener, 'protocol' | 'port'>): string {
  return `${protocol}:${port}`;
}
