import { type AcceptDeps, acceptBatch } from '../../shared/acceptance/apply.ts';
import type { AcceptReport } from '../../shared/acceptance/model.ts';
import { allOrFailure } from '../../shared/concurrency.ts';
import type { InboundEvent } from '../../shared/events/model.ts';
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
  RoundDeps &
  PairRoundDeps & { readonly timing: { readonly passBudgetMs: number; readonly compareMs: number } };

/** What became of a tick or of a batch of wake-ups, for the log. */
export interface TickOutcome {
  /** Of the messages that are neither; `null` = there were none. */
  readonly accepted: AcceptReport | null;
  readonly lanes: Readonly<Record<string, LaneOutcome>>;
}

/**
 * Works the lanes that are due: those that wake-ups point at, and on a tick of the timer every one in the table
 * and every scaling group and pair in which something goes on. Any other message is accepted like everywhere else, so that
 * it is never just dropped. Throws only when accepting fails, or the table of lanes cannot be read or signalled in.
 */
export async function handleTick(deps: TickDeps, events: ReadonlyArray<InboundEvent>): Promise<TickOutcome> {
  const woken = events.flatMap((event) => (event.kind === 'wake-up' ? [event.laneId] : []));
  const others = events.filter(({ kind }) => kind !== 'wake-up' && kind !== 'tick');
  const accepted = others.length === 0 ? null : await acceptBatch(deps, others);
  const isTick = events.some(({ kind }) => kind === 'tick');
  const rows = isTick ? await deps.lanes.list() : [];
  const nowMs = deps.clock.nowMs();
  const due = rows.filter((row) => isFree(row, nowMs));
  const deadlineMs = deps.ownClock.nowMs() + deps.timing.passBudgetMs;
  const [scaling, pairs] = isTick
    ? await allOrFailure([signalScalingGroups(deps), signalPairs(deps, deadlineMs)])
    : [[], []];
  const ids = [...woken, ...due.map(idOf), ...(accepted?.lanes ?? []), ...scaling, ...pairs].filter((id) =>
    isKnownLane(id, deps),
  );
  await tellOfAbandoned(deps, due.map(idOf));
  return { accepted, lanes: await workLanes(deps, ids, createPass(deps), deadlineMs) };
}

function idOf({ laneId }: LaneRow): string {
  return laneId;
}
