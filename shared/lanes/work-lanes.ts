import { mapBounded } from '../concurrency.ts';
import { describeError } from '../errors.ts';
import type { LaneOutcome } from '../outcome.ts';
import { type LaneDeps, type RunPass, workLane } from './apply.ts';

const LANES_AT_ONCE = 4;

/**
 * Works the lanes, a few at a time, within one time limit for all. A lane whose turn does not come is handed over with
 * a wake-up, so that a long one never delays the others. One lane's failure never fails the others.
 */
export async function workLanes(
  deps: LaneDeps,
  laneIds: Iterable<string>,
  run: RunPass,
  deadlineMs: number,
): Promise<Readonly<Record<string, LaneOutcome>>> {
  const ids = [...new Set(laneIds)].sort();
  const outcomes = await mapBounded(ids, LANES_AT_ONCE, async (id): Promise<LaneOutcome> => {
    if (deps.ownClock.nowMs() < deadlineMs) return await workLane(deps, id, run, deadlineMs);
    try {
      await deps.wakeUps.send(id, deps.clock.nowMs());
      return { kind: 'handed-over' };
    } catch (error) {
      // Its signals stand in the lane's row: the next tick sees them.
      deps.logger.warn({ laneId: id }, `lane left to the tick: ${describeError(error)}`);
      return { kind: 'failed', message: describeError(error), retryAtMs: null };
    }
  });
  return Object.fromEntries(ids.map((id, index) => [id, outcomes[index] as LaneOutcome]));
}
