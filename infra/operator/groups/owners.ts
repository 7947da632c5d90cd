import type { Config } from '../../../shared/config/load.ts';
import { listenerName } from '../../../shared/config/pair.ts';
import type { LoadBalancerView, ViewedGroup, ViewedServer } from '../../../shared/load-balancers/view.ts';
import { PAIR_TAG } from '../../../shared/pairs/saga/begin.ts';
import { GROUP_NAME_PREFIX } from '../../../shared/pairs/saga/model.ts';
import { MARK_PREFIX, markOf } from '../../../shared/server-groups/model.ts';
import type { Owner } from './model.ts';

/** What of the configuration says whose something is. */
export type Claims = Pick<Config, 'bindings' | 'pairs'>;

const STRANGER: Owner = { kind: 'stranger', name: null };

/**
 * Whose a server is, by its mark alone: what is recorded in the tables is not read for it, so a server that a binding adopts
 * and has not marked yet counts as a stranger's.
 */
export function ownerOfServer(
  { bindings }: Claims,
  group: ViewedGroup,
  groupOwners: ReadonlyArray<Owner>,
  server: ViewedServer,
): Owner {
  if (group.kind !== 'vserver-group') return groupOwners[0] ?? STRANGER;
  const { description } = server;
  if (!description.startsWith(MARK_PREFIX)) return STRANGER;
  const binding = bindings.find(
    (each) => each.vServerGroupId === group.groupId && markOf(each.name) === description,
  );
  return binding === undefined
    ? { kind: 'mark', name: description }
    : { kind: 'binding', name: binding.name };
}

/** Bindings and pairs that are about a group; a primary/secondary group that a pair has left over shows by its tag or name. */
export function ownersOfGroup(
  { bindings, pairs }: Claims,
  { loadBalancerId, listeners }: Pick<LoadBalancerView, 'loadBalancerId' | 'listeners'>,
  group: ViewedGroup,
): ReadonlyArray<Owner> {
  switch (group.kind) {
    case 'default-group':
      return [];
    case 'vserver-group':
      return bindings
        .filter(({ vServerGroupId }) => vServerGroupId === group.groupId)
        .map(({ name }) => ({ kind: 'binding', name }));
    case 'pair-group': {
      const users = listeners.filter(({ groupId }) => groupId === group.groupId);
      const owning = pairs.filter(
        (pair) =>
          pair.loadBalancerId === loadBalancerId &&
          pair.listeners.some((own) =>
            users.some(({ protocol, port }) => listenerName(own) === `${protocol}:${port}`),
          ),
      );
      if (owning.length > 0) return owning.map(({ name }) => ({ kind: 'pair', name }));
      const mark = group.tags.find(({ key }) => key === PAIR_TAG)?.value;
      if (mark !== undefined) return [{ kind: 'mark', name: mark }];
      return group.name.startsWith(GROUP_NAME_PREFIX) ? [{ kind: 'mark', name: group.name }] : [];
    }
  }
}
