import { parseDuration } from '../../config/duration.ts';
import type { PairOrder, PairRow } from '../../pairs/record.ts';
import type { ChangeRequest, PairChange } from '../document.ts';
import type { Progress } from './progress.ts';

/** Whether a change is about a pair. */
export function isAboutPair(change: ChangeRequest['change']): change is PairChange {
  return 'pair' in change;
}

/**
 * The order that a request about a pair comes to; the same at every repeat. A sentence instead = it cannot be given: a pair
 * that nobody has looked at yet has no home to go back to.
 */
export function orderOf(
  request: ChangeRequest,
  change: PairChange,
  row: PairRow | null,
  begunAtMs: number,
): PairOrder | string {
  const { requestId: orderId, requestedBy: by, reason } = request;
  const common = { orderId, by, reason, orderedAtMs: begunAtMs };
  switch (change.kind) {
    case 'promote':
      return {
        kind: 'promote',
        ...common,
        to: change.to ?? null,
        overridesCoolDown: change.ignoreCoolDown ?? false,
      };
    case 'fail-back': {
      const to = row?.homeId ?? null;
      if (to === null) return `${change.pair} has no home that is known: nobody has looked at it yet`;
      return { kind: 'promote', ...common, to, overridesCoolDown: change.ignoreCoolDown ?? false };
    }
    case 'pause':
      return { kind: 'pause', ...common, untilMs: begunAtMs + (parseDuration(change.for) ?? 0) };
    case 'resume':
      return { kind: 'pause', ...common, untilMs: null };
  }
}

/** How far an order has come, by the pair's row. */
export function progressOfOrder(orderId: string, row: PairRow | null): Progress {
  const answer = row?.answers.find((each) => each.orderId === orderId);
  if (row === null || answer === undefined)
    return { kind: 'waiting', reason: 'the lane of the pair to answer', isHeld: false };
  if (answer.outcome === 'refused') return { kind: 'declined', reason: answer.reason };
  if (answer.outcome === 'noted') return { kind: 'in-force', text: answer.reason };
  const { saga } = row;
  if (saga === null || saga.number !== answer.number) {
    return { kind: 'in-force', text: `change ${answer.number ?? ''} has ended, and another has begun since` };
  }
  const name = `${saga.kind} ${saga.number}`;
  // The listeners are where they are to be; the old group goes when SLB lets it.
  if (saga.phase === 'tidy') return { kind: 'in-force', text: `${name} is in force` };
  if (saga.phase !== 'ended') return { kind: 'waiting', reason: `${name}: ${saga.phase}`, isHeld: false };
  if (saga.outcome === 'done') return { kind: 'in-force', text: `${name} is in force` };
  return {
    kind: 'declined',
    reason: `${name} was ${saga.outcome ?? 'ended'}: ${saga.failure?.message ?? answer.reason}`,
  };
}
