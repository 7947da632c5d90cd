import { RejectedError } from '../../shared/errors.ts';
import type { InboundEvent, ReconcileDue } from '../../shared/events/model.ts';
import { type ReconcileDeps, reconcileOne } from '../../shared/sweep/apply.ts';
import type { Reconciled } from '../../shared/sweep/model.ts';
import { loadBalancerIdsOf } from '../../shared/sweep/plan.ts';

/** What became of the order, for the log. */
export interface ReconcileOutcome {
  readonly loadBalancerId: string;
  /** `null` = no binding and no pair names it any more. */
  readonly reconciled: Reconciled | null;
}

/**
 * Compares the load balancer that a sweep names, with its pairs, and works what differs. Throws when it could not be compared, or when
 * it is handed something else: the platform repeats that a few times, and then puts it on the queue of failed sweeps.
 */
export async function handleReconcileLoadBalancer(
  deps: ReconcileDeps,
  events: ReadonlyArray<InboundEvent>,
): Promise<ReconcileOutcome> {
  const order = events.find((event): event is ReconcileDue => event.kind === 'reconcile');
  if (order === undefined) throw new RejectedError('no load balancer to reconcile');
  const { loadBalancerId, triggeredAtMs } = order;
  const isConfigured = loadBalancerIdsOf(deps).includes(loadBalancerId);
  const reconciled = isConfigured ? await reconcileOne(deps, loadBalancerId, triggeredAtMs) : null;
  return { loadBalancerId, reconciled };
}
