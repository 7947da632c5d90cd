import type { PairGroup, PairListener, PairMembers, PairTag } from '../model.ts';
import type { PairRow } from '../record.ts';
import { type Saga, type SagaKind, sagaGroupName } from './model.ts';

/** Tags of one resource. */
const TAGS_MAX = 20;
/** Keys that begin like this belong to the vendor and cannot be set. */
const RESERVED = /^(?:aliyun|acs:)/i;
/** Ours: the pair that a group was made for, and the number of the change. */
export const PAIR_TAG = 'slb-autopilot:pair';
/** @see PAIR_TAG */
export const CHANGE_TAG = 'slb-autopilot:change';

/** The journal of a change of a pair at its beginning. */
export function beginSaga(
  row: Pick<PairRow, 'name' | 'number'>,
  from: PairGroup,
  listeners: ReadonlyArray<PairListener>,
  change: {
    readonly kind: SagaKind;
    readonly to: PairMembers;
    readonly reason: string;
    readonly orderId: string | null;
  },
  nowMs: number,
): Saga {
  const number = row.number + 1;
  return {
    number,
    ...change,
    startedAtMs: nowMs,
    groupName: sagaGroupName(row.name, number),
    tags: tagsFor(from.tags, row.name, number),
    from,
    groupId: null,
    listeners: listeners.map(({ protocol, port, settings }) => ({
      protocol,
      port,
      before: settings,
      state: 'waiting',
      mends: 0,
      remark: null,
    })),
    phase: 'create',
    inFlight: null,
    refusals: 0,
    notBeforeMs: null,
    failure: null,
    outcome: null,
    endedAtMs: null,
  };
}

/** The tags of the old group, which do not follow by themselves, and ours. */
function tagsFor(old: ReadonlyArray<PairTag>, name: string, number: number): ReadonlyArray<PairTag> {
  const own = [
    { key: PAIR_TAG, value: name },
    { key: CHANGE_TAG, value: String(number) },
  ];
  const copied = old.filter(({ key }) => !RESERVED.test(key) && key !== PAIR_TAG && key !== CHANGE_TAG);
  return [...copied.slice(0, TAGS_MAX - own.length), ...own];
}
