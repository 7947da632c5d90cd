import { BINDING_TAG, type DeclarationInput, type ListedGroup } from './model.ts';
import type { DeclarationHold } from './record.ts';

/** Which group of SLB a declaration means. */
export type Found =
  | { readonly kind: 'known'; readonly group: ListedGroup; readonly twins: ReadonlyArray<ListedGroup> }
  | { readonly kind: 'none' }
  | { readonly kind: 'held'; readonly held: DeclarationHold };

/**
 * The group of a declaration: the one that is recorded, else the one of its name with our tag, else one of its name that may
 * be adopted. Names may be repeated and a create carries no token, so what is not plain is told and never guessed at.
 */
export function findGroup({ binding, row, seen }: Pick<DeclarationInput, 'binding' | 'row' | 'seen'>): Found {
  const { name, adopt } = binding.group;
  const isTagged = ({ tags }: ListedGroup) =>
    tags.some(({ key, value }) => key === BINDING_TAG && value === binding.name);
  const named = seen.groups.filter((group) => group.name === name);
  const ours = named.filter(isTagged);
  const recorded = seen.groups.find(({ groupId }) => groupId === row.groupId);
  if (recorded !== undefined) return known(recorded, ours);
  const used = ours.filter((group) => !isUnused(group));
  const [ours0] = ours.length === 1 || used.length === 0 ? [...ours].sort(byId) : used;
  // Of several that we have made by calls without an answer, one that is used is the one; two that are used are a riddle.
  if (ours0 !== undefined && used.length < 2) return known(ours0, ours);
  if (used.length > 1) return ambiguous(name, used);
  const [first, ...others] = named;
  if (first === undefined) return { kind: 'none' };
  if (others.length > 0) return ambiguous(name, named);
  if (adopt) return known(first, []);
  const reason = `a vServer group called ${name} exists already (${first.groupId}) and is not ours: give this one another name, name that one by its id, or let it be taken over (adopt: true)`;
  return { kind: 'held', held: { by: 'foreign', reason } };
}

/** Whether no listener and no rule uses it. */
export function isUnused({ listeners, rules }: ListedGroup): boolean {
  return listeners.length + rules.length === 0;
}

function known(group: ListedGroup, ours: ReadonlyArray<ListedGroup>): Found {
  return { kind: 'known', group, twins: ours.filter(({ groupId }) => groupId !== group.groupId) };
}

function ambiguous(name: string, groups: ReadonlyArray<ListedGroup>): Found {
  const ids = groups.map(({ groupId }) => groupId).sort();
  const reason = `${ids.length} vServer groups are called ${name}: ${ids.join(', ')}; rename or delete all but one, or name one by its id`;
  return { kind: 'held', held: { by: 'name', reason } };
}

function byId(a: ListedGroup, b: ListedGroup): number {
  return a.groupId < b.groupId ? -1 : 1;
}
