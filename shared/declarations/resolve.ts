import { mapBounded } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import type { DeclarationReader, RecordedDeclarations } from './ports.ts';

const READS_AT_ONCE = 4;

/**
 * The bindings with the ids of their groups as far as they are known. One whose group nobody has found or made yet keeps
 * what stands for its id: there is no such group. Where no binding declares one nothing is read. Throws TransientError.
 */
export async function withKnownGroups(
  declarations: DeclarationReader,
  bindings: ReadonlyArray<Binding>,
): Promise<ReadonlyArray<Binding>> {
  const loadBalancerIds = [
    ...new Set(
      bindings.flatMap(({ declaredBy, loadBalancerId }) => (declaredBy === null ? [] : [loadBalancerId])),
    ),
  ];
  if (loadBalancerIds.length === 0) return bindings;
  const recorded = await mapBounded(loadBalancerIds, READS_AT_ONCE, (id) => declarations.read(id));
  return recorded.reduce<ReadonlyArray<Binding>>(knownIn, bindings);
}

/** The same, from what was read. */
export function knownIn(
  bindings: ReadonlyArray<Binding>,
  { rows }: Pick<RecordedDeclarations, 'rows'>,
): ReadonlyArray<Binding> {
  const groupIds = new Map(rows.map(({ binding, groupId }) => [binding, groupId]));
  return bindings.map((binding) => {
    const { declaredBy } = binding;
    const groupId = declaredBy === null ? null : (groupIds.get(declaredBy) ?? null);
    return groupId === null ? binding : { ...binding, vServerGroupId: groupId };
  });
}
