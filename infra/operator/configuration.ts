import { ConfigError, formatFaults } from '../../shared/config/faults.ts';
import { type Config, loadConfig } from '../../shared/config/load.ts';
import { CommandError, EXIT_STATUS } from './exit-status.ts';

/** What `--config` means where it is left out. */
export const DEFAULT_CONFIG_FILE = 'autopilot.yaml';

/** The configuration for a command that cannot go on without it. Throws CommandError that tells every fault. */
export function requireConfig(file: string): Config {
  try {
    return loadConfig(file);
  } catch (error) {
    throw error instanceof ConfigError ? wrongConfiguration(error) : error;
  }
}

/** Ends a command because of its configuration. */
export function wrongConfiguration(error: ConfigError): CommandError {
  const count = error.faults.length === 1 ? '1 fault' : `${error.faults.length} faults`;
  return new CommandError(EXIT_STATUS.wrong, `${formatFaults(error)}\n${count} in ${error.source}`, error);
}
