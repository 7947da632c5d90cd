import type { InboxStore } from '../acceptance/ports.ts';
import { allOrFailure } from '../concurrency.ts';
import type { Pair } from '../config/pair.ts';
import { isDue, isLeased } from '../lanes/plan.ts';
import type { LaneStore } from '../lanes/ports.ts';
import { type ForeseeDeps, type ForeseenChange, foreseeChange, type Known } from './foresee.ts';
import { pairLaneId } from './model.ts';
import type { PairStore } from './ports.ts';

/** What looking at a pair needs: only what reads. */
export interface PairLookDeps extends ForeseeDeps {
  readonly pairRows: Pick<PairStore, 'read'>;
  readonly inbox: Pick<InboxStore, 'read'>;
  readonly lanes: Pick<LaneStore, 'read'>;
}

/** What was seen of a pair without a lease, and what a pass over its lane would do. */
export interface PairLook {
  readonly known: Known;
  readonly foreseen: ForeseenChange;
  readonly hasWork: boolean;
}

/** Looks at a pair and writes nothing; `null` = somebody holds its lane, or is about to. Complete or an error. */
export async function lookAtPair(deps: PairLookDeps, pair: Pair): Promise<PairLook | null> {
  const laneId = pairLaneId(pair);
  const lane = await deps.lanes.read(laneId);
  const nowMs = deps.clock.nowMs();
  if (isLeased(lane, nowMs) || isDue(lane, nowMs)) return null;
  const [{ row, orders }, signals] = await allOrFailure([
    deps.pairRows.read(pair.name),
    deps.inbox.read(laneId),
  ]);
  const known = { row, orders, signals };
  const foreseen = await foreseeChange(deps, pair, known);
  const { plan } = foreseen;
  const isTold = orders.length > 0 || signals.length > 0;
  return { known, foreseen, hasWork: isTold || plan.step !== null || plan.row !== row };
}
