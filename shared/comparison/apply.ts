import type { InboxStore } from '../acceptance/ports.ts';
import type { Clock } from '../clock.ts';
import { mapBounded } from '../concurrency.ts';
import { describeError } from '../errors.ts';
import type { LaneStore } from '../lanes/ports.ts';
import { type Listings, type LoadBalancerLook, type LookDeps, lookUnlessHeld } from './look.ts';
import type { ComparisonReport } from './model.ts';

/** What comparing needs. */
export interface ComparisonDeps extends LookDeps, TellDeps {
  readonly inbox: Pick<InboxStore, 'put' | 'read'>;
  readonly lanes: Pick<LaneStore, 'read' | 'signal'>;
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
}

/** What telling a lane needs. */
export interface TellDeps {
  readonly inbox: Pick<InboxStore, 'put'>;
  readonly lanes: Pick<LaneStore, 'signal'>;
}

const LANES_AT_ONCE = 4;

/**
 * Compares everything that the bindings of these load balancers want with everything that is, without a lease and
 * without a write where nothing differs. A lane with a difference is signalled, so that its next pass decides anew under
 * its lease. What does not fit into the time is left to its next interval; one failure never fails the others.
 */
export async function compareLanes(
  deps: ComparisonDeps,
  loadBalancerIds: ReadonlyArray<string>,
  deadlineMs: number,
): Promise<ComparisonReport> {
  const compared: Array<string> = [];
  const different: Array<string> = [];
  const failed: Record<string, string> = {};
  const listings: Listings = new Map();
  await mapBounded(loadBalancerIds, LANES_AT_ONCE, async (loadBalancerId) => {
    if (deps.ownClock.nowMs() >= deadlineMs) {
      failed[loadBalancerId] = 'no time left in this round';
      return;
    }
    try {
      const look = await lookUnlessHeld(deps, loadBalancerId, listings);
      if (look?.hasWork) {
        await tellLane(deps, look);
        different.push(loadBalancerId);
      }
      const failure = look?.failure ?? null;
      if (failure !== null) failed[loadBalancerId] = failure;
      compared.push(loadBalancerId);
    } catch (error) {
      failed[loadBalancerId] = describeError(error);
      deps.logger.warn({ loadBalancerId }, `not compared: ${describeError(error)}`);
    }
  });
  return { compared, different, failed };
}

/** Tells the lane what it has not heard of, and that it has work. Its next pass decides anew, under its lease. */
export async function tellLane(
  { inbox, lanes }: TellDeps,
  { loadBalancerId, lost }: Pick<LoadBalancerLook, 'loadBalancerId' | 'lost'>,
): Promise<void> {
  if (lost.length > 0) await inbox.put(lost.map((signal) => ({ laneId: loadBalancerId, signal })));
  await lanes.signal([loadBalancerId]);
}
