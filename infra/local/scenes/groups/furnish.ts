import type { Config } from '../../../../shared/config/load.ts';
import type { LocalClouds } from '../../clouds.ts';

/** Instances that the binding `web` selects, each of which serves on two ports. */
export const WEB = 25;
/** Instances that the binding `api` selects. */
export const API = 3;
/** Addresses of the one network interface that the binding `pods` selects. */
export const ADDRESSES = 2;
/** Container instances that the binding `jobs` selects. */
export const CONTAINERS = 1;

/** Backends in the two vServer groups together. */
export const BACKENDS = WEB * 2 + API + ADDRESSES + CONTAINERS;
/** What SLB lets a call have. */
export const PER_CALL = 20;
/**
 * The fewest calls that make everything as declared: two groups and the pair; their members; two listeners, one rule, and the
 * listener of the pair.
 */
export const LEAST_WRITES =
  3 + Math.ceil((WEB * 2) / PER_CALL) + Math.ceil((API + ADDRESSES + CONTAINERS) / PER_CALL) + 4;

/** Puts the servers and the pair's listeners into the world, and returns the ids of the instances, which are to start. */
export function furnish(
  { ecs, eci, slb }: Pick<LocalClouds, 'ecs' | 'eci' | 'slb'>,
  { pairs }: Pick<Config, 'pairs'>,
): ReadonlyArray<string> {
  for (const { loadBalancerId, listeners } of pairs) {
    for (const { protocol, port } of listeners) {
      slb.seedListener({
        loadBalancerId,
        listenerProtocol: protocol,
        listenerPort: port,
        backendServerPort: port,
      });
    }
  }
  const tagged = (role: string) => [{ key: 'role', value: role }];
  const members = pairs.flatMap(({ group }) =>
    group === null ? [] : [group.primary.serverId, group.secondary.serverId],
  );
  const instanceIds = [
    ...ecs.runInstances({ amount: WEB, tags: tagged('web') }),
    ...ecs.runInstances({ amount: API, tags: tagged('api') }),
    ...ecs.runInstances({ amount: members.length, tags: tagged('db'), instanceIds: members }),
  ];
  const [instanceId] = instanceIds;
  ecs.networkInterfaces.create({ instanceId, addresses: ADDRESSES, tags: tagged('pod') });
  for (let count = 0; count < CONTAINERS; count++) eci.create({ tags: tagged('job') });
  return instanceIds;
}
