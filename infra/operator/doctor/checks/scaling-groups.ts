import { anError, aWarning, type Facts, type Finding, fine, notChecked } from '../model.ts';
import { bindingsOf, whereOf } from '../relations.ts';
import { attachmentFindings } from './attachments.ts';
import { hookFindings } from './hooks.ts';
import { waitFindings } from './waits.ts';

/** Whether the scaling groups that the configuration knows are there, and what of them would not work. */
export function scalingGroupFindings(facts: Facts): ReadonlyArray<Finding> {
  return [...facts.scalingGroups].flatMap(([scalingGroupId, { group, hooks }]) => {
    const where = whereOf(scalingGroupId);
    if (group.isKnown && group.value === null) return [missing(facts, scalingGroupId)];
    return [
      ...(group.isKnown ? [] : [notChecked(where, group)]),
      ...(group.isKnown && group.value !== null ? [stateOf(scalingGroupId, group.value.lifecycleState)] : []),
      ...(group.isKnown && group.value !== null
        ? attachmentFindings(facts.config, scalingGroupId, group.value.attachments)
        : []),
      ...(hooks.isKnown ? hookFindings(facts, scalingGroupId, hooks.value) : [notChecked(where, hooks)]),
      ...(hooks.isKnown ? waitFindings(facts, scalingGroupId, hooks.value) : []),
      ...placing(facts, scalingGroupId),
    ];
  });
}

function missing({ config }: Facts, scalingGroupId: string): Finding {
  const selecting = config.bindings.filter(
    ({ selector }) => selector.kind === 'scaling-group' && selector.scalingGroupId === scalingGroupId,
  );
  const found = `there is no such scaling group in ${config.regionId}`;
  const names = selecting.map(({ name }) => name).join(', ');
  const meaning = names === '' ? found : `${found}: nothing is selected for ${names}`;
  return anError('scaling-group', whereOf(scalingGroupId), meaning, 'correct its id in the file');
}

function stateOf(scalingGroupId: string, lifecycleState: string): Finding {
  const where = whereOf(scalingGroupId);
  if (lifecycleState === 'Active') return fine('scaling-group', where, 'active');
  const found = `it is ${lifecycleState}: it does not scale, and no hook comes of it`;
  return aWarning('scaling-group', where, found, 'enable it (EnableScalingGroup) when it is to scale');
}

/** A group that is named only in `scaling.groups` has its instances placed by tags. */
function placing(facts: Facts, scalingGroupId: string): ReadonlyArray<Finding> {
  const instances = facts.scalingGroups.get(scalingGroupId)?.instances;
  const where = whereOf(scalingGroupId);
  if (instances !== undefined && !instances.isKnown) return [notChecked(where, instances)];
  const names = bindingsOf(facts, scalingGroupId).map(({ name }) => name);
  if (names.length > 0) return [fine('placing', where, `its instances are placed by ${names.join(', ')}`)];
  const count = instances?.value.size ?? 0;
  if (count === 0) return [fine('placing', where, 'it has no instances now, and no binding selects by it')];
  const isSure = [...facts.listings.values()].every((listing) => listing.isKnown && listing.value.isComplete);
  if (!isSure) return [];
  const found = `no binding selects any of its ${count} instances: its hooks are answered at once`;
  const fix = 'tag its instances as a binding selects them, or take it out of scaling.groups';
  return [aWarning('placing', where, found, fix)];
}
