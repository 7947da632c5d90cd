import { sweepSubject } from '../audit/model.ts';
import type { AuditLog } from '../audit/ports.ts';
import type { NewId } from '../clock.ts';
import { type ComparisonDeps, compareLanes } from '../comparison/apply.ts';
import { NO_TIME_LEFT } from '../comparison/each.ts';
import { comparePairs, type PairComparisonDeps } from '../comparison/pairs.ts';
import { allOrFailure, mapBounded } from '../concurrency.ts';
import type { SweepSettings } from '../config/sweep.ts';
import { describeError, TransientError } from '../errors.ts';
import { writeReconcile } from '../events/reconcile.ts';
import type { LaneDeps } from '../lanes/apply.ts';
import { workLanes } from '../lanes/work-lanes.ts';
import { createPass, type LanePassDeps } from '../passes.ts';
import { VERSION } from '../version.ts';
import { type FleetDeps, remarksOnFleet } from './fleet.ts';
import type { FannedOut, Reconciled, SweepCounts, SweepOutcome, SweepReport, Worked } from './model.ts';
import { loadBalancerIdsOf, taskIdOf } from './plan.ts';
import type { CallCounter, Invoker } from './ports.ts';
import { countsOf, describeSweep, sectionsToKeep } from './report.ts';

/** What comparing load balancers with their pairs, working those that differ and reporting on it needs. */
export type ReconcileDeps = ComparisonDeps &
  PairComparisonDeps &
  LaneDeps &
  LanePassDeps & {
    readonly audit: AuditLog;
    readonly calls: CallCounter;
    readonly newId: NewId;
    readonly regionId: string;
    readonly timing: { readonly passBudgetMs: number };
  };

/** What a sweep needs. */
export type SweepDeps = ReconcileDeps &
  FleetDeps & {
    readonly sweep: SweepSettings;
    /** Starts the function that reconciles one load balancer. */
    readonly reconcile: Invoker;
  };

const STARTS_AT_ONCE = 10;

/**
 * The sweep of the instant `triggeredAtMs` over all configured load balancers: few of them are compared and worked here,
 * of many each gets an invocation of its own. A failure never fails the others, is told, and is the next sweep's to mend.
 * Throws TransientError when its report cannot be written: done again it does no harm.
 */
export async function sweep(deps: SweepDeps, triggeredAtMs: number): Promise<SweepOutcome> {
  const ids = loadBalancerIdsOf(deps);
  const measured = measure(deps);
  const about = { sweepAtMs: triggeredAtMs, loadBalancerIds: [], handedOn: [] };
  if (ids.length <= deps.sweep.inPlace) {
    const worked = await reconcileAll(deps, ids);
    const remarks = await remarksOnFleet(deps, triggeredAtMs, ids.length);
    const by = 'in-place';
    const counts = await tell(deps, { ...about, by, loadBalancerIds: ids, remarks }, worked, measured);
    return { triggeredAtMs, kind: by, remarks, counts, ...reconciledOf(worked) };
  }
  const fannedOut = await startEach(deps, ids, triggeredAtMs);
  const remarks = await remarksOnFleet(deps, triggeredAtMs, ids.length);
  const by = 'fanned-out';
  const handedOn = [...fannedOut.started, ...fannedOut.already].sort();
  const { failed } = fannedOut;
  await tell(deps, { ...about, by, handedOn, remarks }, nothingWorked(failed), measured);
  return { triggeredAtMs, kind: by, remarks, ...fannedOut };
}

/**
 * Compares one load balancer with its pairs and works what differs, as a task of the sweep of `sweepAtMs`. Throws
 * TransientError when something could not be compared, so that the platform tries again and tells of it in the end; it is
 * reported all the same. What becomes of a lane is the lane's: it hands over and retries itself.
 */
export async function reconcileOne(
  deps: ReconcileDeps,
  loadBalancerId: string,
  sweepAtMs: number,
): Promise<Reconciled & { readonly counts: SweepCounts }> {
  const measured = measure(deps);
  const worked = await reconcileAll(deps, [loadBalancerId]);
  const [failure] = failuresOf(worked);
  const about = { sweepAtMs, by: 'task' as const, loadBalancerIds: [loadBalancerId], handedOn: [] };
  const counts = await tell(deps, { ...about, remarks: [] }, worked, measured);
  if (failure === undefined) return { ...reconciledOf(worked), counts };
  throw new TransientError(`${failure[0]} was not compared: ${failure[1]}`, 'unavailable');
}

/** What could not be compared at all, with why. */
function failuresOf({ comparison, pairs }: Reconciled): ReadonlyArray<readonly [string, string]> {
  return [comparison, pairs].flatMap(({ failed, compared }) =>
    Object.entries(failed).filter(([name]) => !compared.includes(name)),
  );
}

async function reconcileAll(deps: ReconcileDeps, ids: ReadonlyArray<string>): Promise<Worked> {
  const deadlineMs = deps.ownClock.nowMs() + deps.timing.passBudgetMs;
  const isOne = ({ loadBalancerId }: { loadBalancerId: string }) => ids.includes(loadBalancerId);
  const bound = ids.filter((id) => deps.bindings.some(({ loadBalancerId }) => loadBalancerId === id));
  const [ofGroups, ofPairs] = await allOrFailure([
    compareLanes(deps, bound, deadlineMs),
    comparePairs(deps, deps.pairs.filter(isOne), deadlineMs),
  ]);
  const different = [...ofGroups.report.different, ...ofPairs.report.different];
  const lanes = await workLanes(deps, different, createPass(deps), deadlineMs);
  countFailures(deps, 'loadBalancer', ofGroups.report.failed);
  countFailures(deps, 'pair', ofPairs.report.failed);
  return {
    comparison: ofGroups.report,
    pairs: ofPairs.report,
    lanes,
    sections: [...ofGroups.sections, ...ofPairs.sections],
  };
}

function reconciledOf({ comparison, pairs, lanes }: Worked): Reconciled {
  return { comparison, pairs, lanes };
}

function nothingWorked(failed: Readonly<Record<string, string>>): Worked {
  const nothing = { compared: [], held: [], different: [], failed: {} };
  return { comparison: { ...nothing, failed }, pairs: nothing, lanes: {}, sections: [] };
}

/** Where counting begins. */
interface Measured {
  readonly startedAtMs: number;
  readonly calls: ReturnType<CallCounter['made']>;
}

function measure({ ownClock, calls }: ReconcileDeps): Measured {
  return { startedAtMs: ownClock.nowMs(), calls: calls.made() };
}

/** Writes a worker's report into the audit, and counts it. */
async function tell(
  deps: ReconcileDeps,
  about: Pick<SweepReport, 'sweepAtMs' | 'by' | 'loadBalancerIds' | 'handedOn' | 'remarks'>,
  worked: Worked,
  since: Measured,
): Promise<SweepCounts> {
  const { audit, clock, newId, regionId, calls, ownClock, metrics } = deps;
  const made = calls.made();
  const before = since.calls;
  const spent = {
    slb: made.slb - before.slb,
    ecs: made.ecs - before.ecs,
    ess: made.ess - before.ess,
    eci: made.eci - before.eci,
  };
  const counts = countsOf(worked, spent, ownClock.nowMs() - since.startedAtMs);
  const failed = { ...worked.comparison.failed, ...worked.pairs.failed };
  const report: SweepReport = { ...about, counts, failed, ...sectionsToKeep(worked.sections) };
  metrics.count('sweep-groups', counts.groups, {});
  metrics.count('sweep-backends', counts.backends, {});
  metrics.count('sweep-found', counts.found, {});
  metrics.count('sweep-corrected', counts.corrected, {});
  metrics.count('sweep-held', counts.held, {});
  metrics.count('sweep-calls', spent.slb + spent.ecs + spent.ess + spent.eci, {});
  metrics.count('sweep-duration-ms', counts.durationMs, {});
  await audit.write([
    {
      subject: sweepSubject(regionId),
      atMs: clock.nowMs(),
      id: newId(),
      action: 'sweep-reported',
      reason: describeSweep(report),
      requestIds: [],
      inputs: { ...report, code: VERSION },
    },
  ]);
  return counts;
}

async function startEach(
  deps: SweepDeps,
  ids: ReadonlyArray<string>,
  triggeredAtMs: number,
): Promise<FannedOut> {
  const { reconcile, ownClock, timing, logger } = deps;
  const deadlineMs = ownClock.nowMs() + timing.passBudgetMs;
  const started: Array<string> = [];
  const already: Array<string> = [];
  const failed: Record<string, string> = {};
  await mapBounded(ids, STARTS_AT_ONCE, async (id) => {
    if (ownClock.nowMs() >= deadlineMs) {
      failed[id] = NO_TIME_LEFT;
      return;
    }
    try {
      const outcome = await reconcile.start(taskIdOf(id, triggeredAtMs), writeReconcile(id, triggeredAtMs));
      (outcome === 'started' ? started : already).push(id);
    } catch (error) {
      failed[id] = describeError(error);
      logger.warn({ loadBalancerId: id }, `not started: ${describeError(error)}`);
    }
  });
  countFailures(deps, 'loadBalancer', failed);
  return { started: started.sort(), already: already.sort(), failed };
}

function countFailures(
  { metrics }: ReconcileDeps,
  label: 'loadBalancer' | 'pair',
  failed: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys(failed)) metrics.count('sweep-failures', 1, { [label]: name });
}
