import { mapBounded } from '../concurrency.ts';
import { type Binding, selectorTags } from '../config/binding.ts';
import { observeMemberships } from '../instances/memberships.ts';
import type { Instance } from '../instances/model.ts';
import { isProven } from '../instances/observe.ts';
import type { InstanceGateway } from '../instances/ports.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import type { ReadInstances } from '../server-groups/observe.ts';
import type { Listings } from './listings.ts';

/** What asking for the selected instances needs. */
export interface SelectedDeps {
  readonly instances: Pick<InstanceGateway, 'provePermission'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** The instances that some bindings select, and what was read of them on the way. */
export interface Selected extends ReadInstances {
  readonly ids: ReadonlyArray<string>;
}

const LISTINGS_AT_ONCE = 4;

/** The instances that the bindings select: all of them or an error, but for those that no query by tags can list. */
export async function selectedBy(
  { instances, metrics, logger }: SelectedDeps,
  bindings: ReadonlyArray<Binding>,
  listings: Listings,
  nowMs: number,
): Promise<Selected> {
  let readAtMs = nowMs;
  const take = async <T>({
    askedAtMs,
    answer,
  }: {
    readonly askedAtMs: number;
    readonly answer: Promise<T>;
  }) => {
    readAtMs = Math.min(readAtMs, askedAtMs);
    return await answer;
  };
  const memberships = await observeMemberships(
    { instances: (scalingGroupId) => take(listings.byScalingGroup(scalingGroupId)) },
    bindings,
  );
  // By id: an instance may be selected by several, and the listing that was asked for last knows best.
  const listed = new Map<string, Instance>();
  await mapBounded(bindings, LISTINGS_AT_ONCE, async ({ selector, name, type }) => {
    if (selector.kind === 'scaling-group') return;
    const listing = await take(listings.byTags(selectorTags(selector), type));
    for (const instance of listing.instances) listed.set(instance.instanceId, instance);
    // An identity without permission is answered with nothing, so nothing is believed only once that is ruled out.
    if (listing.instances.length === 0 && !(await isProven(instances, type))) {
      metrics.count('selectors-unsure', 1, { binding: name });
      const cloud = type === 'eci' ? 'ECI' : 'ECS';
      logger.warn(
        { binding: name },
        `${cloud} lists no ${type} at all, as it does for an identity without permission: nobody is taken out for that`,
      );
    }
    if (listing.isComplete) return;
    // What is missing from the list cannot be added; nobody is taken out for not being on it.
    metrics.count('selectors-unsure', 1, { binding: name });
    logger.warn({ binding: name }, 'the selector matches more instances than a query by tags can list');
  });
  return {
    ids: [...new Set([...memberships.keys(), ...listed.keys()])],
    memberships,
    instances: [...listed.values()],
    readAtMs,
  };
}
