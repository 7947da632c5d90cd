import { type Binding, SCALING_GROUP_TAG, selectorTags } from '../../../../shared/config/binding.ts';
import { scalingGroupIdsOf } from '../../../../shared/config/scaling.ts';
import type { Instance, InstanceListing } from '../../../../shared/instances/model.ts';
import { type Answer, anError, aWarning, type Facts, type Finding, fine, notChecked } from '../model.ts';

/** Whether each binding selects instances, and can see all of them. */
export function selectorFindings(facts: Facts): ReadonlyArray<Finding> {
  return facts.config.bindings.flatMap((binding) => {
    const { name, selector } = binding;
    if (selector.kind === 'scaling-group') {
      return ofScalingGroup(name, selector.scalingGroupId, facts);
    }
    const listing = facts.listings.get(name);
    return listing === undefined ? [] : ofTags(facts, binding, listing);
  });
}

function ofScalingGroup(
  binding: string,
  scalingGroupId: string,
  { scalingGroups }: Facts,
): ReadonlyArray<Finding> {
  const { group, instances } = scalingGroups.get(scalingGroupId) ?? {};
  // One that is not there, or cannot be asked, has been told of with the scaling group.
  if (group?.isKnown && group.value === null) return [];
  if (!instances?.isKnown) return [];
  const where = { binding, scalingGroup: scalingGroupId };
  const count = instances.value.size;
  if (count > 0)
    return [fine('selector', where, `${count === 1 ? '1 instance' : `${count} instances`} in it`)];
  const fix = 'nothing, when it is to be empty for now';
  return [aWarning('selector', where, 'the scaling group has no instance', fix)];
}

const NOUN = { ecs: 'instance', eni: 'network interface', eci: 'container instance' } as const;

function ofTags(facts: Facts, binding: Binding, listing: Answer<InstanceListing>): ReadonlyArray<Finding> {
  const where = { binding: binding.name };
  if (!listing.isKnown) return [notChecked(where, listing)];
  const { instances, isComplete } = listing.value;
  const tags = selectorTags(binding.selector)
    .map(({ key, value }) => `${key}=${value}`)
    .join(' ');
  if (!isComplete) {
    const found = `a query by tags sees 1,000 resources at most, and ${instances.length} carry ${tags}: nobody can tell who is missing, so nobody is taken out for being missing`;
    const other = binding.type === 'ecs' ? ', or select by scalingGroup' : '';
    return [anError('selector', where, found, `split the binding by another tag${other}`)];
  }
  if (instances.length === 0) {
    const found = `no ${NOUN[binding.type]} carries ${tags}`;
    return [aWarning('selector', where, found, 'correct selector.tags, or tag the instances that are meant')];
  }
  const noun = NOUN[binding.type];
  const count = instances.length === 1 ? `1 ${noun} carries` : `${instances.length} ${noun}s carry`;
  return [fine('selector', where, `${count} ${tags}`), ...unknownGroups(facts, binding, instances)];
}

/** Scaling groups that nobody has named are asked nothing: a hook whose message is lost waits until it times out. */
function unknownGroups(
  { config: { bindings, scaling } }: Facts,
  { name }: Binding,
  instances: ReadonlyArray<Instance>,
): ReadonlyArray<Finding> {
  const known = new Set(scalingGroupIdsOf(bindings, scaling));
  const counts = new Map<string, number>();
  for (const { tags } of instances) {
    const id = tags[SCALING_GROUP_TAG];
    if (id !== undefined && !known.has(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [...counts].map(([scalingGroup, count]) => {
    const found = `${count} of its instances belong to ${scalingGroup}, which scaling.groups does not name: a hook of it whose message is lost is not found`;
    return aWarning(
      'scaling-group-unnamed',
      { binding: name, scalingGroup },
      found,
      `name it: scaling.groups: [{ id: ${scalingGroup} }]`,
    );
  });
}
