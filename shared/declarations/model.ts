import type { Binding } from '../config/binding.ts';
import type { GroupDeclaration, GroupListener } from '../config/group.ts';
import { OWN_TAG_PREFIX, type Tag } from '../config/tags.ts';
import type { Timing } from '../config/timing.ts';
import type { ListenerSettings } from '../pairs/model.ts';
import type { DeclarationHold, DeclarationOrder, DeclarationRow } from './record.ts';

/** A binding that declares its group. */
export type DeclaredBinding = Binding & { readonly group: GroupDeclaration };

/** Whether the binding declares its group instead of naming it by its id. */
export function isDeclared(binding: Binding): binding is DeclaredBinding {
  return binding.group !== null;
}

/** The tag that says whose group it is: its value is the name of the binding. */
export const BINDING_TAG = `${OWN_TAG_PREFIX}binding`;

/** A vServer group in the list of its load balancer, with whoever uses it. */
export interface ListedGroup {
  readonly groupId: string;
  readonly name: string;
  /** Server-ports in it. */
  readonly serverCount: number;
  readonly tags: ReadonlyArray<Tag>;
  readonly listeners: ReadonlyArray<GroupListener>;
  readonly rules: ReadonlyArray<{ readonly ruleId: string; readonly domain: string; readonly url: string }>;
}

/** A listener, and where it sends what no rule takes. */
export interface ListedListener extends GroupListener {
  readonly target:
    | { readonly kind: 'vserver-group' | 'pair'; readonly groupId: string }
    | { readonly kind: 'default' };
}

/** A forwarding rule of a listener that a declaration names. */
export interface ListedRule {
  readonly ruleId: string;
  readonly listener: GroupListener;
  readonly domain: string;
  readonly url: string;
  /** `null` = it has none. */
  readonly groupId: string | null;
}

/** The groups of a load balancer and who uses them. Complete, or it does not exist. */
export interface ObservedGroups {
  readonly loadBalancerId: string;
  readonly isLocked: boolean;
  readonly groups: ReadonlyArray<ListedGroup>;
  readonly listeners: ReadonlyArray<ListedListener>;
  /** Of the listeners that were asked for. */
  readonly rules: ReadonlyArray<ListedRule>;
  /** Servers in the default group. */
  readonly defaultCount: number;
  /** When the first of these reads began. */
  readonly readAtMs: number;
}

/** One call about a group. */
export type DeclarationStep =
  | {
      readonly kind: 'create';
      readonly loadBalancerId: string;
      readonly name: string;
      readonly tags: ReadonlyArray<Tag>;
    }
  | { readonly kind: 'rename'; readonly groupId: string; readonly name: string }
  | { readonly kind: 'tag'; readonly groupId: string; readonly tags: ReadonlyArray<Tag> }
  | { readonly kind: 'untag'; readonly groupId: string; readonly keys: ReadonlyArray<string> }
  | {
      readonly kind: 'point';
      readonly loadBalancerId: string;
      readonly listener: GroupListener;
      readonly groupId: string;
      /** A listener with a primary/secondary group lets go of it in the same call. */
      readonly leavesPair: boolean;
      /** Sent along, since leaving them out may lose them. */
      readonly settings: ListenerSettings;
    }
  | { readonly kind: 'point-rule'; readonly ruleId: string; readonly groupId: string }
  | {
      readonly kind: 'create-rule';
      readonly loadBalancerId: string;
      readonly listener: GroupListener;
      readonly domain: string;
      readonly url: string;
      readonly name: string;
      readonly groupId: string;
    }
  | { readonly kind: 'delete'; readonly groupId: string };

/** The vendor's operation of a step; limits and budgets go by it. */
export function operationOf(step: DeclarationStep): string {
  switch (step.kind) {
    case 'create':
      return 'CreateVServerGroup';
    case 'rename':
      return 'SetVServerGroupAttribute';
    case 'tag':
      return 'TagResources';
    case 'untag':
      return 'UntagResources';
    case 'point':
      return `SetLoadBalancer${step.listener.protocol.toUpperCase()}ListenerAttribute`;
    case 'point-rule':
      return 'SetRule';
    case 'create-rule':
      return 'CreateRules';
    case 'delete':
      return 'DeleteVServerGroup';
  }
}

/** Everything a plan about one declared group is made from. All of it is data. */
export interface DeclarationInput {
  readonly binding: DeclaredBinding;
  /** Those of this binding. */
  readonly orders: ReadonlyArray<DeclarationOrder>;
  readonly row: DeclarationRow;
  readonly seen: ObservedGroups;
  /** Backends of the group that serve. */
  readonly serving: number;
  /** By `groupListenerName`: parameters that were read for this plan. */
  readonly settings: ReadonlyMap<string, ListenerSettings>;
  readonly timing: Pick<Timing, 'settleMs' | 'callTimeoutMs' | 'contestMs'>;
  readonly nowMs: number;
}

/** What is to be recorded and done next. */
export interface DeclarationPlan {
  readonly row: DeclarationRow;
  /** Sent once the row is recorded; `null` = nothing is to be sent now. */
  readonly step: DeclarationStep | null;
  /** Its parameters are to be read before anything else is decided. */
  readonly needsListener: GroupListener | null;
  readonly wake: { readonly atMs: number; readonly reason: string } | null;
  /** Orders that are done, or lead to nothing. */
  readonly answered: ReadonlyArray<string>;
  /** What a person should know, for the audit. */
  readonly remarks: ReadonlyArray<string>;
}

/** Something that is not as declared, and how it would become so. */
export interface Difference {
  /** Listener, rule, or the group's name. */
  readonly target: string;
  /** For people: `create it`, `http:80: rsp-a → this group`. */
  readonly text: string;
  /** The call, as far as it can be told: a group that does not exist yet has no id. */
  readonly step: DeclarationStep;
  /** What keeps it waiting; `null` = nothing does. */
  readonly waitsFor: string | null;
}

/** What is not as declared, and what keeps it so. */
export interface DeclarationLook {
  /** The group as listed; `null` = there is none. */
  readonly group: ListedGroup | null;
  readonly differences: ReadonlyArray<Difference>;
  readonly held: ReadonlyArray<DeclarationHold>;
}
