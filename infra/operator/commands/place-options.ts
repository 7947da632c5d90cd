import type { Command } from 'commander';
import { DEFAULT_CONFIG_FILE } from '../configuration.ts';
import type { Place } from '../place.ts';
import { noteOption } from './note-option.ts';

/** What every command that asks the clouds can be told. */
export interface PlaceOptions extends Place {
  readonly json?: true;
}

/** Adds where to find configuration and clouds, and `--json`. */
export function withPlace(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration', DEFAULT_CONFIG_FILE)
    .option('--local', 'talk to the local clouds that are running')
    .option('--json', 'print one JSON document')
    .addOption(noteOption());
}
