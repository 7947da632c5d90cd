import type { Binding } from '../../../shared/config/binding.ts';
import type { Config } from '../../../shared/config/load.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { findPlace, type Place } from '../place.ts';
import type { StoryDesk } from './desk.ts';

/** Reads the configuration and opens the tables that the options name. Throws CommandError as `findPlace` does. */
export async function openStories(place: Place): Promise<{
  readonly config: Config;
  readonly desk: StoryDesk;
}> {
  const { config, connection } = findPlace(place);
  // Loaded when needed: the other commands must not wait for the adapters.
  const { openStoryDesk } = await import('./desk.ts');
  return { config, desk: openStoryDesk(config, connection) };
}

/** The binding of that name, or all. Throws CommandError with 2 that lists the names that there are. */
export function requireBindings(
  { bindings }: Pick<Config, 'bindings'>,
  name: string | undefined,
): ReadonlyArray<Binding> {
  const found = name === undefined ? bindings : bindings.filter((binding) => binding.name === name);
  if (found.length > 0) return found;
  const names = bindings.map((binding) => binding.name).join(', ');
  if (names === '') throw new CommandError(EXIT_STATUS.wrong, 'The configuration names no bindings.');
  const text = `There is no binding ${JSON.stringify(name)}. There are: ${names}.`;
  throw new CommandError(EXIT_STATUS.wrong, text);
}
