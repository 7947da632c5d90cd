import type { Config } from '../../../shared/config/load.ts';
import { findPlace, type Place } from '../place.ts';
import type { RequestDesk } from './desk.ts';

/** Opens what the commands about change requests work with. Throws CommandError as `findPlace` does. */
export async function openRequests(
  place: Place,
): Promise<{ readonly config: Config; readonly desk: RequestDesk }> {
  const { config, connection } = findPlace(place);
  // Loaded when needed: the other commands must not wait for the adapters.
  const { openRequestDesk } = await import('./desk.ts');
  return { config, desk: openRequestDesk(config, connection) };
}
