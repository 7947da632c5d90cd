import { mapBounded } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import type { LifecycleState, ScalingMembership } from './model.ts';

/** The instances of some scaling groups, by id. An instance is in one scaling group at most. */
export type Memberships = ReadonlyMap<string, ScalingMembership>;

/** Nobody asked. */
export const NO_MEMBERSHIPS: Memberships = new Map();

const GROUPS_AT_ONCE = 4;

/** Asks Auto Scaling for every scaling group that the bindings select by; complete or an error. */
export async function observeMemberships(
  gateway: { instances(scalingGroupId: string): Promise<ReadonlyMap<string, LifecycleState>> },
  bindings: ReadonlyArray<Pick<Binding, 'selector'>>,
): Promise<Memberships> {
  const ids = new Set(
    bindings.flatMap(({ selector }) => (selector.kind === 'scaling-group' ? [selector.scalingGroupId] : [])),
  );
  if (ids.size === 0) return NO_MEMBERSHIPS;
  const found = await mapBounded([...ids], GROUPS_AT_ONCE, async (scalingGroupId) => {
    const states = await gateway.instances(scalingGroupId);
    return [...states].map(([id, state]) => [id, { scalingGroupId, state }] as const);
  });
  return new Map(found.flat());
}
