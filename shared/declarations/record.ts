import type { GroupListener } from '../config/group.ts';
import type { ListenerSettings } from '../pairs/model.ts';

/** What is recorded of a declared group: which group of SLB it is, and the journal of the call that is under way. */
export interface DeclarationRow {
  /** The name of its binding. */
  readonly binding: string;
  readonly loadBalancerId: string;
  /** The group; `null` = nobody has found or made it yet, or it is gone. */
  readonly groupId: string | null;
  /** When we made it; `null` = we did not. A list may be behind that. */
  readonly createdAtMs: number | null;
  /** When its members were called in; `null` = not since the group was made or found. */
  readonly filledAtMs: number | null;
  /** Keys of the tags that we have put onto it: what leaves the declaration is taken off again. */
  readonly tagKeys: ReadonlyArray<string>;
  /** A call that was sent and whose outcome was not yet recorded. */
  readonly inFlight: CallInFlight | null;
  /** A listener that was pointed at the group and is to be read back. */
  readonly moving: MovingListener | null;
  /** By listener or rule: how often SLB has pointed it at the group for us within a while. */
  readonly points: Readonly<Record<string, Pointed>>;
  /** Refusals in a row of the call that is next. */
  readonly refusals: number;
  /** No call before this instant; `null` = at once. */
  readonly notBeforeMs: number | null;
  /** Why something of the declaration is not in force; `null` = nothing is held. */
  readonly held: DeclarationHold | null;
  /** When it was deleted by order: no comparison makes it again; `null` = it was not. */
  readonly deletedAtMs: number | null;
  readonly revision: number;
  readonly fence: number;
}

/** A call about a declared group that may still take effect. */
export interface CallInFlight {
  readonly api: string;
  /** What it is about: a name, a listener, a rule, a group. */
  readonly target: string;
  readonly sentAtMs: number;
}

/** A listener between its call and the reading that shows what the call has cost it. */
export interface MovingListener {
  readonly listener: GroupListener;
  /** Its parameters before. */
  readonly before: ListenerSettings;
  /** How often what it lost was sent again. */
  readonly mends: number;
}

/** Calls that pointed something at the group. */
export interface Pointed {
  readonly count: number;
  readonly sinceMs: number;
}

/** What holds a declaration, for people. */
export interface DeclarationHold {
  /** `name`, `foreign`, `listener`, `rule`, `in-use`, `contested`, `load-balancer` or `refusal`. */
  readonly by: string;
  readonly reason: string;
}

/** What somebody asks for about a declared group. */
export interface DeclarationOrder {
  /** Unlike any other: a repeat is the same order. */
  readonly orderId: string;
  /** `apply`: as declared; `delete`: away with it, unless somebody uses it. */
  readonly kind: 'apply' | 'delete';
  readonly binding: string;
  /** Who asks. */
  readonly by: string;
  readonly orderedAtMs: number;
}

/** Nothing is known of a declared group yet. */
export function emptyDeclaration(binding: string, loadBalancerId: string): DeclarationRow {
  return {
    binding,
    loadBalancerId,
    groupId: null,
    createdAtMs: null,
    filledAtMs: null,
    tagKeys: [],
    inFlight: null,
    moving: null,
    points: {},
    refusals: 0,
    notBeforeMs: null,
    held: null,
    deletedAtMs: null,
    revision: 0,
    fence: 0,
  };
}
