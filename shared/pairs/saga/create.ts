import type { PairMembers } from '../model.ts';
import type { Saga } from './model.ts';
import {
  type SagaSituation,
  type SagaTurn,
  sending,
  still,
  unsettledUntilMs,
  usersOf,
  waiting,
} from './situation.ts';

/**
 * The new group is looked for before it is created, and again once a create whose reply was lost must have landed: nothing
 * carries a token, and names may be repeated.
 */
export function turnOfCreating(saga: Saga, seen: SagaSituation): SagaTurn {
  const found = ownGroup(saga, seen);
  if (found !== null) return still({ ...saga, groupId: found, phase: 'repoint', ...UNDISTURBED });
  const untilMs = unsettledUntilMs(saga, seen);
  if (untilMs !== null) return waiting(saga, untilMs, 'a create of the new group that may still land');
  if (saga.notBeforeMs !== null && saga.notBeforeMs > seen.nowMs) {
    return waiting(saga, saga.notBeforeMs, 'another try to create the new group');
  }
  const { loadBalancerId } = seen.pair;
  const { groupName: name, to: members, tags } = saga;
  return sending(saga, { kind: 'create', loadBalancerId, name, members, tags });
}

/** Nothing is in flight, nothing was refused. */
export const UNDISTURBED = { inFlight: null, refusals: 0, notBeforeMs: null } as const;

/** The group that the saga has made: one of its name and with its members, rather one that is used already; `null` = none. */
export function ownGroup({ groupName, to }: Saga, seen: SagaSituation): string | null {
  const matching = seen.groups
    .filter(({ name }) => name === groupName)
    .map(({ groupId }) => groupId)
    .filter((groupId) => {
      const group = seen.described.get(groupId);
      return group !== undefined && isSamePair(group.members, to);
    })
    .sort();
  return matching.find((groupId) => usersOf(seen, groupId).length > 0) ?? matching[0] ?? null;
}

/** Whether two pairs are the same servers on the same ports in the same roles. */
export function isSamePair(a: PairMembers, b: PairMembers): boolean {
  return (['primary', 'secondary'] as const).every(
    (role) => a[role].serverId === b[role].serverId && a[role].port === b[role].port,
  );
}
