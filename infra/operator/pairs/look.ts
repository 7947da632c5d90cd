import { mapBounded } from '../../../shared/concurrency.ts';
import type { Pair } from '../../../shared/config/pair.ts';
import { describeError } from '../../../shared/errors.ts';
import type { PairInput, PairObservation } from '../../../shared/pairs/model.ts';
import { observePair } from '../../../shared/pairs/observe.ts';
import type { PairOrder, PairRow } from '../../../shared/pairs/record.ts';
import { newPairRow } from '../../../shared/pairs/record.ts';
import { type Standing, standingOf } from '../../../shared/pairs/standing.ts';
import type { PairDesk } from './desk.ts';
import { type PairState, statesOf } from './state.ts';

/** A pair as it was seen: in the tables and in the clouds. */
export interface SeenPair {
  readonly pair: Pair;
  readonly row: PairRow | null;
  readonly orders: ReadonlyArray<PairOrder>;
  readonly seen: PairObservation;
  readonly standing: Standing;
  readonly states: ReadonlyArray<PairState>;
  readonly nowMs: number;
}

/** A pair that could not be looked at, and why. */
export interface UnseenPair {
  readonly pair: Pair;
  readonly error: string;
}

const PAIRS_AT_ONCE = 4;
const NOBODY: ReadonlySet<string> = new Set();

/** Looks at the pairs; one that cannot be looked at does not keep the others from being shown. */
export async function lookAtPairs(
  desk: PairDesk,
  pairs: ReadonlyArray<Pair>,
): Promise<ReadonlyArray<SeenPair | UnseenPair>> {
  return await mapBounded(pairs, PAIRS_AT_ONCE, async (pair) => {
    try {
      return await lookAt(desk, pair);
    } catch (error) {
      return { pair, error: describeError(error) };
    }
  });
}

async function lookAt(desk: PairDesk, pair: Pair): Promise<SeenPair> {
  const { row: stored, orders } = await desk.pairRows.read(pair.name);
  // One of another load balancer tells of another pair of that name.
  const row = stored?.loadBalancerId === pair.loadBalancerId ? stored : null;
  const seen = await observePair(desk, pair, row, false);
  const nowMs = desk.clock.nowMs();
  const { maintenance, timing } = desk;
  const input: PairInput = {
    ...seen,
    pair,
    row,
    orders,
    signals: [],
    answers: new Map(),
    presumed: NOBODY,
    maintenance,
    timing,
    nowMs,
  };
  const standing = standingOf(input, row ?? newPairRow(pair));
  return {
    pair,
    row,
    orders,
    seen,
    standing,
    states: statesOf(pair, row, standing, seen.health, nowMs),
    nowMs,
  };
}
