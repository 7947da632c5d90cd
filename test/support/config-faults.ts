import { ConfigError, type ConfigFault } from '../../shared/config/faults.ts';
import { parseConfig } from '../../shared/config/load.ts';

/** All that is wrong with the text of an `autopilot.yaml`; empty = it is taken. */
export function faultsOf(text: string): ReadonlyArray<ConfigFault> {
  try {
    parseConfig(text, 'autopilot.yaml');
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}
