import type { Config } from '../../../shared/config/load.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { findPlace, type Place } from '../place.ts';
import type { PlanDesk } from './desk.ts';
import type { PlanWish } from './make.ts';

/** Opens what plans are made with. Throws CommandError as `findPlace` does. */
export async function openPlans(place: Place): Promise<{ readonly config: Config; readonly desk: PlanDesk }> {
  const { config, connection } = findPlace(place);
  // Loaded when needed: the other commands must not wait for the adapters.
  const { openPlanDesk } = await import('./desk.ts');
  return { config, desk: openPlanDesk(config, connection) };
}

/** The bindings and pairs of these names; of no names at all everything. Throws CommandError with 2 that lists those that there are. */
export function requireWish(
  { bindings, pairs }: Pick<Config, 'bindings' | 'pairs'>,
  names: { readonly bindings: ReadonlyArray<string>; readonly pairs: ReadonlyArray<string> } | null,
): PlanWish {
  if (names === null) return { bindings, pairs };
  requireKnown('binding', bindings, names.bindings);
  requireKnown('pair', pairs, names.pairs);
  return {
    bindings: bindings.filter(({ name }) => names.bindings.includes(name)),
    pairs: pairs.filter(({ name }) => names.pairs.includes(name)),
  };
}

function requireKnown(
  what: string,
  all: ReadonlyArray<{ readonly name: string }>,
  names: ReadonlyArray<string>,
): void {
  const known = all.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const there = known.length === 0 ? 'The configuration names none.' : `There are: ${known.join(', ')}.`;
  throw new CommandError(EXIT_STATUS.wrong, `There is no ${what} ${JSON.stringify(unknown)}. ${there}`);
}
