import type { Signal } from '../acceptance/model.ts';
import type { InboxStore } from '../acceptance/ports.ts';
import type { Clock } from '../clock.ts';
import { mapBounded } from '../concurrency.ts';
import { type Binding, selectorTags } from '../config/binding.ts';
import type { Assumptions } from '../config/load.ts';
import type { Maintenance } from '../config/maintenance.ts';
import { describeError } from '../errors.ts';
import { observeMemberships } from '../instances/memberships.ts';
import type { InstanceListing } from '../instances/model.ts';
import { isLeased } from '../lanes/plan.ts';
import type { LaneStore } from '../lanes/ports.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { foreseeLane } from '../server-groups/foresee.ts';
import type { PlanLimits, PlanTiming } from '../server-groups/model.ts';
import { type LaneObservation, type ObserveDeps, observeLane } from '../server-groups/observe.ts';
import type { ComparisonReport } from './model.ts';
import { isDifferent, isForgotten, missingMembers } from './plan.ts';
import { instancesToAsk, isForLater, lostSystemEvents } from './system-events.ts';

/** What comparing needs. */
export interface ComparisonDeps extends ObserveDeps {
  readonly inbox: Pick<InboxStore, 'put' | 'read'>;
  readonly lanes: Pick<LaneStore, 'read' | 'signal'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  /** This worker's own clock, for its own time limit. */
  readonly ownClock: Clock;
  readonly bindings: ReadonlyArray<Binding>;
  readonly timing: PlanTiming;
  readonly limits: PlanLimits;
  readonly maintenance: Maintenance;
  readonly assume: Assumptions;
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
  const listings = new Map<string, Promise<InstanceListing>>();
  await mapBounded(loadBalancerIds, LANES_AT_ONCE, async (loadBalancerId) => {
    if (deps.ownClock.nowMs() >= deadlineMs) {
      failed[loadBalancerId] = 'no time left in this round';
      return;
    }
    try {
      const lane = await compareLane(deps, loadBalancerId, listings);
      if (lane.isDifferent) different.push(loadBalancerId);
      if (lane.failure !== null) failed[loadBalancerId] = lane.failure;
      compared.push(loadBalancerId);
    } catch (error) {
      failed[loadBalancerId] = describeError(error);
      deps.logger.warn({ loadBalancerId }, `not compared: ${describeError(error)}`);
    }
  });
  return { compared, different, failed };
}

/** What comparing one lane came to. */
interface LaneComparison {
  readonly isDifferent: boolean;
  /** Why its system events are not known; `null` = they are, or were not asked for. */
  readonly failure: string | null;
}

/** Compares the lane; if it differs it is signalled. One that somebody holds is being compared by its holder. */
async function compareLane(
  deps: ComparisonDeps,
  loadBalancerId: string,
  listings: Map<string, Promise<InstanceListing>>,
): Promise<LaneComparison> {
  const lane = await deps.lanes.read(loadBalancerId);
  if (isLeased(lane, deps.clock.nowMs())) return { isDifferent: false, failure: null };
  const bindings = deps.bindings.filter((binding) => binding.loadBalancerId === loadBalancerId);
  const selected = await selectedBy(deps, bindings, listings);
  const seen = await observeLane(deps, loadBalancerId, bindings, selected);
  const inbox = await deps.inbox.read(loadBalancerId);
  const lost = await lostEvents(deps, bindings, seen, inbox);
  const nowMs = deps.clock.nowMs();
  const most = Math.min(...bindings.map(({ drift }) => drift.maxChanges));
  const missing = missingMembers(bindings, seen.instances.present.values(), seen.rows, nowMs).slice(0, most);
  const signals = [...missing, ...lost.signals];
  const isTelling =
    isForgotten(lane, inbox, nowMs) || lost.signals.some((signal) => isForLater(signal, nowMs));
  const { failure } = lost;
  if (
    !isTelling &&
    !isDifferent(
      await foreseeLane(deps, { loadBalancerId, bindings, notes: lane.notes }, seen, signals, nowMs),
    )
  ) {
    return { isDifferent: false, failure };
  }
  if (signals.length > 0) {
    await deps.inbox.put(signals.map((signal) => ({ laneId: loadBalancerId, signal })));
  }
  await deps.lanes.signal([loadBalancerId]);
  return { isDifferent: true, failure };
}

/** Signals for system events whose notices were lost. Not to know them must not keep lost members from joining. */
async function lostEvents(
  { instances, clock, maintenance, logger }: ComparisonDeps,
  bindings: ReadonlyArray<Binding>,
  { instances: { present }, rows }: LaneObservation,
  inbox: ReadonlyArray<Signal>,
): Promise<{ readonly signals: ReadonlyArray<Signal>; readonly failure: string | null }> {
  const known = { rows, inbox };
  const asked = instancesToAsk(bindings, present, known);
  if (asked.length === 0) return { signals: [], failure: null };
  // Before the question: a notice that comes while it is answered is the younger one.
  const askedAtMs = clock.nowMs();
  try {
    const open = await instances.openSystemEvents(asked);
    return { signals: lostSystemEvents(open, known, maintenance, askedAtMs), failure: null };
  } catch (error) {
    const failure = `system events: ${describeError(error)}`;
    logger.warn({ loadBalancerId: bindings[0]?.loadBalancerId }, `not compared: ${failure}`);
    return { signals: [], failure };
  }
}

/** The instances that the bindings select. One listing serves every binding with the same selector. */
async function selectedBy(
  { instances, scaling, metrics, logger }: ComparisonDeps,
  bindings: ReadonlyArray<Binding>,
  listings: Map<string, Promise<InstanceListing>>,
): Promise<ReadonlyArray<string>> {
  const ids = new Set<string>();
  for (const id of (await observeMemberships(scaling, bindings)).keys()) ids.add(id);
  for (const { selector, name } of bindings) {
    if (selector.kind === 'scaling-group') continue;
    const tags = selectorTags(selector);
    const key = JSON.stringify(tags);
    const listed = listings.get(key) ?? instances.list(tags);
    listings.set(key, listed);
    const listing = await listed;
    for (const { instanceId } of listing.instances) ids.add(instanceId);
    // An identity without permission is answered with nothing, so nothing is believed only once that is ruled out.
    if (listing.instances.length === 0) await instances.provePermission();
    if (listing.isComplete) continue;
    // What is missing from the list cannot be added; nobody is taken out for not being on it.
    metrics.count('selectors-unsure', 1, { binding: name });
    logger.warn({ binding: name }, 'the selector matches more instances than a query by tags can list');
  }
  return [...ids];
}
