import { type ComparisonDeps, compareLanes } from '../comparison/apply.ts';
import { mapBounded } from '../concurrency.ts';
import type { SweepSettings } from '../config/sweep.ts';
import { describeError, TransientError } from '../errors.ts';
import { writeReconcile } from '../events/reconcile.ts';
import type { LaneDeps } from '../lanes/apply.ts';
import { workLanes } from '../lanes/work-lanes.ts';
import { createPass, type LanePassDeps } from '../passes.ts';
import type { FannedOut, Reconciled, SweepOutcome } from './model.ts';
import { taskIdOf } from './plan.ts';
import type { Invoker } from './ports.ts';

/** What comparing load balancers and working those that differ needs. */
export type ReconcileDeps = ComparisonDeps &
  LaneDeps &
  LanePassDeps & { readonly timing: { readonly passBudgetMs: number } };

/** What a sweep needs. */
export type SweepDeps = ReconcileDeps & {
  readonly sweep: SweepSettings;
  /** Starts the function that reconciles one load balancer. */
  readonly reconcile: Invoker;
};

const STARTS_AT_ONCE = 10;

/**
 * The sweep of the instant `triggeredAtMs` over all configured load balancers: few of them are compared and worked here,
 * of many each gets an invocation of its own. A failure never fails the others, is told, and is the next sweep's to mend.
 */
export async function sweep(deps: SweepDeps, triggeredAtMs: number): Promise<SweepOutcome> {
  const ids = [...new Set(deps.bindings.map(({ loadBalancerId }) => loadBalancerId))].sort();
  if (ids.length <= deps.sweep.inPlace) {
    return { triggeredAtMs, kind: 'in-place', ...(await reconcileAll(deps, ids)) };
  }
  return { triggeredAtMs, kind: 'fanned-out', ...(await startEach(deps, ids, triggeredAtMs)) };
}

/**
 * Compares one load balancer and works it if it differs. Throws TransientError when it could not be compared, so that the
 * platform tries again and tells of it in the end. What becomes of its lane is the lane's: it hands over and retries itself.
 */
export async function reconcileOne(deps: ReconcileDeps, loadBalancerId: string): Promise<Reconciled> {
  const reconciled = await reconcileAll(deps, [loadBalancerId]);
  const { compared, failed } = reconciled.comparison;
  if (compared.includes(loadBalancerId)) return reconciled;
  throw new TransientError(`${loadBalancerId} was not compared: ${failed[loadBalancerId]}`, 'unavailable');
}

async function reconcileAll(deps: ReconcileDeps, ids: ReadonlyArray<string>): Promise<Reconciled> {
  const deadlineMs = deps.ownClock.nowMs() + deps.timing.passBudgetMs;
  const comparison = await compareLanes(deps, ids, deadlineMs);
  const lanes = await workLanes(deps, comparison.different, createPass(deps), deadlineMs);
  countFailures(deps, comparison.failed);
  return { comparison, lanes };
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
      failed[id] = 'no time left in this round';
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
  countFailures(deps, failed);
  return { started: started.sort(), already: already.sort(), failed };
}

function countFailures({ metrics }: ReconcileDeps, failed: Readonly<Record<string, string>>): void {
  for (const loadBalancer of Object.keys(failed)) metrics.count('sweep-failures', 1, { loadBalancer });
}
