import type { PairListenerName } from '../../config/pair.ts';
import type { Tag } from '../../config/tags.ts';
import type { ListenerSettings, PairGroup, PairMembers, PairStep } from '../model.ts';

/** Why a pair is changed. A `creation` has no old group: its listeners come to use one. */
export type SagaKind = 'creation' | 'promotion' | 'fail-back' | 'new-standby';

/**
 * How far it has come. `create`: the new group is to exist; `repoint`: the listeners are to use it; `tidy`: they do, and
 * the old group is to go; `undo`: a listener refused for good, so the others go back and the new group is to go;
 * `ended`.
 */
export type SagaPhase = 'create' | 'repoint' | 'tidy' | 'undo' | 'ended';

/** A listener that the saga moves. */
export interface SagaListener extends PairListenerName {
  /** Its parameters when the saga began. */
  readonly before: ListenerSettings;
  /** The vServer group that it used then; `null` = none, as ever where there is an old group. */
  readonly vServerGroupId: string | null;
  /** `left`: somebody else has pointed it elsewhere, or deleted it. */
  readonly state: 'waiting' | 'moved' | 'left';
  /** How often what the change of its group had cost it was sent again. */
  readonly mends: number;
  /** Why it was left, or what of it differs from before all the same; for people, `null` = nothing. */
  readonly remark: string | null;
}

/** A call that was sent and whose outcome was not yet journalled. */
export interface InFlight {
  readonly kind: PairStep['kind'];
  /** What it is about: a name, a listener and group, or a group. */
  readonly target: string;
  readonly sentAtMs: number;
}

/** What a cloud refused, for people and for the vendor's support. */
export interface SagaFailure {
  readonly message: string;
  readonly api: string | null;
  readonly code: string | null;
  readonly requestId: string | null;
}

/** One change of a pair from its decision to its end: the journal that whoever comes next goes on from. */
export interface Saga {
  readonly number: number;
  readonly kind: SagaKind;
  readonly reason: string;
  /** The order that asked for it; `null` = nobody did. */
  readonly orderId: string | null;
  readonly startedAtMs: number;
  /** The group's name, by which it is found again; see `sagaGroupName`. */
  readonly groupName: string;
  readonly tags: ReadonlyArray<Tag>;
  /** The old group; `null` = there was none. */
  readonly from: PairGroup | null;
  readonly to: PairMembers;
  /** The new group; `null` = it does not exist, or nobody knows yet. */
  readonly groupId: string | null;
  /** The new group was there before the saga: whoever turns back leaves it. */
  readonly isFound: boolean;
  readonly listeners: ReadonlyArray<SagaListener>;
  readonly phase: SagaPhase;
  readonly inFlight: InFlight | null;
  /** Refusals in a row of the step that is next. */
  readonly refusals: number;
  /** No call before this instant; `null` = at once. */
  readonly notBeforeMs: number | null;
  /** What made it turn back, or what it leaves undone; `null` = nothing. */
  readonly failure: SagaFailure | null;
  readonly outcome: SagaOutcome | null;
  readonly endedAtMs: number | null;
}

/** How it ended: as wanted, turned back, or given up before anything had moved. */
export type SagaOutcome = 'done' | 'undone' | 'given-up';

/** Begins the names of the groups that we make, `slb-autopilot/orders-db/3`: letters, digits, `-`, `/`, `.`, `_`. */
export const GROUP_NAME_PREFIX = 'slb-autopilot/';

/** The name of the group that a change of a pair makes. At most 80 characters. */
export function sagaGroupName(pairName: string, number: number): string {
  return `${GROUP_NAME_PREFIX}${pairName}/${number}`;
}

/** The number in such a name of this pair; `null` = it is not one of its names. */
export function numberOfName(pairName: string, groupName: string): number | null {
  const prefix = `${GROUP_NAME_PREFIX}${pairName}/`;
  const rest = groupName.startsWith(prefix) ? groupName.slice(prefix.length) : '';
  return /^[1-9][0-9]{0,8}$/.test(rest) ? Number(rest) : null;
}

/** Whether it is still going on. */
export function isUnderWay(saga: Saga | null): saga is Saga {
  return saga !== null && saga.phase !== 'ended';
}
