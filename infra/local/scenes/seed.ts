import type { Binding } from '../../../shared/config/binding.ts';
import type { GroupDeclaration } from '../../../shared/config/group.ts';
import type { Slb } from '../world/slb/slb.ts';

/** The listeners that a declared group names are there, and send to the default group until it exists. */
function seedUsers(
  slb: Slb,
  loadBalancerId: string,
  { listeners, rules }: GroupDeclaration,
  backendServerPort: number,
): void {
  const ofRules = rules.flatMap((rule) => (rule.kind === 'place' ? [rule.listener] : []));
  for (const { protocol, port } of [...listeners, ...ofRules]) {
    const address = { loadBalancerId, listenerPort: port, listenerProtocol: protocol };
    slb.seedListener({ ...address, backendServerPort });
  }
}

/**
 * Puts the load balancers and vServer groups that the bindings name into the world, empty, and in front of each group a
 * running listener; of declared groups only the listeners. What is there already stays as it is.
 */
export function seedFromBindings(slb: Slb, bindings: ReadonlyArray<Binding>): void {
  for (const { loadBalancerId, vServerGroupId, name, ports, group, declaredBy } of bindings) {
    slb.seedLoadBalancer({ loadBalancerId, name: loadBalancerId });
    if (group !== null) {
      seedUsers(slb, loadBalancerId, group, ports[0]?.port ?? 80);
      continue;
    }
    if (declaredBy !== null || slb.group(vServerGroupId) !== null) continue;
    slb.seedVServerGroup({ vServerGroupId, loadBalancerId, name });
    const taken = new Set(slb.listeners.of(loadBalancerId).map(({ listenerPort }) => listenerPort));
    let listenerPort = ports[0]?.port ?? 80;
    while (taken.has(listenerPort)) listenerPort = (listenerPort % 65_535) + 1;
    slb.seedListener({ loadBalancerId, listenerPort, listenerProtocol: 'tcp', vServerGroupId });
  }
}
