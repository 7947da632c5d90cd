import type { InstanceObservation } from '../instances/model.ts';
import { hasAddress } from '../instances/selection.ts';
import type { GroupHealth } from './health.ts';
import { type BackendIdentity, backendKey, type ObservedBackend, type ObservedGroup } from './model.ts';
import { type MovingServer, NOBODY_MOVES, Tally } from './tally.ts';

/** A backend whose weight is to become 0. */
export interface Withdrawal {
  readonly backend: ObservedBackend;
  /** Its binding's selector cannot be believed, and it would leave for that alone; `null` = it can. */
  readonly doubt: string | null;
  /** Guards that do not hold it, since a person has lifted them. */
  readonly lifted: ReadonlySet<Forbidden['by']>;
}

/** What the guards of a group judge by. */
export interface GuardInput {
  readonly group: ObservedGroup;
  readonly instances: InstanceObservation;
  readonly health: GroupHealth;
  /** Those of the group's backends that are out by our doing: draining, at weight 0. */
  readonly out: ReadonlySet<ObservedBackend>;
  /** Those of them that have not yet proven that they serve, and so are no capacity. */
  readonly unproven: ReadonlySet<ObservedBackend>;
  /** Those of servers that move from ports to others, which count once; left out = nobody moves. */
  readonly moving?: ReadonlyMap<ObservedBackend, MovingServer>;
  readonly minInService: number;
  readonly maxDisruptionPercent: number;
}

/** A rule that keeps a backend in. `max-disruption` only puts it off; the others stand until something else changes. */
export interface Forbidden {
  readonly by: 'min-in-service' | 'max-disruption' | 'unsure';
  /** For people. */
  readonly reason: string;
}

/** What the guards say about a group's withdrawals. */
export interface Verdict {
  /** Who may not go, by which rule and why; whoever is not in it may. */
  readonly forbidden: ReadonlyMap<ObservedBackend, Forbidden>;
  /** Who may go only because a person has lifted what forbids it. */
  readonly lifted: ReadonlyMap<ObservedBackend, Forbidden>;
  /** What the judgement was made from. */
  readonly facts: Readonly<Record<string, number>>;
}

/**
 * Tells which backends can serve: weight above 0, instance Running, proven ready, not known unhealthy. When every one that could is
 * unhealthy the health checks are not believed, since then they cannot tell whom to spare.
 */
export function capacityOf({
  group,
  instances,
  health,
  unproven,
}: Pick<GuardInput, 'group' | 'instances' | 'health' | 'unproven'>): ReadonlySet<ObservedBackend> {
  const able = group.backends.filter(
    (backend) => backend.weight > 0 && !unproven.has(backend) && isRunning(backend, instances),
  );
  if (health.size === 0) return new Set(able);
  const healthy = able.filter((backend) => health.get(backendKey(backend)) !== 'abnormal');
  return new Set(healthy.length > 0 ? healthy : able);
}

/**
 * Judges withdrawals in their order: at least `minInService` backends stay able to serve (never none, so that a group
 * in service is not emptied), at most `maxDisruptionPercent` of those on Running instances are out at once (one always
 * may be), and nobody leaves because of a selector that cannot be believed. A backend whose instance is proven not
 * Running is no capacity: it may always go.
 */
export function judgeWithdrawals(input: GuardInput, withdrawals: ReadonlyArray<Withdrawal>): Verdict {
  const { group, instances, out, moving = NOBODY_MOVES, minInService, maxDisruptionPercent } = input;
  const able = new Tally(moving, capacityOf(input));
  const capacity = able.size;
  // Who is not yet proven may be all that a group has: it does not stand in for others, nor is it the last to go.
  const ableWithUnproven = new Tally(moving, capacityOf({ ...input, unproven: new Set() }));
  const floor = Math.max(1, minInService);
  const running = group.backends.filter((backend) => isRunning(backend, instances));
  const all = new Tally(moving, running).size;
  const mayBeOut = Math.max(1, Math.floor((all * maxDisruptionPercent) / 100));
  const stillIn = new Tally(
    moving,
    running.filter((backend) => backend.weight > 0 || !out.has(backend)),
  );
  const wereOut = all - stillIn.size;
  const forbidden = new Map<ObservedBackend, Forbidden>();
  const lifted = new Map<ObservedBackend, Forbidden>();
  for (const { backend, doubt, lifted: without } of withdrawals) {
    if (!isRunning(backend, instances)) continue;
    const isBelow = [able, ableWithUnproven].some(
      (tally) => tally.costOf(backend) > 0 && tally.size - tally.costOf(backend) < floor,
    );
    const against: Array<Forbidden> = [];
    if (doubt !== null) against.push({ by: 'unsure', reason: doubt });
    if (isBelow) {
      const reason = `minInService: at least ${floor} must stay able to serve`;
      against.push({ by: 'min-in-service', reason });
    }
    if (stillIn.costOf(backend) > 0 && all - stillIn.size >= mayBeOut) {
      const reason = `maxDisruption: at most ${mayBeOut} of ${all} may be out at once`;
      against.push({ by: 'max-disruption', reason });
    }
    const standing = against.find(({ by }) => !without.has(by));
    if (standing !== undefined) {
      forbidden.set(backend, standing);
      continue;
    }
    const [first] = against;
    if (first !== undefined) lifted.set(backend, first);
    for (const tally of [able, ableWithUnproven, stillIn]) tally.remove(backend);
  }
  return {
    forbidden,
    lifted,
    facts: { capacity, floor, running: all, wereOut, mayBeOut },
  };
}

/** Whether its instance is shown as Running and has the backend's address; nothing else can serve. */
export function isRunning(
  { serverId, serverIp }: Pick<BackendIdentity, 'serverId' | 'serverIp'>,
  instances: InstanceObservation,
): boolean {
  const instance = instances.present.get(serverId);
  return instance?.status === 'Running' && hasAddress(instance, serverIp);
}
