import type { Clock } from '../clock.ts';
import { mapBounded } from '../concurrency.ts';
import type { Pair } from '../config/pair.ts';
import { describeError } from '../errors.ts';
import type { LaneStore } from '../lanes/ports.ts';
import type { Logger } from '../logger.ts';
import { lookAtPair, type PairLookDeps } from '../pairs/look-at-pair.ts';
import { pairLaneId } from '../pairs/model.ts';
import { comparisonOf, NO_TIME_LEFT, type Seen } from './apply.ts';
import { askedOnce, createListings } from './listings.ts';
import type { Comparison } from './model.ts';
import { aboutPair, pairSection } from './sections/pair.ts';

/** What comparing pairs needs. */
export interface PairComparisonDeps extends PairLookDeps {
  readonly lanes: Pick<LaneStore, 'read' | 'signal'>;
  readonly ownClock: Clock;
  readonly logger: Logger;
}

const PAIRS_AT_ONCE = 4;
/** What is said of a pair that is left to whoever works on it: the tick follows where nobody does yet. */
const LEFT_TO_OTHERS = 'a function works on it now, or is due to';

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
  const seen = await mapBounded(pairs, PAIRS_AT_ONCE, async (pair): Promise<Seen> => {
    const { name } = pair;
    const laneId = pairLaneId(pair);
    const about = { ...aboutPair(pair), laneId, failure: null };
    const failed = (failure: string): Seen => ({
      laneId,
      name,
      kind: 'failed',
      failure,
      sections: [{ ...about, failure }],
    });
    if (deps.ownClock.nowMs() >= deadlineMs) return failed(NO_TIME_LEFT);
    try {
      const look = await lookAtPair(sharing, pair);
      if (look === null) {
        return {
          laneId,
          name,
          kind: 'held',
          failure: null,
          sections: [{ ...about, remarks: [LEFT_TO_OTHERS] }],
        };
      }
      if (look.hasWork) await deps.lanes.signal([laneId]);
      const section = pairSection(deps.pairGroups, pair, look.known, look.foreseen);
      const kind = look.hasWork ? 'different' : 'same';
      return { laneId, name, kind, failure: null, sections: [{ ...section, laneId }] };
    } catch (error) {
      deps.logger.warn({ pair: name }, `not compared: ${describeError(error)}`);
      return failed(describeError(error));
    }
  });
  return comparisonOf(seen);
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
    loadBalancers: { health: async (loadBalancerId) => await health(loadBalancerId).answer },
    instances: { ...instances, list: async (tags) => await listings.byTags(tags).answer },
    scaling: { ...scaling, instances: async (id) => await listings.byScalingGroup(id).answer },
  };
}
