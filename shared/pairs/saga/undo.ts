import { listenerName } from '../../config/pair.ts';
import { ownGroup } from './create.ts';
import type { Saga } from './model.ts';
import { settingsToGoBack } from './settings.ts';
import {
  type SagaSituation,
  type SagaTurn,
  seenListener,
  sending,
  still,
  unsettledUntilMs,
  waiting,
  withListener,
} from './situation.ts';
import { deleteOrEnd, ended } from './tidy.ts';

/** Whatever has moved goes back to the old group, then the new group goes. */
export function turnOfUndoing(saga: Saga, seen: SagaSituation): SagaTurn {
  // What was there before is left as it was.
  const keptId = saga.isFound ? saga.groupId : (saga.from?.groupId ?? null);
  const groupId = saga.groupId ?? ownGroup(saga, seen);
  if (groupId === null) {
    const untilMs = unsettledUntilMs(saga, seen);
    if (untilMs !== null) return waiting(saga, untilMs, 'a create of the new group that may still land');
    return deleteOrEnd(saga, seen, [], keptId, 'given-up');
  }
  if (saga.groupId === null) return still({ ...saga, groupId });
  const moved = saga.listeners.filter((listener) => seenListener(seen, listener)?.groupId === groupId);
  const unnoted = moved.find(({ state }) => state !== 'moved');
  if (unnoted !== undefined) return still(withListener(saga, { ...unnoted, state: 'moved' }));
  const back = moved.find((listener) => !seen.presumed.has(listenerName(listener)));
  if (back === undefined) {
    if (seen.presumed.size > 0) return { ...still(saga), mustRead: true };
    const wasMoved = saga.listeners.some(({ state }) => state === 'moved');
    const obsolete = saga.isFound ? [] : [groupId];
    return deleteOrEnd(saga, seen, obsolete, keptId, wasMoved ? 'undone' : 'given-up');
  }
  const { from } = saga;
  const hasOld = from === null || seen.groups.some((group) => group.groupId === from.groupId);
  if (!hasOld) {
    const remark = `${from.groupId} does not exist any more, so ${listenerName(back)} stays on ${groupId}`;
    return { ...ended(saga, 'undone', seen.nowMs), remark };
  }
  if (saga.notBeforeMs !== null && saga.notBeforeMs > seen.nowMs) {
    return waiting(saga, saga.notBeforeMs, `another try to point ${listenerName(back)} back`);
  }
  const { protocol, port, vServerGroupId } = back;
  const way = {
    loadBalancerId: seen.pair.loadBalancerId,
    listener: { protocol, port },
    settings: settingsToGoBack(back, seenListener(seen, back)?.settings ?? {}),
  };
  return sending(
    saga,
    from === null
      ? { kind: 'release', ...way, vServerGroupId }
      : { kind: 'point', ...way, groupId: from.groupId },
  );
}
