import type { Config } from '../../../shared/config/load.ts';
import type { Pair } from '../../../shared/config/pair.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { findPlace, type Place } from '../place.ts';
import type { PairDesk } from './desk.ts';

/** Reads the configuration and opens the clouds that the options name. Throws CommandError as `findPlace` does. */
export async function openPlace(place: Place): Promise<{
  readonly config: Config;
  readonly desk: PairDesk;
}> {
  const { config, connection } = findPlace(place);
  // Loaded when needed: the other commands must not wait for the adapters.
  const { openPairDesk } = await import('./desk.ts');
  return { config, desk: openPairDesk(config, connection) };
}

/** The pair of that name. Throws CommandError with 2 that lists the names that there are. */
export function requirePair({ pairs }: Pick<Config, 'pairs'>, name: string): Pair {
  const found = pairs.find((pair) => pair.name === name);
  if (found !== undefined) return found;
  const names = pairs.map((pair) => pair.name).join(', ');
  const known = names === '' ? 'The configuration names none.' : `There are: ${names}.`;
  throw new CommandError(EXIT_STATUS.wrong, `There is no pair ${JSON.stringify(name)}. ${known}`);
}
