import { sweepSubject } from '../../../shared/audit/model.ts';
import { allOrFailure, mapBounded } from '../../../shared/concurrency.ts';
import type { Binding } from '../../../shared/config/binding.ts';
import type { Pair } from '../../../shared/config/pair.ts';
import { withKnownGroups } from '../../../shared/declarations/resolve.ts';
import type { LaneRow } from '../../../shared/lanes/model.ts';
import { pairLaneId } from '../../../shared/pairs/model.ts';
import { isInForce } from '../../../shared/pairs/progress.ts';
import type { PairRow } from '../../../shared/pairs/record.ts';
import type { BackendRow } from '../../../shared/server-groups/backend/record.ts';
import { lastSweepIn } from '../../../shared/sweep/last.ts';
import { loadBalancerIdsOf, reportsOfSweep } from '../../../shared/sweep/plan.ts';
import { reportsIn } from '../../../shared/sweep/recorded.ts';
import { statesInRow } from '../pairs/state.ts';
import type { StatusDesk } from './desk.ts';
import { statusOfLane } from './lane.ts';
import { type BindingCounts, isInTrouble, type PairStatus, type Status } from './model.ts';
import { statusOfSweep } from './sweep.ts';

/** What a status is to be about. */
export interface StatusWish {
  readonly bindings: ReadonlyArray<Binding>;
  readonly pairs: ReadonlyArray<Pair>;
  /** Lanes that belong to neither, requests and quarantine as well. */
  readonly isWhole: boolean;
}

const READS_AT_ONCE = 8;

/** Reads what the tables say, and nothing else. Complete or an error: RejectedError, TransientError. */
export async function gatherStatus(
  desk: StatusDesk,
  { bindings: configured, pairs, isWhole }: StatusWish,
): Promise<Status> {
  const bindings = await withKnownGroups(desk.declarations, configured);
  const groupIds = [...new Set(bindings.map(({ vServerGroupId }) => vServerGroupId))];
  const reports = reportsOfSweep(loadBalancerIdsOf({ bindings, pairs }).length);
  const [lanes, rows, pairRows, open, quarantined, sweeps] = await allOrFailure([
    desk.lanes.list(),
    groupIds.length === 0 ? Promise.resolve([]) : desk.backends.readGroups(groupIds),
    mapBounded(pairs, READS_AT_ONCE, async ({ name }) => (await desk.pairRows.read(name)).row),
    isWhole ? desk.requests.allOpen() : Promise.resolve([]),
    isWhole ? desk.quarantine.list() : Promise.resolve([]),
    isWhole ? desk.audit.latest(sweepSubject(desk.regionId), reports) : Promise.resolve([]),
  ]);
  const nowMs = desk.clock.nowMs();
  const byId = new Map(lanes.map((lane) => [lane.laneId, lane]));
  const laneOf = (laneId: string) => statusOfLane(laneId, byId.get(laneId) ?? null, nowMs);
  const own = new Set([...bindings.map(({ loadBalancerId }) => loadBalancerId), ...pairs.map(pairLaneId)]);
  return {
    bindings: bindings.map((binding) => ({
      name: binding.name,
      loadBalancerId: binding.loadBalancerId,
      vServerGroupId: binding.vServerGroupId,
      counts: countsOf(rows.filter((row) => isOf(row, binding))),
      lane: laneOf(binding.loadBalancerId),
    })),
    pairs: pairs.map((pair, index) =>
      pairStatus(pair, pairRows[index] ?? null, laneOf(pairLaneId(pair)), nowMs),
    ),
    otherLanes: isWhole
      ? lanes
          .filter(({ laneId }) => !own.has(laneId))
          .map(statusOf)
          .filter(isInTrouble)
      : [],
    openRequests: open.length,
    awaitingApproval: open.filter(({ phase }) => phase === 'awaiting-approval').length,
    quarantined: quarantined.length,
    sweep: isWhole ? statusOfSweep(lastSweepIn(reportsIn(sweeps)), desk.timing.compareMs, nowMs) : null,
    nowMs,
  };

  function statusOf(lane: LaneRow) {
    return statusOfLane(lane.laneId, lane, nowMs);
  }
}

function isOf({ vServerGroupId, binding }: BackendRow, { name, vServerGroupId: groupId }: Binding): boolean {
  return vServerGroupId === groupId && binding === name;
}

function countsOf(rows: ReadonlyArray<BackendRow>): BindingCounts {
  const count = (is: (row: BackendRow) => boolean) => rows.filter(is).length;
  return {
    inService: count(({ phase }) => phase === 'in-service'),
    joining: count(({ phase }) => phase === 'joining'),
    ramping: count(({ phase }) => phase === 'ramping'),
    draining: count(({ phase }) => phase === 'draining'),
    out: count(({ phase }) => phase === 'removed'),
    held: count(({ held }) => held !== null && held.by !== 'drift'),
    overridden: count(({ override }) => override !== null),
    drift: count(({ held }) => held?.by === 'drift'),
  };
}

function pairStatus(pair: Pair, row: PairRow | null, lane: PairStatus['lane'], nowMs: number): PairStatus {
  const known = row?.loadBalancerId === pair.loadBalancerId ? row : null;
  return {
    name: pair.name,
    primaryId: known === null ? null : primaryOf(known),
    isPaused: known?.pause != null && known.pause.untilMs > nowMs,
    states: statesInRow(pair, known, nowMs),
    lane,
  };
}

/** Who serves by the table: without a change since, whoever was the primary at first still is. */
function primaryOf({ saga, homeId, groupId }: PairRow): string | null {
  if (saga === null) return homeId;
  if (!isInForce(saga)) return saga.from?.members.primary.serverId ?? null;
  // Somebody else has changed the pair since.
  const isTheirs = saga.phase === 'ended' && saga.groupId !== groupId;
  return isTheirs ? null : saga.to.primary.serverId;
}
