import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../../shared/config/duration.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';

/** What every order can be told. */
export interface OrderOptions extends PlaceOptions {
  readonly by?: string;
  readonly wait: boolean;
  /** Milliseconds. */
  readonly waitLimit: number;
}

const WAIT_LIMIT_MS = 10 * 60_000;
const TEXT_MAX = 300;

/** Adds what goes with an order, and what its exit status says. */
export function withOrder(command: Command): Command {
  return withPlace(command)
    .option('--by <name>', 'who asks (default: the user of this machine)', readText)
    .option('--no-wait', 'put the order and end at once')
    .option('--wait-limit <duration>', 'watch no longer than this', readWait, WAIT_LIMIT_MS)
    .addHelpText(
      'after',
      '\nOf this command: 0 done, 1 refused, undone or given up, 3 the clouds could not be asked, or nobody knows yet how it ends. Who stops watching (Ctrl-C) does not stop the order.',
    );
}

/** One line for people: for `--reason` and `--by`. */
export function readText(text: string): string {
  const line = text.trim();
  if (line !== '' && line.length <= TEXT_MAX && !/\p{Cc}/u.test(line)) return line;
  throw new InvalidArgumentError(`Allowed is one line of 1 to ${TEXT_MAX} characters.`);
}

function readWait(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  throw new InvalidArgumentError('Allowed is a duration such as 30s or 10m.');
}
