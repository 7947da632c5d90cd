import type { Pair } from '../config/pair.ts';
import type { Saga } from './saga/model.ts';
import type { Testimony } from './testimony/model.ts';

/** ECS, or Auto Scaling in its name, has said that it takes an instance away for a while or for ever. */
export interface Notice {
  readonly serverId: string;
  readonly cause: 'spot-reclaim' | 'maintenance';
  /** The system event; `null` = a spot instance's notice. */
  readonly ref: string | null;
  /** It counts from then on. */
  readonly fromMs: number;
  readonly noticedAtMs: number;
}

/** Somebody asks for a promotion. */
export interface PromotionOrder {
  readonly orderId: string;
  /** Who is to be the primary; `null` = the secondary. */
  readonly to: string | null;
  readonly by: string;
  readonly reason: string;
  readonly orderedAtMs: number;
  /** The cool-down is known and does not count. */
  readonly overridesCoolDown: boolean;
}

/** Somebody asks for no change of the pair until then, or takes that back. */
export interface PauseOrder {
  readonly orderId: string;
  /** `null` = the pause is over. */
  readonly untilMs: number | null;
  readonly by: string;
  readonly reason: string;
  readonly orderedAtMs: number;
}

/** Somebody asks that the pair's group be as the configuration declares it: created, and with its tags. */
export interface ApplyOrder {
  readonly orderId: string;
  readonly by: string;
  readonly reason: string;
  readonly orderedAtMs: number;
}

/** What people may ask of a pair. */
export type PairOrder =
  | ({ readonly kind: 'promote' } & PromotionOrder)
  | ({ readonly kind: 'pause' } & PauseOrder)
  | ({ readonly kind: 'apply' } & ApplyOrder);

/** An order to promote, told from the others. */
export type PromoteOrder = Extract<PairOrder, { kind: 'promote' }>;

/** An order that may lead to a change of the pair. */
export type ChangeOrder = Exclude<PairOrder, { kind: 'pause' }>;

/** What is recorded of the tags that a pair declares. */
export interface Tagging {
  /** Keys that we have set for the declaration: ours to take away once it names them no more. */
  readonly keys: ReadonlyArray<string>;
  /** Somebody has asked for them, and they are not known to be set. */
  readonly isDue: boolean;
  /** No other try before; `null` = at once. */
  readonly notBeforeMs: number | null;
}

/** Nothing was declared yet. */
export const NO_TAGGING: Tagging = { keys: [], isDue: false, notBeforeMs: null };

/** What became of an order. */
export interface OrderAnswer {
  readonly orderId: string;
  /** `begun`: the change of this number does it. */
  readonly outcome: 'begun' | 'refused' | 'noted';
  /** Why it was refused, or what it led to; a sentence for people. */
  readonly reason: string;
  readonly number: number | null;
}

/** No change of the pair by itself until then. */
export interface Pause {
  readonly untilMs: number;
  readonly by: string;
  readonly reason: string;
}

/** An instance that SLB did not take as a member. */
export interface Unsuitable {
  readonly serverId: string;
  readonly reason: string;
  readonly untilMs: number;
}

/** What is known and decided about a pair. One row; instants are table time. */
export interface PairRow {
  readonly name: string;
  readonly loadBalancerId: string;
  /** How many changes of the pair have begun. */
  readonly number: number;
  /** The group behind its listeners when they were last seen to agree; `null` = they never were. */
  readonly groupId: string | null;
  /** The members that the index of instances leads here from. */
  readonly memberIds: ReadonlyArray<string>;
  /** Who is the primary when nothing is wrong: the first one, or whom a person made it. */
  readonly homeId: string | null;
  /** Since when it has been fit to be the primary again; `null` = it is not, or it is the primary. */
  readonly homeGoodSinceMs: number | null;
  /** By server: what observers have been saying, of the members about whom somebody says something bad. */
  readonly testimonies: Readonly<Record<string, Testimony>>;
  readonly notices: ReadonlyArray<Notice>;
  /** The last change of the pair, in progress or ended; `null` = there was none. */
  readonly saga: Saga | null;
  /** Groups of ours that are to be deleted once nobody uses them any more. */
  readonly leftovers: ReadonlyArray<string>;
  /** No other try to delete them before; `null` = at once. */
  readonly leftoversNotBeforeMs: number | null;
  readonly tagging: Tagging;
  /** Instances that SLB did not take as members: not asked again for a while. */
  readonly unsuitable: ReadonlyArray<Unsuitable>;
  readonly pause: Pause | null;
  /** Why nothing is done that should be, for people; `null` = nothing is to do, or it is being done. */
  readonly held: string | null;
  /** The last few. */
  readonly answers: ReadonlyArray<OrderAnswer>;
  /** Grows with every write. 0 = not yet written. */
  readonly revision: number;
  readonly fence: number;
}

/** The row of a pair of which nothing is recorded. */
export function newPairRow({ name, loadBalancerId }: Pick<Pair, 'name' | 'loadBalancerId'>): PairRow {
  return {
    name,
    loadBalancerId,
    number: 0,
    groupId: null,
    memberIds: [],
    homeId: null,
    homeGoodSinceMs: null,
    testimonies: {},
    notices: [],
    saga: null,
    leftovers: [],
    leftoversNotBeforeMs: null,
    tagging: NO_TAGGING,
    unsuitable: [],
    pause: null,
    held: null,
    answers: [],
    revision: 0,
    fence: 0,
  };
}
