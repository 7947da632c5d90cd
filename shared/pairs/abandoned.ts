import { mapBounded } from '../concurrency.ts';
import type { Pair } from '../config/pair.ts';
import { describeError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { isPairLane, pairLaneId, pairNameOf } from './model.ts';
import type { PairStore } from './ports.ts';
import { isUnderWay } from './saga/model.ts';

/** What a search for abandoned changes needs. */
export interface AbandonedDeps {
  readonly pairRows: Pick<PairStore, 'read'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly pairs: ReadonlyArray<Pair>;
}

const READS_AT_ONCE = 4;

/**
 * Tells of pairs that left the configuration, or were renamed, while a change of theirs was under way: nobody goes on with
 * it, so their listeners may use two groups. Of the given lanes only those are read that no configured pair has. Never throws.
 */
export async function tellOfAbandoned(deps: AbandonedDeps, laneIds: Iterable<string>): Promise<void> {
  const { pairRows, metrics, logger, pairs } = deps;
  const configured = new Set(pairs.map(pairLaneId));
  const orphaned = [...new Set(laneIds)].filter((laneId) => isPairLane(laneId) && !configured.has(laneId));
  await mapBounded(orphaned, READS_AT_ONCE, async (laneId) => {
    const pair = pairNameOf(laneId);
    try {
      const { row } = await pairRows.read(pair);
      const saga = row?.saga ?? null;
      if (!isUnderWay(saga)) return;
      const { kind, number } = saga;
      metrics.count('pairs-held', 1, { pair });
      logger.error(
        { pair, number, phase: saga.phase },
        `${kind} ${number} is under way and its pair is not configured any more: put it back until that has ended`,
      );
    } catch (error) {
      logger.warn({ pair }, `pair without configuration not looked at: ${describeError(error)}`);
    }
  });
}
