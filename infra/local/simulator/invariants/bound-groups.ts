import type { Binding } from '../../../../shared/config/binding.ts';
import { BINDING_TAG } from '../../../../shared/declarations/model.ts';
import type { Scene } from './invariant.ts';

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
