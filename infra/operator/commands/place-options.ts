import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../../shared/config/duration.ts';
import { DEFAULT_CONFIG_FILE } from '../configuration.ts';
import type { Place } from '../place.ts';
import { noteOption } from './note-option.ts';

/** What every command that asks the clouds can be told. */
export interface PlaceOptions extends Place {
  readonly json?: true;
}

/** How long commands watch what they have asked for, unless told otherwise. */
export const WAIT_LIMIT_MS = 10 * 60_000;

/** Adds where to find configuration and clouds, and `--json`. */
export function withPlace(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration', DEFAULT_CONFIG_FILE)
    .option('--local', 'talk to the local clouds that are running')
    .option('--json', 'print one JSON document')
    .addOption(noteOption());
}

/** How long to watch, in milliseconds. */
export function readWait(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  throw new InvalidArgumentError('Allowed is a duration such as 30s or 10m.');
}
