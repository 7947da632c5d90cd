import type { Pair } from '../config/pair.ts';
import type { LaneStore } from '../lanes/ports.ts';
import { lookAtPair, type PairLookDeps } from '../pairs/look-at-pair.ts';
import { pairLaneId } from '../pairs/model.ts';
import { compareEach, type EachDeps } from './each.ts';
import { askedOnce, createListings } from './listings.ts';
import type { Comparison } from './model.ts';
import { aboutPair, pairSection } from './sections/pair.ts';

/** What comparing pairs needs. */
export interface PairComparisonDeps extends PairLookDeps, EachDeps {
  readonly lanes: Pick<LaneStore, 'read' | 'signal'>;
}

/**
 * Compares these pairs with what they should be, without a lease and without a write where nothing differs; lanes with
 * something to do are signalled. One failure never fails the others.
 */
export async function comparePairs(
  deps: PairComparisonDeps,
  pairs: ReadonlyArray<Pair>,
  deadlineMs: number,
): Promise<Comparison> {
  const sharing = askingOnce(deps);
  return await compareEach<Pair>(deps, pairs, deadlineMs, {
    laneIdOf: pairLaneId,
    nameOf: ({ name }) => name,
    labelsOf: ({ name }) => ({ pair: name }),
    about: (pair) => [{ ...aboutPair(pair), failure: null }],
    // Where nobody works on it yet, the tick follows.
    leftToOthers: 'a function works on it now, or is due to',
    async look(pair) {
      const look = await lookAtPair(sharing, pair);
      if (look === null) return null;
      if (look.hasWork) await deps.lanes.signal([pairLaneId(pair)]);
      const section = pairSection(deps.pairGroups, pair, look.known, look.foreseen);
      return { hasWork: look.hasWork, failure: null, sections: [section] };
    },
  });
}

/** The same ports; what tells of a whole load balancer, or of a pool, is asked once for all its pairs. */
function askingOnce(deps: PairComparisonDeps): PairComparisonDeps {
  const { pairGroups, loadBalancers, instances, scaling, clock } = deps;
  const listings = createListings(deps);
  const groups = askedOnce(clock, (loadBalancerId) => pairGroups.groups(loadBalancerId));
  const health = askedOnce(clock, (loadBalancerId) => loadBalancers.health(loadBalancerId));
  return {
    ...deps,
    pairGroups: { ...pairGroups, groups: async (loadBalancerId) => await groups(loadBalancerId).answer },
    loadBalancers: {
      ...loadBalancers,
      health: async (loadBalancerId) => await health(loadBalancerId).answer,
    },
    instances: { ...instances, list: async (tags) => await listings.byTags(tags).answer },
    scaling: { ...scaling, instances: async (id) => await listings.byScalingGroup(id).answer },
  };
}
