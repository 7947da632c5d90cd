import { resolve } from 'node:path';
import { ConfigError } from '../../../shared/config/faults.ts';
import { type Config, loadConfig } from '../../../shared/config/load.ts';
import type { Pair } from '../../../shared/config/pair.ts';
import { describeError } from '../../../shared/errors.ts';
import { wrongConfiguration } from '../configuration.ts';
import { connectionOfLocalClouds, connectionOfVariables } from '../connection.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import type { PairDesk } from './desk.ts';

/** Where the commands about pairs find configuration and clouds. */
export interface PairPlace {
  readonly config: string;
  readonly local?: true;
  readonly note: string;
}

/**
 * Reads the configuration and opens the clouds that the options name. Throws CommandError: 2 for faults of file and
 * environment, 3 when there is no key or no local clouds to ask.
 */
export async function openPlace({ config: file, local, note }: PairPlace): Promise<{
  readonly config: Config;
  readonly desk: PairDesk;
}> {
  try {
    const config = loadConfig(resolve(file));
    const connection = local ? connectionOfLocalClouds(config, note) : connectionOfVariables(config);
    // Loaded when needed: the other commands must not wait for the adapters.
    const { openPairDesk } = await import('./desk.ts');
    return { config, desk: openPairDesk(config, connection) };
  } catch (error) {
    throw error instanceof ConfigError ? wrongConfiguration(error) : error;
  }
}

/** The pair of that name. Throws CommandError with 2 that lists the names that there are. */
export function requirePair({ pairs }: Pick<Config, 'pairs'>, name: string): Pair {
  const found = pairs.find((pair) => pair.name === name);
  if (found !== undefined) return found;
  const names = pairs.map((pair) => pair.name).join(', ');
  const known = names === '' ? 'The configuration names none.' : `There are: ${names}.`;
  throw new CommandError(EXIT_STATUS.wrong, `There is no pair ${JSON.stringify(name)}. ${known}`);
}

/** What was asked; an error of the clouds ends the command with 3, since nothing is known. */
export async function askOrEnd<T>(about: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(EXIT_STATUS.unanswered, `${about}: ${describeError(error)}`, error);
  }
}
