import { listenerName } from '../../config/pair.ts';
import type { PairListener } from '../model.ts';
import { UNDISTURBED } from './create.ts';
import { point, turnOfMending } from './mend.ts';
import type { Saga, SagaListener } from './model.ts';
import { describeDifferences, LEAVES_V_SERVER_GROUP, settingsToSend } from './settings.ts';
import {
  type SagaSituation,
  type SagaTurn,
  seenListener,
  still,
  waiting,
  withListener,
} from './situation.ts';

/** The listeners are pointed at the new group one after the other, then all are read, and what it has cost them is mended. */
export function turnOfRepointing(saga: Saga, seen: SagaSituation): SagaTurn {
  const { groupId } = saga;
  if (groupId === null) return still({ ...saga, phase: 'create' });
  const isPresumed = (listener: SagaListener) => seen.presumed.has(listenerName(listener));
  let isWaiting = false;
  for (const listener of saga.listeners) {
    if (listener.state !== 'waiting') continue;
    if (isPresumed(listener)) {
      isWaiting = true;
      continue;
    }
    return turnOfListener(saga, listener, groupId, seen);
  }
  if (isWaiting) return { ...still(saga), mustRead: true };
  const hasMoved = saga.listeners.some(({ state }) => state === 'moved');
  if (hasMoved) return still({ ...saga, phase: 'tidy', ...UNDISTURBED });
  const message = 'none of the listeners is where it was when this began';
  const failure = saga.failure ?? { message, api: null, code: null, requestId: null };
  return { ...still({ ...saga, phase: 'undo', failure, ...UNDISTURBED }), remark: message };
}

function turnOfListener(saga: Saga, listener: SagaListener, groupId: string, seen: SagaSituation): SagaTurn {
  const now = seenListener(seen, listener);
  if (now === null) {
    const isConfigured = seen.pair.listeners.some((name) => listenerName(name) === listenerName(listener));
    const what = isConfigured ? 'does not exist any more' : 'is no listener of the pair any more';
    return left(saga, listener, `${listenerName(listener)} ${what}`);
  }
  if (now.groupId === groupId) return turnOfMoved(saga, listener, now, seen);
  if (!isWhereItWas(saga, listener, now)) {
    const elsewhere = now.groupId ?? now.vServerGroupId ?? 'something that is no primary/secondary group';
    return left(saga, listener, `${listenerName(listener)} was pointed at ${elsewhere} by somebody else`);
  }
  if (saga.notBeforeMs !== null && saga.notBeforeMs > seen.nowMs) {
    return waiting(saga, saga.notBeforeMs, `another try to point ${listenerName(listener)} at the new group`);
  }
  const leaves = now.vServerGroupId === null ? {} : LEAVES_V_SERVER_GROUP;
  return point(saga, listener, groupId, { ...settingsToSend(listener.before), ...leaves }, seen);
}

/** Whether the listener still uses what it did when the saga began. */
function isWhereItWas(
  { from }: Saga,
  { vServerGroupId }: SagaListener,
  now: Pick<PairListener, 'groupId' | 'vServerGroupId'>,
): boolean {
  return from === null
    ? now.groupId === null && now.vServerGroupId === vServerGroupId
    : now.groupId === from.groupId;
}

/** A listener that uses the new group: moved, once it is as it was otherwise. */
function turnOfMoved(saga: Saga, listener: SagaListener, now: PairListener, seen: SagaSituation): SagaTurn {
  // Once, since the next listener waits for it; what is lost again after that is mended when all have moved.
  const mending = turnOfMending(saga, listener, now, seen, 1);
  if (mending !== null) return mending;
  const changed = describeDifferences(listener.before, now.settings);
  const moved = withListener(saga, { ...listener, state: 'moved', remark: changed });
  const remark = changed === null ? null : `${listenerName(listener)} differs from before: ${changed}`;
  return { ...still({ ...moved, ...UNDISTURBED }), remark };
}

function left(saga: Saga, listener: SagaListener, remark: string): SagaTurn {
  return {
    ...still({ ...withListener(saga, { ...listener, state: 'left', remark }), ...UNDISTURBED }),
    remark,
  };
}
