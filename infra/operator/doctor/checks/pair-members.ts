import type { Pair } from '../../../../shared/config/pair.ts';
import type { PairGroup } from '../../../../shared/pairs/model.ts';
import { anError, aWarning, type Finding, fine, notChecked, type PairFacts } from '../model.ts';

/** Whether the groups behind a pair are there and their two members run. */
export function membersOf({ name: pair }: Pair, facts: PairFacts): ReadonlyArray<Finding> {
  return [...facts.groups].flatMap(([pairGroup, answer]) => {
    const where = { pair, pairGroup };
    if (!answer.isKnown) return [notChecked(where, answer)];
    if (answer.value === null) {
      const found = 'a listener uses it, and it does not exist';
      return [anError('pair-group', where, found, 'point the listener at a primary/secondary group')];
    }
    if (!facts.instances.isKnown) return [notChecked(where, facts.instances)];
    return stateOf(answer.value, facts.instances.value, where);
  });
}

function stateOf(
  { members: { primary, secondary } }: PairGroup,
  instances: ReadonlyMap<string, { readonly status: string }>,
  where: { readonly pair: string; readonly pairGroup: string },
): ReadonlyArray<Finding> {
  const statusOf = (serverId: string) => instances.get(serverId)?.status ?? 'not there';
  const troubles: Array<Finding> = [];
  if (statusOf(primary.serverId) !== 'Running') {
    const found = `the primary ${primary.serverId} is ${statusOf(primary.serverId)}`;
    const fix = `autopilot pairs ${where.pair} tells whether a promotion is on its way, or what holds it`;
    troubles.push(anError('pair-members', where, found, fix));
  }
  if (statusOf(secondary.serverId) !== 'Running') {
    const found = `the secondary ${secondary.serverId} is ${statusOf(secondary.serverId)}: it takes over from nobody`;
    const fix = 'start it; with a standby pool it is replaced when it has been gone for five minutes';
    troubles.push(anError('pair-members', where, found, fix));
  }
  if (troubles.length > 0) return troubles;
  const found = `${primary.serverId} is the primary and ${secondary.serverId} the secondary, both Running`;
  return [fine('pair-members', where, found)];
}

/** Whether somebody could take the place of a member that is lost. */
export function poolOf({ name: pair, standby }: Pair, facts: PairFacts): ReadonlyArray<Finding> {
  const where = { pair };
  if (standby === null || facts.standbyIds === null) {
    const found =
      'it has no standby pool: a member that is lost is not replaced, and while it is gone nobody is promoted';
    return [aWarning('pair-pool', where, found, 'name one: standby, by tags or scalingGroup')];
  }
  const { standbyIds, instances } = facts;
  if (!standbyIds.isKnown) return [notChecked(where, standbyIds)];
  if (!instances.isKnown) return [notChecked(where, instances)];
  const members = new Set(
    [...facts.groups.values()].flatMap((group) =>
      group.isKnown && group.value !== null
        ? [group.value.members.primary.serverId, group.value.members.secondary.serverId]
        : [],
    ),
  );
  const others = standbyIds.value.filter((id) => !members.has(id));
  const running = others.filter((id) => instances.value.get(id)?.status === 'Running');
  if (running.length > 0) return [fine('pair-pool', where, `${running.length} Running in its standby pool`)];
  const found =
    others.length === 0
      ? 'its standby pool is empty: a member that is lost is not replaced'
      : `none of the ${others.length} in its standby pool is Running: a member that is lost is not replaced`;
  return [aWarning('pair-pool', where, found, 'start one, or correct standby')];
}
