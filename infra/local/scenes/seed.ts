import type { Binding } from '../../../shared/config/binding.ts';
import type { Slb } from '../world/slb/slb.ts';

/**
 * Puts the load balancers and vServer groups that the bindings name into the world, empty, and in front of each group a
 * running listener. What is there already stays as it is.
 */
export function seedFromBindings(slb: Slb, bindings: ReadonlyArray<Binding>): void {
  for (const { loadBalancerId, vServerGroupId, name, ports } of bindings) {
    slb.seedLoadBalancer({ loadBalancerId, name: loadBalancerId });
    if (slb.group(vServerGroupId) !== null) continue;
    slb.seedVServerGroup({ vServerGroupId, loadBalancerId, name });
    const taken = new Set(slb.listeners.of(loadBalancerId).map(({ listenerPort }) => listenerPort));
    let listenerPort = ports[0]?.port ?? 80;
    while (taken.has(listenerPort)) listenerPort = (listenerPort % 65_535) + 1;
    slb.seedListener({ loadBalancerId, listenerPort, listenerProtocol: 'tcp', vServerGroupId });
  }
}
