import { mapBounded } from '../concurrency.ts';
import type { Binding } from '../config/binding.ts';
import { lookAtDeclaration } from './differences.ts';
import { type DeclarationLook, type DeclaredBinding, isDeclared } from './model.ts';
import { type ObserveDeclarationsDeps, observeGroups, rowOf, servingOf } from './observe.ts';
import type { RecordedDeclarations } from './ports.ts';
import type { DeclarationOrder, DeclarationRow } from './record.ts';

/** A declared group as it was seen without a lease, and what is not as declared. */
export interface SeenDeclaration extends DeclarationLook {
  readonly binding: DeclaredBinding;
  readonly row: DeclarationRow;
  /** Those that nobody has answered. */
  readonly orders: ReadonlyArray<DeclarationOrder>;
}

const LOOKS_AT_ONCE = 4;

/** Looks at the declared groups of one load balancer. Writes nothing; reads nothing where none is declared. Complete or an error. */
export async function lookAtDeclarations(
  deps: ObserveDeclarationsDeps,
  loadBalancerId: string,
  bindings: ReadonlyArray<Binding>,
  { rows, orders }: RecordedDeclarations,
): Promise<ReadonlyArray<SeenDeclaration>> {
  const declared = bindings.filter(isDeclared);
  if (declared.length === 0) return [];
  const seen = await observeGroups(deps, loadBalancerId, declared);
  return await mapBounded(declared, LOOKS_AT_ONCE, async (binding) => {
    const row = rowOf(rows, binding);
    const serving = await servingOf(deps, binding, row, seen);
    const own = orders.filter((order) => order.binding === binding.name);
    return { ...lookAtDeclaration({ binding, row, seen, serving }), binding, row, orders: own };
  });
}

/** Whether a comparison has it put right: it is to keep the group, nobody has deleted it by order, and something can be done. */
export function isToBeKept({ binding, row, differences, orders }: SeenDeclaration): boolean {
  return binding.group.isManaged && row.deletedAtMs === null && differences.length > 0 && orders.length === 0;
}
