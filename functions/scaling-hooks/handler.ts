import type { InboundEvent } from '../../shared/events/model.ts';
import { type IntakeDeps, type IntakeOutcome, takeIn } from '../../shared/intake.ts';

/**
 * Takes in the messages of lifecycle hooks and works the scaling groups that wait for an answer. What these ask of load
 * balancers is worked through wake-ups, at once. Throws only when accepting failed.
 */
export async function handleScalingHooks(
  deps: IntakeDeps,
  events: ReadonlyArray<InboundEvent>,
): Promise<IntakeOutcome> {
  return await takeIn(deps, events);
}
