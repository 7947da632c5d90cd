import type { News, Signal } from '../acceptance/model.ts';
import type { InstanceState } from '../events/model.ts';
import type { InstanceObservation, InstanceStatus } from '../instances/model.ts';
import { takesBack } from './backend/orders.ts';
import type { ReturnOrder } from './backend/record.ts';

/** When a signal that is ahead of what ECS shows is looked at again, counted from its acceptance. */
export const LOOKS_AGAIN_MS = [5_000, 15_000, 60_000] as const;

/** What becomes of a signal in this pass. */
export type SignalFate =
  /** What ECS shows agrees with it or has passed it. */
  | { readonly kind: 'settled' }
  /** ECS shows less than the event claims; look again at `untilMs`. */
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly claimed: InstanceState }
  /** An order that counts only from `untilMs` on. */
  | { readonly kind: 'early'; readonly untilMs: number }
  /** It stayed ahead for too long; only a full comparison will help now. */
  | {
      readonly kind: 'given-up';
      readonly claimed: InstanceState;
      readonly observed: InstanceStatus | 'absent';
    };

/**
 * Decides about a signal from what ECS shows, never from the signal alone. `returns` are all that is known to have been
 * taken back for its instance, in this inbox and in the records.
 */
export function fateOf(
  signal: Signal,
  instances: InstanceObservation,
  returns: ReadonlyArray<ReturnOrder>,
  nowMs: number,
): SignalFate {
  const { news } = signal;
  switch (news.kind) {
    case 'state':
      return fateOfState(news.state, signal, instances, nowMs);
    case 'leave':
      if (news.fromMs === null || !isEarly(news, nowMs)) return { kind: 'settled' };
      // What takes it back is settled at once, long before the order would count, so it has to be void from there on.
      return returns.some((said) => takesBack(said, { ...news, sinceMs: happenedAtMs(signal) }))
        ? { kind: 'settled' }
        : { kind: 'early', untilMs: news.fromMs };
    case 'lift-guard':
      return news.untilMs > nowMs ? { kind: 'early', untilMs: news.untilMs } : { kind: 'settled' };
    case 'pause':
      return news.untilMs !== null && news.untilMs > nowMs
        ? { kind: 'early', untilMs: news.untilMs }
        : { kind: 'settled' };
    case 'override':
    case 'return':
      // Like an order that counts, it is remembered with the backends: the signal has done its work.
      return { kind: 'settled' };
  }
}

/** Whether the order counts only later. */
export function isEarly(
  { fromMs }: Pick<Extract<News, { kind: 'leave' }>, 'fromMs'>,
  nowMs: number,
): boolean {
  return fromMs !== null && fromMs > nowMs;
}

/** When the signal's event happened, as well as we know. */
export function happenedAtMs({
  eventAtMs,
  acceptedAtMs,
}: Pick<Signal, 'eventAtMs' | 'acceptedAtMs'>): number {
  return eventAtMs ?? acceptedAtMs;
}

/** What becomes of a signal that claims a state of its instance. */
export function fateOfState(
  claimed: InstanceState,
  signal: Signal,
  instances: InstanceObservation,
  nowMs: number,
): Exclude<SignalFate, { kind: 'early' }> {
  const observed = instances.present.get(signal.instanceId)?.status ?? 'absent';
  if (!isAhead(claimed, observed)) return { kind: 'settled' };
  const untilMs = LOOKS_AGAIN_MS.map((ms) => signal.acceptedAtMs + ms).find((atMs) => atMs > nowMs);
  return untilMs === undefined
    ? { kind: 'given-up', claimed, observed }
    : { kind: 'waiting', untilMs, claimed };
}

/**
 * Whether the event claims what ECS does not show (yet). A stale event looks the same as an early one, so both are
 * looked at again a few times; that costs reads and nothing else.
 */
function isAhead(claimed: InstanceState, observed: InstanceStatus | 'absent'): boolean {
  switch (claimed) {
    case 'Running':
      return observed !== 'Running';
    case 'Stopping':
    case 'Stopped':
      return observed === 'Running';
    case 'Deleted':
      return observed !== 'absent';
    case 'Created':
    case 'Pending':
    case 'Starting':
      return false;
  }
}
