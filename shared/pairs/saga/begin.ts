import { OWN_TAG_PREFIX, RESERVED_KEY, TAGS_MAX, type Tag } from '../../config/tags.ts';
import type { PairGroup, PairListener, PairMembers } from '../model.ts';
import type { PairRow } from '../record.ts';
import { numberOfName, type Saga, type SagaKind, sagaGroupName } from './model.ts';

/** Ours: the pair that a group was made for, and the number of the change. */
export const PAIR_TAG = `${OWN_TAG_PREFIX}pair`;
/** @see PAIR_TAG */
export const CHANGE_TAG = `${OWN_TAG_PREFIX}change`;

/** The journal of a change of a pair at its beginning. `from` = `null` when it has no group yet. */
export function beginSaga(
  row: Pick<PairRow, 'name' | 'number' | 'tagging'>,
  from: PairGroup | null,
  listeners: ReadonlyArray<PairListener>,
  change: {
    readonly kind: SagaKind;
    readonly to: PairMembers;
    readonly reason: string;
    readonly orderId: string | null;
  },
  nowMs: number,
  declared: {
    readonly tags: ReadonlyArray<Tag>;
    /** The group that is there already; `null` = it is to be created. */
    readonly found: PairGroup | null;
  } = { tags: [], found: null },
): Saga {
  const { found, tags } = declared;
  // A name that is taken stands for its number: the next change has the one after it.
  const taken = found === null ? 0 : (numberOfName(row.name, found.name) ?? 0);
  const number = Math.max(row.number + 1, taken);
  return {
    number,
    ...change,
    startedAtMs: nowMs,
    groupName: found?.name ?? sagaGroupName(row.name, number),
    tags: tagsFor(
      (from?.tags ?? []).filter(({ key }) => !row.tagging.keys.includes(key)),
      tags,
      row.name,
      number,
    ),
    from,
    groupId: found?.groupId ?? null,
    isFound: found !== null,
    listeners: listeners.map(({ protocol, port, settings, vServerGroupId }) => ({
      protocol,
      port,
      before: settings,
      vServerGroupId,
      state: 'waiting',
      mends: 0,
      remark: null,
    })),
    phase: found === null ? 'create' : 'repoint',
    inFlight: null,
    refusals: 0,
    notBeforeMs: null,
    failure: null,
    outcome: null,
    endedAtMs: null,
  };
}

/** The tags of the old group, which do not follow by themselves, what is declared, and ours. */
function tagsFor(
  old: ReadonlyArray<Tag>,
  declared: ReadonlyArray<Tag>,
  name: string,
  number: number,
): ReadonlyArray<Tag> {
  const own = [...declared, { key: PAIR_TAG, value: name }, { key: CHANGE_TAG, value: String(number) }];
  const ownKeys = new Set(own.map(({ key }) => key));
  const copied = old.filter(({ key }) => !RESERVED_KEY.test(key) && !ownKeys.has(key));
  return [...copied.slice(0, TAGS_MAX - own.length), ...own];
}
