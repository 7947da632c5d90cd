import type { Signal } from '../acceptance/model.ts';
import type { InboxStore } from '../acceptance/ports.ts';
import type { Clock } from '../clock.ts';
import type { Binding } from '../config/binding.ts';
import { isUnknownGroupId } from '../config/group.ts';
import type { Assumptions } from '../config/load.ts';
import type { Maintenance } from '../config/maintenance.ts';
import { isToBeKept, lookAtDeclarations, type SeenDeclaration } from '../declarations/look.ts';
import { isDeclared } from '../declarations/model.ts';
import type { ObserveDeclarationsDeps } from '../declarations/observe.ts';
import type { DeclarationReader } from '../declarations/ports.ts';
import { knownIn } from '../declarations/resolve.ts';
import { describeError } from '../errors.ts';
import type { LaneRow } from '../lanes/model.ts';
import { isLeased } from '../lanes/plan.ts';
import type { LaneStore } from '../lanes/ports.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { foreseeLane } from '../server-groups/foresee.ts';
import type { LanePlan, PlanLimits, PlanTiming } from '../server-groups/model.ts';
import { type LaneObservation, type ObserveDeps, observeLane } from '../server-groups/observe.ts';
import type { Listings } from './listings.ts';
import { isDifferent, isForgotten, missingMembers } from './plan.ts';
import { selectedBy } from './selected.ts';
import { instancesToAsk, isForLater, lostSystemEvents } from './system-events.ts';

/** What looking at a load balancer needs: only what reads. */
export interface LookDeps extends ObserveDeps, ObserveDeclarationsDeps {
  readonly declarations: DeclarationReader;
  readonly inbox: Pick<InboxStore, 'read'>;
  readonly lanes: Pick<LaneStore, 'read'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly bindings: ReadonlyArray<Binding>;
  readonly timing: PlanTiming;
  readonly limits: PlanLimits;
  readonly maintenance: Maintenance;
  readonly assume: Assumptions;
}

/** What was seen of a load balancer without a lease, and what a pass over its lane would begin with. */
export interface LoadBalancerLook {
  readonly loadBalancerId: string;
  /** Declared groups by their ids, as far as they are known. */
  readonly bindings: ReadonlyArray<Binding>;
  /** The declared groups among them. */
  readonly declared: ReadonlyArray<SeenDeclaration>;
  readonly lane: LaneRow;
  readonly inbox: ReadonlyArray<Signal>;
  readonly seen: LaneObservation;
  /** What the lane has not heard of, to be put into its inbox: missing members, and lost notices of system events. */
  readonly lost: ReadonlyArray<Signal>;
  /** Missing members beyond what one look brings in. */
  readonly postponed: number;
  /** The plan of a pass that found `lost` beside what is in its inbox. */
  readonly plan: LanePlan;
  /** Whether the lane has something to do: the plan has, or a signal that no plan shows. */
  readonly hasWork: boolean;
  /** Why its system events are not known; `null` = they are, or were not asked for. */
  readonly failure: string | null;
  readonly nowMs: number;
}

/** Looks at a lane unless somebody holds it, who compares by himself; `null` = somebody does. */
export async function lookUnlessHeld(
  deps: LookDeps,
  loadBalancerId: string,
  listings: Listings,
): Promise<LoadBalancerLook | null> {
  const lane = await deps.lanes.read(loadBalancerId);
  return isLeased(lane, deps.clock.nowMs()) ? null : await lookAt(deps, lane, listings);
}

/** Looks at a load balancer whoever holds its lane. Writes nothing. Complete or an error, but for system events. */
export async function lookAtLoadBalancer(
  deps: LookDeps,
  loadBalancerId: string,
  listings: Listings,
): Promise<LoadBalancerLook> {
  return await lookAt(deps, await deps.lanes.read(loadBalancerId), listings);
}

async function lookAt(deps: LookDeps, lane: LaneRow, listings: Listings): Promise<LoadBalancerLook> {
  const { laneId: loadBalancerId, notes } = lane;
  const configured = deps.bindings.filter((binding) => binding.loadBalancerId === loadBalancerId);
  const recorded = configured.some(isDeclared)
    ? await deps.declarations.read(loadBalancerId)
    : { rows: [], orders: [] };
  const declared = await lookAtDeclarations(deps, loadBalancerId, configured, recorded);
  // Nobody can be a member of a group that does not exist yet.
  const bindings = knownIn(configured, recorded).filter(
    ({ vServerGroupId }) => !isUnknownGroupId(vServerGroupId),
  );
  const selected = await selectedBy(deps, bindings, listings, deps.clock.nowMs());
  // The inbox first: what is taken out of it after this was read stands in the rows that are read now.
  const inbox = await deps.inbox.read(loadBalancerId);
  const signalled = inbox.map(({ instanceId }) => instanceId);
  const seen = await observeLane(deps, loadBalancerId, bindings, [...selected.ids, ...signalled], selected);
  const { signals, failure } = await lostEvents(deps, bindings, seen, inbox);
  const nowMs = deps.clock.nowMs();
  const most = Math.min(...bindings.map(({ drift }) => drift.maxChanges));
  const missing = missingMembers(bindings, seen.instances.present.values(), seen.rows, inbox, nowMs);
  const lost = [...missing.slice(0, most), ...signals];
  const plan = await foreseeLane(
    deps,
    { loadBalancerId, bindings, notes },
    seen,
    togetherWith(inbox, lost),
    nowMs,
  );
  const isTelling = isForgotten(lane, inbox, nowMs) || signals.some((signal) => isForLater(signal, nowMs));
  return {
    loadBalancerId,
    bindings: knownIn(configured, recorded),
    declared,
    lane,
    inbox,
    seen,
    lost,
    postponed: Math.max(0, missing.length - most),
    plan,
    hasWork: isTelling || isDifferent(plan) || declared.some(isToBeKept),
    failure,
    nowMs,
  };
}

/** What the inbox would hold: an entry that is already there stays as it is. */
function togetherWith(inbox: ReadonlyArray<Signal>, lost: ReadonlyArray<Signal>): ReadonlyArray<Signal> {
  const known = new Set(inbox.map(({ key }) => key));
  return [...inbox, ...lost.filter(({ key }) => !known.has(key))];
}

/** Signals for system events whose notices were lost. Not to know them must not keep lost members from joining. */
async function lostEvents(
  { instances, clock, maintenance, logger }: LookDeps,
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
