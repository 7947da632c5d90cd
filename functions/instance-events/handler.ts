import { type AcceptDeps, acceptBatch } from '../../shared/acceptance/apply.ts';
import type { AcceptReport } from '../../shared/acceptance/model.ts';
import type { InboundEvent } from '../../shared/events/model.ts';
import type { LaneDeps } from '../../shared/lanes/apply.ts';
import { workLanes } from '../../shared/lanes/work-lanes.ts';
import type { LaneOutcome } from '../../shared/outcome.ts';
import { createServerGroupPass, type PassDeps } from '../../shared/server-groups/apply.ts';

/** What the function needs. */
export type InstanceEventsDeps = AcceptDeps &
  LaneDeps &
  PassDeps & { readonly timing: { readonly passBudgetMs: number } };

/** What became of a batch, for the log. */
export interface InstanceEventsOutcome {
  readonly accepted: AcceptReport;
  readonly lanes: Readonly<Record<string, LaneOutcome>>;
}

/**
 * Accepts a batch of ECS events and works the lanes that have a new signal. Throws only when accepting failed: then the
 * whole batch is delivered again. Whatever happens in a lane later is the lane's, not the batch's.
 */
export async function handleInstanceEvents(
  deps: InstanceEventsDeps,
  events: ReadonlyArray<InboundEvent>,
): Promise<InstanceEventsOutcome> {
  const accepted = await acceptBatch(deps, events);
  const deadlineMs = deps.ownClock.nowMs() + deps.timing.passBudgetMs;
  const lanes = await workLanes(deps, accepted.lanes, createServerGroupPass(deps), deadlineMs);
  return { accepted, lanes };
}
