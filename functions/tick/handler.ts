import { type AcceptDeps, acceptBatch } from '../../shared/acceptance/apply.ts';
import type { AcceptReport } from '../../shared/acceptance/model.ts';
import { type ComparisonDeps, compareLanes } from '../../shared/comparison/apply.ts';
import type { ComparisonReport } from '../../shared/comparison/model.ts';
import { isComparisonDue } from '../../shared/comparison/plan.ts';
import { allOrFailure } from '../../shared/concurrency.ts';
import type { InboundEvent, Tick } from '../../shared/events/model.ts';
import type { LaneDeps } from '../../shared/lanes/apply.ts';
import type { LaneRow } from '../../shared/lanes/model.ts';
import { isFree } from '../../shared/lanes/plan.ts';
import { workLanes } from '../../shared/lanes/work-lanes.ts';
import type { LaneOutcome } from '../../shared/outcome.ts';
import { tellOfAbandoned } from '../../shared/pairs/abandoned.ts';
import { type PairRoundDeps, signalPairs } from '../../shared/pairs/round.ts';
import { createPass, isKnownLane, type LanePassDeps } from '../../shared/passes.ts';
import { type RoundDeps, signalScalingGroups } from '../../shared/scaling/round.ts';

/** What the function needs. */
export type TickDeps = AcceptDeps &
  LaneDeps &
  LanePassDeps &
  ComparisonDeps &
  RoundDeps &
  PairRoundDeps & { readonly timing: { readonly passBudgetMs: number; readonly compareMs: number } };

/** What became of a tick or of a batch of wake-ups, for the log. */
export interface TickOutcome {
  /** Of the messages that are neither; `null` = there were none. */
  readonly accepted: AcceptReport | null;
  /** Of the full comparison; `null` = none was due. */
  readonly comparison: ComparisonReport | null;
  readonly lanes: Readonly<Record<string, LaneOutcome>>;
}

/**
 * Works the lanes that are due: those that wake-ups point at, and on a tick of the timer every one in the table
 * and every scaling group and pair in which something goes on. Then the load balancers whose turn it is are compared in
 * full, and those that differ are worked as well. Any other message is accepted like everywhere else, so that it is never
 * just dropped. Throws only when accepting fails, or the table of lanes cannot be read or signalled in.
 */
export async function handleTick(deps: TickDeps, events: ReadonlyArray<InboundEvent>): Promise<TickOutcome> {
  const woken = events.flatMap((event) => (event.kind === 'wake-up' ? [event.laneId] : []));
  const others = events.filter(({ kind }) => kind !== 'wake-up' && kind !== 'tick');
  const accepted = others.length === 0 ? null : await acceptBatch(deps, others);
  const tick = events.find((event): event is Tick => event.kind === 'tick') ?? null;
  const rows = tick === null ? [] : await deps.lanes.list();
  const nowMs = deps.clock.nowMs();
  const due = rows.filter((row) => isFree(row, nowMs));
  const configured = new Set(deps.bindings.map(({ loadBalancerId }) => loadBalancerId));
  const deadlineMs = deps.ownClock.nowMs() + deps.timing.passBudgetMs;
  const [scaling, pairs] =
    tick === null ? [[], []] : await allOrFailure([signalScalingGroups(deps), signalPairs(deps, deadlineMs)]);
  const ids = [...woken, ...due.map(idOf), ...(accepted?.lanes ?? []), ...scaling, ...pairs].filter((id) =>
    isKnownLane(id, deps),
  );
  await tellOfAbandoned(deps, due.map(idOf));
  const pass = createPass(deps);
  const worked = await workLanes(deps, ids, pass, deadlineMs);
  // Whose turn it is goes by the schedule; a tick by hand, which names no instant of it, compares nothing.
  const scheduledAtMs = tick?.triggeredAtMs ?? null;
  if (scheduledAtMs === null) return { accepted, comparison: null, lanes: worked };
  const toCompare = [...configured].filter((id) => isComparisonDue(id, scheduledAtMs, deps.timing.compareMs));
  if (toCompare.length === 0) return { accepted, comparison: null, lanes: worked };
  const comparison = await compareLanes(deps, toCompare, deadlineMs);
  const mended = await workLanes(deps, comparison.different, pass, deadlineMs);
  return { accepted, comparison, lanes: { ...worked, ...mended } };
}

function idOf({ laneId }: LaneRow): string {
  return laneId;
}
