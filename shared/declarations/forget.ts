import { allOrFailure } from '../concurrency.ts';
import type { HeldLane } from '../lanes/model.ts';
import type { BackendStore } from '../server-groups/ports.ts';
import type { DeclarationRow } from './record.ts';

/** What forgetting needs. */
export interface ForgetDeps {
  readonly backends: BackendStore;
}

/** Groups that were known `before` and have been deleted by order since. */
export function deletedSince(
  before: ReadonlyArray<DeclarationRow>,
  after: ReadonlyArray<DeclarationRow>,
): ReadonlyArray<string> {
  return before.flatMap(({ binding, groupId }) => {
    const now = after.find((row) => row.binding === binding);
    return groupId !== null && now?.groupId === null && now.deletedAtMs !== null ? [groupId] : [];
  });
}

/**
 * Drops the records of the members of groups that are no more: nobody would look at them again. `others` = the groups of the
 * lane that are still there; an instance in none of them leaves the index of members. Throws TransientError.
 */
export async function forgetMembers(
  { backends }: ForgetDeps,
  { laneId: loadBalancerId, fence }: HeldLane,
  groupIds: ReadonlyArray<string>,
  others: ReadonlyArray<string>,
): Promise<void> {
  if (groupIds.length === 0) return;
  const [gone, kept] = await allOrFailure([
    backends.readGroups(groupIds),
    others.length === 0 ? Promise.resolve([]) : backends.readGroups(others),
  ]);
  if (gone.length === 0) return;
  const still = new Set(kept.map(({ serverId }) => serverId));
  const departed = [...new Set(gone.map(({ serverId }) => serverId))].filter((id) => !still.has(id));
  const changes = gone.map((row) => ({ kind: 'delete', row, expectedRevision: row.revision }) as const);
  // One that somebody else writes meanwhile is theirs.
  await backends.commit({ loadBalancerId, fence, changes, departed, audit: [] });
}
