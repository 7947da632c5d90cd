import { selectorTags } from '../../../shared/config/binding.ts';
import type { Pair } from '../../../shared/config/pair.ts';
import type { LocalClouds } from '../clouds.ts';

/** Instances in a pool that is selected by tags. */
const STANDBYS = 2;
const SIZE_MAX = 100;

/**
 * Puts the pairs of the configuration into the world: two new instances with the tag `pair`, a primary/secondary group of
 * them, running listeners in front of it, and a few instances in a pool that is selected by tags; a scaling group that a
 * pool is selected by is there and empty. Listeners that are there already stay as they are, and so does their pair.
 */
export function seedPairs(
  { slb, ecs, ess }: Pick<LocalClouds, 'slb' | 'ecs' | 'ess'>,
  pairs: ReadonlyArray<Pair>,
): void {
  for (const { name, loadBalancerId, listeners, standby } of pairs) {
    slb.seedLoadBalancer({ loadBalancerId, name: loadBalancerId });
    const taken = new Set(slb.listenersOf(loadBalancerId).map(({ listenerPort }) => listenerPort));
    if (listeners.some(({ port }) => taken.has(port))) continue;
    const [primaryId = '', secondaryId = ''] = ecs.runInstances({
      amount: 2,
      tags: [{ key: 'pair', value: name }],
    });
    seedPair({ slb }, { name, loadBalancerId, listeners }, { primaryId, secondaryId });
    if (standby?.selector.kind === 'tags') {
      ecs.runInstances({ amount: STANDBYS, tags: selectorTags(standby.selector) });
    } else if (standby !== null) {
      const { scalingGroupId } = standby.selector;
      if (ess.group(scalingGroupId) === null) {
        ess.seedScalingGroup({ scalingGroupId, minSize: 0, maxSize: SIZE_MAX });
      }
    }
  }
}

/** Puts one pair's group, `rsp-<name>-first`, and running listeners into the world; its members must be there. */
export function seedPair(
  { slb }: Pick<LocalClouds, 'slb'>,
  { name, loadBalancerId, listeners }: Pick<Pair, 'name' | 'loadBalancerId' | 'listeners'>,
  { primaryId, secondaryId }: { readonly primaryId: string; readonly secondaryId: string },
  settings: Readonly<Record<string, string>> = {},
): void {
  const masterSlaveServerGroupId = firstGroupOf({ name });
  const port = listeners[0]?.port ?? 0;
  slb.seedLoadBalancer({ loadBalancerId, name: loadBalancerId });
  slb.seedMasterSlaveServerGroup({
    masterSlaveServerGroupId,
    loadBalancerId,
    name,
    backends: [
      { serverId: primaryId, port, serverType: 'Master' },
      { serverId: secondaryId, port, serverType: 'Slave' },
    ],
  });
  for (const { protocol: listenerProtocol, port: listenerPort } of listeners) {
    slb.seedListener({
      loadBalancerId,
      listenerProtocol,
      listenerPort,
      masterSlaveServerGroupId,
      settings,
    });
  }
}

/** The group that a pair has before any change. */
export function firstGroupOf({ name }: Pick<Pair, 'name'>): string {
  return `rsp-${name}-first`;
}
