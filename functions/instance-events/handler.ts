import type { InboundEvent } from '../../shared/events/model.ts';
import { type IntakeDeps, type IntakeOutcome, takeIn } from '../../shared/intake.ts';

/** Takes in what ECS says of its instances, and works the load balancers that it concerns. Throws only when accepting failed. */
export async function handleInstanceEvents(
  deps: IntakeDeps,
  events: ReadonlyArray<InboundEvent>,
): Promise<IntakeOutcome> {
  return await takeIn(deps, events);
}
