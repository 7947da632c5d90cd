import type { GroupDeclaration } from '../../shared/config/group.ts';
import {
  BINDING_TAG,
  type DeclarationInput,
  type DeclaredBinding,
  type ListedGroup,
  type ObservedGroups,
} from '../../shared/declarations/model.ts';
import {
  type DeclarationOrder,
  type DeclarationRow,
  emptyDeclaration,
} from '../../shared/declarations/record.ts';
import { aBinding, LB, NOW_MS } from './builders.ts';

/** The name that {@link aDeclaredBinding} declares. */
export const NAME = 'shop/web';
export const HTTP_80 = { protocol: 'http', port: 80 } as const;
/** The tag of a group that is ours. */
export const OURS = { key: BINDING_TAG, value: 'web' };

/** The binding `web`, which declares a group with nothing but its name. */
export function aDeclaredBinding(group: Partial<GroupDeclaration> = {}): DeclaredBinding {
  const declared = { name: NAME, tags: [], listeners: [], rules: [], adopt: false, isManaged: false };
  return { ...aBinding(), declaredBy: aBinding().name, group: { ...declared, ...group } };
}

/** A group as the list has it: ours, empty, and used by nobody. */
export function aListedGroup(groupId: string, overrides: Partial<ListedGroup> = {}): ListedGroup {
  return { groupId, name: NAME, serverCount: 0, tags: [OURS], listeners: [], rules: [], ...overrides };
}

/** A load balancer without groups and listeners. */
export function someGroups(overrides: Partial<ObservedGroups> = {}): ObservedGroups {
  const nothing = { isLocked: false, groups: [], listeners: [], rules: [], defaultCount: 0 };
  return { loadBalancerId: LB, ...nothing, readAtMs: NOW_MS, ...overrides };
}

/** What is recorded of the binding's group. */
export function aDeclarationRow(overrides: Partial<DeclarationRow> = {}): DeclarationRow {
  return { ...emptyDeclaration('web', LB), ...overrides };
}

/** Somebody asks for it a moment ago. */
export function anOrder(kind: DeclarationOrder['kind']): DeclarationOrder {
  return { orderId: 'order-1', kind, binding: 'web', by: 'ops', orderedAtMs: NOW_MS - 1_000 };
}

/** What a plan is made from: somebody has applied the declaration, and nothing is there. */
export function aDeclarationInput(overrides: Partial<DeclarationInput> = {}): DeclarationInput {
  return {
    binding: aDeclaredBinding(),
    orders: [anOrder('apply')],
    row: aDeclarationRow(),
    seen: someGroups(),
    serving: 0,
    settings: new Map(),
    timing: { settleMs: 3_000, callTimeoutMs: 10_000, contestMs: 600_000 },
    nowMs: NOW_MS,
    ...overrides,
  };
}
