import type { InstanceObservation } from '../instances/model.ts';
import type { ObservedGroup } from './model.ts';

/** A backend whose weight is to become 0. */
export interface Withdrawal {
  /** As `backendKey`. */
  readonly key: string;
  readonly serverId: string;
}

/** What the guards say about a group's withdrawals. */
export interface Verdict {
  /** Keys of the backends that may be withdrawn. */
  readonly allowed: ReadonlySet<string>;
  /** Why the others may not; `null` = all may. */
  readonly reason: string | null;
}

/** Backends that can serve: weight above 0 on an instance that is Running. */
export function effectiveCapacity(group: ObservedGroup, instances: InstanceObservation): number {
  return group.backends.filter((backend) => backend.weight > 0 && isRunning(backend.serverId, instances))
    .length;
}

/**
 * Lets withdrawals through as long as `minInService` backends stay able to serve (at least one, so that a group in
 * service is never emptied). A backend whose instance is proven not Running is no capacity: it may always go.
 */
export function judgeWithdrawals(
  group: ObservedGroup,
  instances: InstanceObservation,
  withdrawals: ReadonlyArray<Withdrawal>,
  minInService: number,
): Verdict {
  const floor = Math.max(1, minInService);
  let spare = effectiveCapacity(group, instances) - floor;
  let refused = 0;
  const allowed = new Set<string>();
  for (const withdrawal of withdrawals) {
    const costsCapacity = isRunning(withdrawal.serverId, instances);
    if (costsCapacity && spare <= 0) {
      refused++;
      continue;
    }
    if (costsCapacity) spare--;
    allowed.add(withdrawal.key);
  }
  const reason = refused === 0 ? null : `minInService: at least ${floor} must stay able to serve`;
  return { allowed, reason };
}

/** Whether ECS shows the instance as Running; nothing else can serve. */
export function isRunning(serverId: string, instances: InstanceObservation): boolean {
  return instances.present.get(serverId)?.status === 'Running';
}
