import { listenerName } from '../../config/pair.ts';
import type { PairListener, PairStep } from '../model.ts';
import type { Saga, SagaListener } from './model.ts';
import { lostSettings, settingsToSend } from './settings.ts';
import {
  pointTarget,
  type SagaSituation,
  type SagaTurn,
  sending,
  waiting,
  withListener,
} from './situation.ts';

/**
 * How often what the change of its group has cost a listener is sent again. Once is enough unless a call that nobody waits
 * for any more lands after it, and takes it away again.
 */
export const MENDS_MAX = 3;

/** Sends what the change of its group has cost a listener; `null` = nothing, or it was tried `mendsMax` times already. */
export function turnOfMending(
  saga: Saga,
  listener: SagaListener,
  now: PairListener,
  seen: SagaSituation,
  mendsMax: number,
): SagaTurn | null {
  const { groupId } = saga;
  const lost = lostSettings(listener.before, now.settings);
  const isAgain = isUnanswered(saga, listener);
  if (groupId === null || Object.keys(lost).length === 0) return null;
  if (listener.mends >= mendsMax && !isAgain) return null;
  if (saga.notBeforeMs !== null && saga.notBeforeMs > seen.nowMs) {
    return waiting(saga, saga.notBeforeMs, `another try to mend ${listenerName(listener)}`);
  }
  const mended = withListener(saga, { ...listener, mends: Math.min(listener.mends + 1, mendsMax) });
  const remark = `${listenerName(listener)} lost ${Object.keys(lost).join(', ')} with the change of its group`;
  return {
    ...point(mended, listener, groupId, { ...settingsToSend(listener.before), ...lost }, seen),
    remark,
  };
}

/** The listener that a call is to mend; `null` = it is to do something else. */
export function mendedListener(saga: Saga, step: PairStep): SagaListener | null {
  // A call that points a listener back mends nothing of the way there.
  if (step.kind !== 'point' || step.groupId !== saga.groupId) return null;
  const { protocol, port } = step.listener;
  const listener = saga.listeners.find((each) => each.protocol === protocol && each.port === port);
  return listener === undefined || listener.mends === 0 ? null : listener;
}

/** A call that points a listener at a group. */
export function point(
  saga: Saga,
  { protocol, port }: SagaListener,
  groupId: string,
  settings: Readonly<Record<string, string>>,
  { pair: { loadBalancerId } }: SagaSituation,
): SagaTurn {
  return sending(saga, { kind: 'point', loadBalancerId, listener: { protocol, port }, groupId, settings });
}

/** Whether the last call about the listener may never have been sent: whoever was to send it has died, or ran out of time. */
function isUnanswered({ inFlight, groupId }: Saga, { protocol, port }: SagaListener): boolean {
  return inFlight?.kind === 'point' && inFlight.target === pointTarget({ protocol, port }, groupId ?? '');
}
