import type { InboundEvent } from '../../shared/events/model.ts';
import {
  type RequestIntakeDeps,
  type RequestIntakeOutcome,
  takeInRequests,
} from '../../shared/requests/intake.ts';

/** Takes in change requests and works what they are about. Throws only when accepting failed. */
export async function handleChangeRequests(
  deps: RequestIntakeDeps,
  events: ReadonlyArray<InboundEvent>,
): Promise<RequestIntakeOutcome> {
  return await takeInRequests(deps, events);
}
