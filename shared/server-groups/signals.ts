import type { Signal } from '../acceptance/model.ts';
import type { InstanceState } from '../events/model.ts';
import type { InstanceObservation, InstanceStatus } from '../instances/model.ts';

/** When a signal that is ahead of what ECS shows is looked at again, counted from its acceptance. */
export const LOOKS_AGAIN_MS = [5_000, 15_000, 60_000] as const;

/** What becomes of a signal in this pass. */
export type SignalFate =
  /** What ECS shows agrees with it or has passed it. */
  | { readonly kind: 'settled' }
  /** ECS shows less than the event claims; look again at `untilMs`. */
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly claimed: InstanceState }
  /** It stayed ahead for too long; only a full comparison will help now. */
  | {
      readonly kind: 'given-up';
      readonly claimed: InstanceState;
      readonly observed: InstanceStatus | 'absent';
    };

/** Decides about a signal from what ECS shows, never from the signal alone. */
export function fateOf(signal: Signal, instances: InstanceObservation, nowMs: number): SignalFate {
  // An order, and what takes it back, is remembered with the backends, so the signal has done its work.
  if (signal.news.kind !== 'state') return { kind: 'settled' };
  const claimed = signal.news.state;
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
