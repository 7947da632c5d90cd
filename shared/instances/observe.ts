import { chunksOf, groupBy } from '../collections.ts';
import { mapBounded } from '../concurrency.ts';
import type { BackendType } from '../config/binding.ts';
import { typeOfServer } from './backend-type.ts';
import { UnprovenError } from './errors.ts';
import { type Memberships, NO_MEMBERSHIPS } from './memberships.ts';
import type { Instance, InstanceObservation } from './model.ts';
import { IDS_PER_CALL, type InstanceGateway } from './ports.ts';

type Gateway = Pick<InstanceGateway, 'describe' | 'provePermission'>;

const PAGES_AT_ONCE = 4;

/**
 * Asks for the instances, every page or an error. A page that comes back empty is believed only after the permission to
 * list has been proven, because an identity without it is answered with an empty list; where that cannot be proven, whoever
 * is on such a page counts as not asked. What scaling groups say is put with each instance. `known`: of whom the clouds have
 * told just now; they are not asked for again.
 */
export async function observeInstances(
  gateway: Gateway,
  instanceIds: Iterable<string>,
  memberships: Memberships = NO_MEMBERSHIPS,
  known: ReadonlyArray<Instance> = [],
): Promise<InstanceObservation> {
  const asked = new Set(instanceIds);
  const wanted = known.filter(({ instanceId }) => asked.has(instanceId));
  const told = new Set(wanted.map(({ instanceId }) => instanceId));
  const missing = [...asked].filter((id) => !told.has(id)).sort();
  const calls = [...groupBy(missing, typeOfServer)].flatMap(([type, ids]) =>
    chunksOf(ids, IDS_PER_CALL[type]).map((page) => ({ type, ids: page })),
  );
  const pages = await mapBounded(calls, PAGES_AT_ONCE, ({ ids }) => gateway.describe(ids));
  const empty = calls.filter((_, index) => pages[index]?.length === 0);
  for (const [type, some] of groupBy(empty, (call) => call.type)) {
    if (await isProven(gateway, type)) continue;
    for (const id of some.flatMap(({ ids }) => ids)) asked.delete(id);
  }
  const present = new Map<string, Instance>();
  for (const instance of [...wanted, ...pages.flat()]) {
    const scaling = memberships.get(instance.instanceId) ?? null;
    present.set(instance.instanceId, scaling === null ? instance : { ...instance, scaling });
  }
  return { present, asked };
}

/** Whether an empty answer about this type is to be believed. Throws RejectedError when it is known not to be. */
export async function isProven(
  gateway: Pick<InstanceGateway, 'provePermission'>,
  type: BackendType,
): Promise<boolean> {
  try {
    await gateway.provePermission(type);
    return true;
  } catch (error) {
    if (error instanceof UnprovenError) return false;
    throw error;
  }
}
