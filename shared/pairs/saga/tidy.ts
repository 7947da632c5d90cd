import { listenerName } from '../../config/pair.ts';
import { MENDS_MAX, turnOfMending } from './mend.ts';
import { numberOfName, type Saga, type SagaOutcome } from './model.ts';
import {
  type SagaSituation,
  type SagaTurn,
  seenListener,
  sending,
  still,
  unsettledUntilMs,
  usersOf,
  waiting,
} from './situation.ts';

/**
 * Tries to delete a group that somebody seems to use though no listener shows it: a group counts as in use for minutes after
 * its listener was pointed elsewhere. With the waits between them they last about ten minutes.
 */
const DELETE_TRIES_MAX = 40;

/** All listeners use the new group: what they lose yet is mended, the old one goes, and whatever else of ours is left over. */
export function turnOfTidying(saga: Saga, seen: SagaSituation): SagaTurn {
  for (const listener of saga.listeners) {
    const now = listener.state === 'moved' ? seenListener(seen, listener) : null;
    if (now === null || now.groupId !== saga.groupId) continue;
    if (seen.presumed.has(listenerName(listener))) return { ...still(saga), mustRead: true };
    const mending = turnOfMending(saga, listener, now, seen, MENDS_MAX);
    if (mending !== null) return mending;
  }
  return deleteOrEnd(saga, seen, saga.from === null ? [] : [saga.from.groupId], saga.groupId, 'done');
}

/** Deletes what nobody uses, one after the other; then the saga has ended. `keepId`: the group that stays. */
export function deleteOrEnd(
  saga: Saga,
  seen: SagaSituation,
  groupIds: ReadonlyArray<string>,
  keepId: string | null,
  outcome: SagaOutcome,
): SagaTurn {
  const listed = new Set(seen.groups.map(({ groupId }) => groupId));
  const targets = [...groupIds, ...strayGroups(seen, saga.number, keepId)].filter(
    (groupId) => groupId !== keepId && listed.has(groupId),
  );
  const used = targets.filter((groupId) => usersOf(seen, groupId).length > 0);
  const unused = targets.filter((groupId) => !used.includes(groupId));
  const [next] = unused;
  // A way back has a failure from its beginning; one that went well has it from a delete that was refused for good.
  const isRefused = outcome === 'done' && saga.failure !== null;
  if (next === undefined || isRefused || saga.refusals >= DELETE_TRIES_MAX) {
    return { ...ended(saga, outcome, seen.nowMs), remark: describeLeft(seen, used, unused) };
  }
  // A write that may still land could point a listener at what is being deleted.
  const untilMs = saga.inFlight?.kind === 'delete' ? null : unsettledUntilMs(saga, seen);
  if (untilMs !== null) return waiting(saga, untilMs, 'a call that may still land');
  if (saga.notBeforeMs !== null && saga.notBeforeMs > seen.nowMs) {
    return waiting(saga, saga.notBeforeMs, 'another try to delete a group that counts as in use');
  }
  return sending(saga, { kind: 'delete', groupId: next });
}

/** Groups with a name of this pair's changes that nobody uses: creates that landed when nobody waited for them any more. */
export function strayGroups(
  seen: Pick<SagaSituation, 'pair' | 'groups' | 'listeners' | 'otherUsers'>,
  lastNumber: number,
  keepId: string | null,
): ReadonlyArray<string> {
  return seen.groups
    .filter(({ name }) => {
      const number = numberOfName(seen.pair.name, name);
      return number !== null && number <= lastNumber;
    })
    .map(({ groupId }) => groupId)
    .filter((groupId) => groupId !== keepId && usersOf(seen, groupId).length === 0)
    .sort();
}

/** The saga at its end. */
export function ended(saga: Saga, outcome: SagaOutcome, nowMs: number): SagaTurn {
  return still({
    ...saga,
    phase: 'ended',
    outcome,
    endedAtMs: nowMs,
    inFlight: null,
    refusals: 0,
    notBeforeMs: null,
  });
}

function describeLeft(
  seen: SagaSituation,
  used: ReadonlyArray<string>,
  unused: ReadonlyArray<string>,
): string | null {
  const parts = [
    ...used.map((groupId) => `${groupId} is used by ${usersOf(seen, groupId).join(', ')} and stays`),
    ...unused.map((groupId) => `${groupId} could not be deleted and will be tried again`),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}
