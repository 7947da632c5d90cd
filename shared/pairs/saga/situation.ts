import { listenerName, type PairListenerName } from '../../config/pair.ts';
import type { PairInput, PairListener, PairStep } from '../model.ts';
import type { Saga, SagaListener } from './model.ts';

/** What of a plan's input a saga goes on from. */
export interface SagaSituation
  extends Pick<
    PairInput,
    | 'pair'
    | 'groups'
    | 'listeners'
    | 'otherUsers'
    | 'described'
    | 'health'
    | 'instances'
    | 'systemEvents'
    | 'answers'
    | 'maintenance'
    | 'row'
    | 'timing'
    | 'presumed'
    | 'nowMs'
  > {}

/** What a turn leads to: the saga as it is to be, and what comes next of it. */
export interface SagaTurn {
  readonly saga: Saga;
  readonly step: PairStep | null;
  /** Nothing can be said before everything is read anew. */
  readonly mustRead: boolean;
  readonly wake: { readonly atMs: number; readonly reason: string } | null;
  /** What a person should know, for the audit. */
  readonly remark: string | null;
}

/** A turn that does nothing. */
export function still(saga: Saga): SagaTurn {
  return { saga, step: null, mustRead: false, wake: null, remark: null };
}

/** A turn that sends a call. */
export function sending(saga: Saga, step: PairStep): SagaTurn {
  return { ...still(saga), step };
}

/** The saga as the journal must have it before the call is sent. */
export function withInFlight(saga: Saga, step: PairStep, nowMs: number): Saga {
  return { ...saga, inFlight: { kind: step.kind, target: targetOf(step), sentAtMs: nowMs } };
}

/** A turn that waits. */
export function waiting(saga: Saga, atMs: number, reason: string): SagaTurn {
  return { ...still(saga), wake: { atMs, reason } };
}

/** What a call is about, as a journal has it. */
export function targetOf(step: PairStep): string {
  switch (step.kind) {
    case 'create':
      return step.name;
    case 'point':
      return pointTarget(step.listener, step.groupId);
    case 'release':
      return pointTarget(step.listener, step.vServerGroupId ?? 'default');
    case 'delete':
    case 'tag':
    case 'untag':
      return step.groupId;
  }
}

/** What a call is about that points a listener at a group. */
export function pointTarget(listener: PairListenerName, groupId: string): string {
  return `${listenerName(listener)} ${groupId}`;
}

/**
 * Until when a call whose reply nobody has may still take effect; `null` = there is none. A dead worker's call ends with
 * its time limit, and what it did shows within the settling time.
 */
export function unsettledUntilMs({ inFlight }: Saga, { timing, nowMs }: SagaSituation): number | null {
  if (inFlight === null) return null;
  const untilMs = inFlight.sentAtMs + timing.callTimeoutMs + timing.settleMs;
  return untilMs > nowMs ? untilMs : null;
}

/** The listener as it was seen; `null` = it is gone. */
export function seenListener(
  { listeners }: Pick<SagaSituation, 'listeners'>,
  { protocol, port }: PairListenerName,
): PairListener | null {
  return listeners.find((each) => each.protocol === protocol && each.port === port) ?? null;
}

/** Everybody who uses a group, for people: `tcp:3306`. Empty = nobody. */
export function usersOf(
  { listeners, otherUsers }: Pick<SagaSituation, 'listeners' | 'otherUsers'>,
  groupId: string,
): ReadonlyArray<string> {
  const own = listeners.filter((each) => each.groupId === groupId);
  return [...own, ...(otherUsers.get(groupId) ?? [])].map(({ protocol, port }) => `${protocol}:${port}`);
}

/** The saga with one of its listeners changed. */
export function withListener(saga: Saga, changed: SagaListener): Saga {
  const isIt = (each: SagaListener) => each.protocol === changed.protocol && each.port === changed.port;
  return { ...saga, listeners: saga.listeners.map((each) => (isIt(each) ? changed : each)) };
}
