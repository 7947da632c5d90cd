import { mapBounded } from '../concurrency.ts';
import type { Pair } from '../config/pair.ts';
import { describeError } from '../errors.ts';
import type { LaneStore } from '../lanes/ports.ts';
import type { Logger } from '../logger.ts';
import { lookAtPair, type PairLookDeps } from './look-at-pair.ts';
import { pairLaneId } from './model.ts';

/** What a round over the pairs needs. */
export interface PairRoundDeps extends PairLookDeps {
  readonly lanes: Pick<LaneStore, 'read' | 'signal'>;
  readonly ownClock: { nowMs(): number };
  readonly logger: Logger;
  readonly pairs: ReadonlyArray<Pair>;
}

const PAIRS_AT_ONCE = 4;

/**
 * Looks at every pair without a lease and without a write, and signals the lanes of those that have something to do: what
 * they are told by events and alarms may have been lost. Returns these lanes. A pair that cannot be looked at is left to
 * the next tick; it never fails the others.
 */
export async function signalPairs(deps: PairRoundDeps, deadlineMs: number): Promise<ReadonlyArray<string>> {
  const { pairs, lanes, logger, ownClock } = deps;
  const looked = await mapBounded(pairs, PAIRS_AT_ONCE, async (pair) => {
    if (ownClock.nowMs() >= deadlineMs) {
      logger.warn({ pair: pair.name }, 'pair not looked at: no time left in this round');
      return [];
    }
    try {
      return (await lookAtPair(deps, pair))?.hasWork === true ? [pairLaneId(pair)] : [];
    } catch (error) {
      logger.warn({ pair: pair.name }, `pair not looked at: ${describeError(error)}`);
      return [];
    }
  });
  const different = looked.flat();
  if (different.length > 0) await lanes.signal(different);
  return different;
}
