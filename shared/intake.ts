import { type AcceptDeps, acceptBatch } from './acceptance/apply.ts';
import type { AcceptReport } from './acceptance/model.ts';
import type { InboundEvent } from './events/model.ts';
import type { LaneDeps } from './lanes/apply.ts';
import { workLanes } from './lanes/work-lanes.ts';
import type { LaneOutcome } from './outcome.ts';
import { createPass, type LanePassDeps } from './passes.ts';

/** What taking a batch of messages in needs. */
export type IntakeDeps = AcceptDeps &
  LaneDeps &
  LanePassDeps & { readonly timing: { readonly passBudgetMs: number } };

/** What became of a batch, for the log. */
export interface IntakeOutcome {
  readonly accepted: AcceptReport;
  readonly lanes: Readonly<Record<string, LaneOutcome>>;
}

/**
 * Accepts a batch of messages and works the lanes that have a new signal. Throws only when accepting failed: then the
 * whole batch is delivered again. Whatever happens in a lane later is the lane's, not the batch's.
 */
export async function takeIn(deps: IntakeDeps, events: ReadonlyArray<InboundEvent>): Promise<IntakeOutcome> {
  const accepted = await acceptBatch(deps, events);
  const deadlineMs = deps.ownClock.nowMs() + deps.timing.passBudgetMs;
  const lanes = await workLanes(deps, accepted.lanes, createPass(deps), deadlineMs);
  return { accepted, lanes };
}
