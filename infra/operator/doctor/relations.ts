import type { Binding } from '../../../shared/config/binding.ts';
import { listenersOf, weightZeroOf } from '../../../shared/server-groups/listeners.ts';
import type { Facts, Where } from './model.ts';

/**
 * The bindings that place instances of the scaling group: those that select by it, and those whose tags some of its
 * instances carry.
 */
export function bindingsOf(
  { config, scalingGroups, listings }: Facts,
  scalingGroupId: string,
): ReadonlyArray<Binding> {
  const members = scalingGroups.get(scalingGroupId)?.instances;
  return config.bindings.filter(({ name, selector }) => {
    if (selector.kind === 'scaling-group') return selector.scalingGroupId === scalingGroupId;
    const listing = listings.get(name);
    if (!listing?.isKnown || !members?.isKnown) return false;
    return listing.value.instances.some(({ instanceId }) => members.value.has(instanceId));
  });
}

/** How long a drain of the binding lasts at the longest. Behind a listener that could not be asked about, as for TCP. */
export function drainMsOf({ loadBalancers }: Facts, binding: Binding): number {
  const { timeMs, udpTimeMs } = binding.drain;
  const answer = loadBalancers.get(binding.loadBalancerId);
  if (!answer?.isKnown || answer.value === null) return timeMs;
  const { isUdp } = weightZeroOf(listenersOf(answer.value, binding.vServerGroupId));
  return isUdp ? Math.max(timeMs, udpTimeMs) : timeMs;
}

/** Names a scaling group, and one of its hooks. */
export function whereOf(
  scalingGroup: string,
  hook?: { readonly name: string; readonly lifecycleHookId: string },
): Where {
  if (hook === undefined) return { scalingGroup };
  const { name, lifecycleHookId } = hook;
  return {
    scalingGroup,
    hook: name === lifecycleHookId ? lifecycleHookId : `${name} (${lifecycleHookId})`,
  };
}
