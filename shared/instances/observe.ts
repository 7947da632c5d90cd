import { chunksOf } from '../collections.ts';
import { mapBounded } from '../concurrency.ts';
import { type Memberships, NO_MEMBERSHIPS } from './memberships.ts';
import type { EcsInstance, InstanceObservation } from './model.ts';
import { INSTANCES_PER_CALL, type InstanceGateway } from './ports.ts';

const PAGES_AT_ONCE = 4;

/**
 * Asks ECS for the instances, every page or an error. A page that comes back empty is believed only after the
 * permission to list has been proven, because ECS answers an identity without it with an empty list. What scaling groups
 * say is put with each instance. `known`: of whom ECS has told just now; they are not asked for again.
 */
export async function observeInstances(
  gateway: Pick<InstanceGateway, 'describe' | 'provePermission'>,
  instanceIds: Iterable<string>,
  memberships: Memberships = NO_MEMBERSHIPS,
  known: ReadonlyArray<EcsInstance> = [],
): Promise<InstanceObservation> {
  const asked = new Set(instanceIds);
  const wanted = known.filter(({ instanceId }) => asked.has(instanceId));
  const told = new Set(wanted.map(({ instanceId }) => instanceId));
  const missing = [...asked].filter((id) => !told.has(id)).sort();
  const pages = await mapBounded(chunksOf(missing, INSTANCES_PER_CALL), PAGES_AT_ONCE, (ids) =>
    gateway.describe(ids),
  );
  if (pages.some((page) => page.length === 0)) await gateway.provePermission();
  const present = new Map<string, EcsInstance>();
  for (const instance of [...wanted, ...pages.flat()]) {
    const scaling = memberships.get(instance.instanceId) ?? null;
    present.set(instance.instanceId, scaling === null ? instance : { ...instance, scaling });
  }
  return { present, asked };
}
