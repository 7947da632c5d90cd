import { resolve } from 'node:path';
import { ConfigError } from '../../shared/config/faults.ts';
import { type Config, loadConfig } from '../../shared/config/load.ts';
import { describeError } from '../../shared/errors.ts';
import { wrongConfiguration } from './configuration.ts';
import { type CloudsConnection, connectionOfLocalClouds, connectionOfVariables } from './connection.ts';
import { CommandError, EXIT_STATUS } from './exit-status.ts';

/** Where a command that asks the clouds finds configuration and clouds. */
export interface Place {
  readonly config: string;
  readonly local?: true;
  readonly note: string;
}

/**
 * Reads the configuration and finds the clouds that the options name; makes no call. Throws CommandError: 2 for faults of
 * file and environment, 3 when there is no key or no local clouds to ask.
 */
export function findPlace({ config: file, local, note }: Place): {
  readonly config: Config;
  readonly connection: CloudsConnection;
} {
  try {
    const config = loadConfig(resolve(file));
    const connection = local ? connectionOfLocalClouds(config, note) : connectionOfVariables(config);
    return { config, connection };
  } catch (error) {
    throw error instanceof ConfigError ? wrongConfiguration(error) : error;
  }
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
