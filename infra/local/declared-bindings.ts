import type { Binding } from '../../shared/config/binding.ts';
import { BINDING_TAG } from '../../shared/declarations/model.ts';
import type { Slb } from './world/slb/slb.ts';

/** The bindings with the ids that their declared groups really have, by the tag that tells whose they are. */
export function boundBindings(
  bindings: ReadonlyArray<Binding>,
  slb: Pick<Slb, 'groups'>,
): ReadonlyArray<Binding> {
  if (bindings.every(({ declaredBy }) => declaredBy === null)) return bindings;
  const groupIds = new Map(
    slb
      .groups()
      .flatMap(({ vServerGroupId, tags }) =>
        tags.flatMap(({ key, value }) => (key === BINDING_TAG ? [[value, vServerGroupId] as const] : [])),
      ),
  );
  return bindings.map((binding) => {
    const vServerGroupId = binding.declaredBy === null ? undefined : groupIds.get(binding.declaredBy);
    return vServerGroupId === undefined ? binding : { ...binding, vServerGroupId };
  });
}
