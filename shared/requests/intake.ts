import type { InboundEvent } from '../events/model.ts';
import { type IntakeDeps, type IntakeOutcome, takeIn } from '../intake.ts';

/** What taking in change requests needs. */
export type RequestIntakeDeps = IntakeDeps;

/** What became of a batch, for the log. */
export type RequestIntakeOutcome = IntakeOutcome;

/** Takes in a batch from the queue of change requests. Throws only when accepting failed: then all of it comes again. */
export async function takeInRequests(
  deps: RequestIntakeDeps,
  events: ReadonlyArray<InboundEvent>,
): Promise<RequestIntakeOutcome> {
  return await takeIn(deps, events);
}
