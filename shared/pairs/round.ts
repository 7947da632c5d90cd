import type { InboxStore } from '../acceptance/ports.ts';
import { allOrFailure, mapBounded } from '../concurrency.ts';
import type { Pair } from '../config/pair.ts';
import { describeError } from '../errors.ts';
import { isDue, isLeased } from '../lanes/plan.ts';
import type { LaneStore } from '../lanes/ports.ts';
import type { Logger } from '../logger.ts';
import { type ForeseeDeps, foresee } from './foresee.ts';
import { pairLaneId } from './model.ts';
import type { PairStore } from './ports.ts';

/** What a round over the pairs needs. */
export interface PairRoundDeps extends ForeseeDeps {
  readonly pairRows: Pick<PairStore, 'read'>;
  readonly inbox: Pick<InboxStore, 'read'>;
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
      return (await hasWork(deps, pair)) ? [pairLaneId(pair)] : [];
    } catch (error) {
      logger.warn({ pair: pair.name }, `pair not looked at: ${describeError(error)}`);
      return [];
    }
  });
  const different = looked.flat();
  if (different.length > 0) await lanes.signal(different);
  return different;
}

/** Whether a pass would do anything; a lane that somebody holds, or that is due anyway, is not looked at. */
async function hasWork(deps: PairRoundDeps, pair: Pair): Promise<boolean> {
  const laneId = pairLaneId(pair);
  const lane = await deps.lanes.read(laneId);
  const nowMs = deps.clock.nowMs();
  if (isLeased(lane, nowMs) || isDue(lane, nowMs)) return false;
  const [{ row, orders }, signals] = await allOrFailure([
    deps.pairRows.read(pair.name),
    deps.inbox.read(laneId),
  ]);
  if (orders.length > 0 || signals.length > 0) return true;
  const plan = await foresee(deps, pair, { row, orders, signals });
  return plan.step !== null || plan.row !== row;
}
