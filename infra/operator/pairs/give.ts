import { describeError, TransientError } from '../../../shared/errors.ts';
import { pairLaneId } from '../../../shared/pairs/model.ts';
import type { PairOrder } from '../../../shared/pairs/record.ts';
import type { PairDesk } from './desk.ts';

const TRIES_MAX = 3;

/**
 * Puts the order where the functions find it, and wakes one of them. Resolves with what to tell people, `null` = nothing.
 * Throws when it could not be put; a function that could not be woken finds it with the next tick.
 */
export async function giveOrder(
  { pairOrders, lanes, wakeUps, clock }: Pick<PairDesk, 'pairOrders' | 'lanes' | 'wakeUps' | 'clock'>,
  name: string,
  order: PairOrder,
): Promise<string | null> {
  // Written once by its id: a try whose answer was lost does no harm.
  for (let tries = 1; ; tries++) {
    try {
      await pairOrders.put(name, order);
      break;
    } catch (error) {
      if (!(error instanceof TransientError) || tries === TRIES_MAX) throw error;
    }
  }
  const laneId = pairLaneId({ name });
  try {
    await lanes.signal([laneId]);
    await wakeUps.send(laneId, clock.nowMs());
    return null;
  } catch (error) {
    return `nobody could be woken, so it is taken up by the next tick, within a minute: ${describeError(error)}`;
  }
}
