import type { Binding } from '../../../../shared/config/binding.ts';
import { BINDING_TAG } from '../../../../shared/declarations/model.ts';
import type { Scene } from './invariant.ts';

/** The bindings with the ids that their declared groups really have, by the tag that tells whose they are. */
export function boundBindings({ config, clouds }: Pick<Scene, 'config' | 'clouds'>): ReadonlyArray<Binding> {
  if (config.bindings.every(({ group }) => group === null)) return config.bindings;
  const groupIds = new Map(
    clouds.slb
      .groups()
      .flatMap(({ vServerGroupId, tags }) =>
        tags.flatMap(({ key, value }) => (key === BINDING_TAG ? [[value, vServerGroupId] as const] : [])),
      ),
  );
  return config.bindings.map((binding) => {
    const vServerGroupId = groupIds.get(binding.name);
    return binding.group === null || vServerGroupId === undefined ? binding : { ...binding, vServerGroupId };
  });
}

/** The bindings of a vServer group: those that name it by its id, or the one that has declared it, whose tag it has. */
export function bindingsOfGroup(
  { config, clouds }: Pick<Scene, 'config' | 'clouds'>,
  vServerGroupId: string,
): ReadonlyArray<Binding> {
  const tags = clouds.slb.group(vServerGroupId)?.tags ?? [];
  const declaredBy = tags.find(({ key }) => key === BINDING_TAG)?.value;
  return config.bindings.filter(
    (binding) =>
      binding.vServerGroupId === vServerGroupId || (binding.group !== null && binding.name === declaredBy),
  );
}
