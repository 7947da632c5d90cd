import { listenerName } from '../../config/pair.ts';
import { findingsOf } from '../testimony/findings.ts';
import { turnOfCreating, UNDISTURBED } from './create.ts';
import type { Saga } from './model.ts';
import { turnOfRepointing } from './repoint.ts';
import { type SagaSituation, type SagaTurn, seenListener, still } from './situation.ts';
import { turnOfTidying } from './tidy.ts';
import { turnOfUndoing } from './undo.ts';

/** What comes next of a saga that is under way, from what is seen and what the journal says. */
export function turnOf(saga: Saga, seen: SagaSituation): SagaTurn {
  const reason = whyToTurnBack(saga, seen);
  if (reason !== null) {
    const failure = { message: reason, api: null, code: null, requestId: null };
    return { ...still({ ...saga, phase: 'undo', failure, refusals: 0, notBeforeMs: null }), remark: reason };
  }
  switch (saga.phase) {
    case 'create':
      return turnOfCreating(saga, seen);
    case 'repoint':
      return turnOfRepointing(saga, seen);
    case 'tidy':
      return turnOfTidying(saga, seen);
    case 'undo':
      return turnOfUndoing(saga, seen);
    case 'ended':
      return still({ ...saga, ...UNDISTURBED });
  }
}

/** What was decided so long ago is decided anew, as long as nothing has moved. */
const STALE_MS = 15 * 60_000;

/**
 * Why it must not go on though nothing has moved yet: ECS, or the health check, has come to call the coming primary bad, as
 * happens when the worker that began died long ago. Once a listener has moved it goes on, since all must end in one place.
 */
function whyToTurnBack(saga: Saga, seen: SagaSituation): string | null {
  if (saga.phase !== 'create' && saga.phase !== 'repoint') return null;
  const { primary } = saga.to;
  if (primary.serverId === saga.from?.members.primary.serverId) return null;
  const hasMoved = saga.listeners.some(
    (listener) =>
      listener.state === 'moved' ||
      seen.presumed.has(listenerName(listener)) ||
      (saga.groupId !== null && seenListener(seen, listener)?.groupId === saga.groupId),
  );
  if (hasMoved) return null;
  if (saga.startedAtMs + STALE_MS < seen.nowMs) return 'it was decided long ago, and nothing has moved since';
  const findings = findingsOf(seen, primary);
  for (const observer of ['ecs', 'health'] as const) {
    const { finding, text } = findings[observer];
    if (finding === 'bad')
      return `${primary.serverId} was to become the primary, and ${observer} says ${text}`;
  }
  return null;
}
