import { allOrFailure, nullWhen } from '../concurrency.ts';
import type { GroupListener } from '../config/group.ts';
import { groupListenerName } from '../config/group.ts';
import { MissingGroupError } from '../server-groups/errors.ts';
import { backendKey, type ObservedGroup } from '../server-groups/model.ts';
import type { BackendStore, ServerGroupGateway } from '../server-groups/ports.ts';
import { findGroup } from './find.ts';
import type { DeclaredBinding, ObservedGroups } from './model.ts';
import type { DeclarationGateway } from './ports.ts';
import { type DeclarationRow, emptyDeclaration } from './record.ts';

/** What observing declared groups needs: only what reads. */
export interface ObserveDeclarationsDeps {
  readonly declaredGroups: Pick<DeclarationGateway, 'observe' | 'settings'>;
  readonly groups: Pick<ServerGroupGateway, 'describe'>;
  readonly backends: Pick<BackendStore, 'readGroups'>;
}

/** The groups of the load balancer of some declared groups, with the rules that they name. Complete or an error. */
export async function observeGroups(
  { declaredGroups }: Pick<ObserveDeclarationsDeps, 'declaredGroups'>,
  loadBalancerId: string,
  bindings: ReadonlyArray<DeclaredBinding>,
): Promise<ObservedGroups> {
  const listeners = new Map<string, GroupListener>();
  for (const { group } of bindings) {
    for (const rule of group.rules) {
      if (rule.kind === 'place') listeners.set(groupListenerName(rule.listener), rule.listener);
    }
  }
  return await declaredGroups.observe(loadBalancerId, [...listeners.values()]);
}

/** The row of a binding; one that says nothing where there is none. */
export function rowOf(
  rows: ReadonlyArray<DeclarationRow>,
  { name, loadBalancerId }: DeclaredBinding,
): DeclarationRow {
  return rows.find(({ binding }) => binding === name) ?? emptyDeclaration(name, loadBalancerId);
}

/**
 * How many backends of a declared group serve: it is not asked for where nobody uses the group or is to. Where readiness is
 * for the load balancer to tell, which it cannot before a listener uses the group, every backend with a weight counts.
 */
export async function servingOf(
  { groups, backends }: Pick<ObserveDeclarationsDeps, 'groups' | 'backends'>,
  binding: DeclaredBinding,
  row: DeclarationRow,
  seen: ObservedGroups,
): Promise<number> {
  const { listeners, rules } = binding.group;
  const found = findGroup({ binding, row, seen });
  if (found.kind !== 'known' || listeners.length + rules.length === 0) return 0;
  const { groupId } = found.group;
  const [group, rows] = await allOrFailure([
    nullWhen(MissingGroupError, groups.describe(groupId)),
    backends.readGroups([groupId]),
  ]);
  const withWeight = (group as ObservedGroup | null)?.backends.filter(({ weight }) => weight > 0) ?? [];
  if (binding.readiness === 'load-balancer' || binding.readiness === 'both') return withWeight.length;
  const joining = new Set(rows.filter(({ phase }) => phase === 'joining').map(backendKey));
  return withWeight.filter((backend) => !joining.has(backendKey(backend))).length;
}
