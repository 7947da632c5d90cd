import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../../shared/config/duration.ts';
import { parseInstant } from '../../../shared/times.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { openPlace, requirePair } from '../pairs/open.ts';
import type { Terminal } from '../terminal.ts';
import { type OrderOptions, readText, withOrder } from './pair-options.ts';
import { carryOut, orderFor } from './pair-orders.ts';

interface PauseOptions extends OrderOptions {
  readonly reason: string;
  /** An instant, ms. */
  readonly until?: number;
  /** Milliseconds. */
  readonly for?: number;
}

/** `autopilot pause` and `resume`: no change of a pair for a while, or again as ever. */
export function addPauseCommands(program: Command, terminal: Terminal): void {
  withOrder(program.command('pause <pair>'))
    .summary('let nothing change a pair for a while')
    .description(
      'Asks the functions to begin no change of the pair until then, by themselves or by order; CLB’s own failover goes on. A change that is under way is carried to its end.',
    )
    .addOption(
      new Option('--until <time>', 'an instant such as 2026-11-20T08:10:00Z')
        .argParser(readInstant)
        .conflicts('for'),
    )
    .addOption(new Option('--for <duration>', 'from now on, such as 2h').argParser(readFor))
    .requiredOption('--reason <text>', 'why; it stands in the audit', readText)
    .action(async (name: string, options: PauseOptions) => {
      if (options.until === undefined && options.for === undefined) {
        const text = 'error: one of --until, --for is needed\n(--help tells more)';
        throw new CommandError(EXIT_STATUS.wrong, text);
      }
      const { config, desk } = await openPlace(options);
      const pair = requirePair(config, name);
      const order = await orderFor(
        desk,
        pair,
        { kind: 'pause', untilMs: null, reason: options.reason },
        options,
      );
      const untilMs = options.until ?? order.orderedAtMs + (options.for ?? 0);
      await carryOut(desk, pair, { ...order, kind: 'pause', untilMs }, options, terminal);
    });
  withOrder(program.command('resume <pair>'))
    .summary('end the pause of a pair')
    .description('Asks the functions to look after the pair again.')
    .requiredOption('--reason <text>', 'why; it stands in the audit', readText)
    .action(async (name: string, options: PauseOptions) => {
      const { config, desk } = await openPlace(options);
      const pair = requirePair(config, name);
      const order = await orderFor(
        desk,
        pair,
        { kind: 'pause', untilMs: null, reason: options.reason },
        options,
      );
      await carryOut(desk, pair, order, options, terminal);
    });
}

function readInstant(text: string): number {
  const atMs = parseInstant(text);
  if (atMs === null) {
    throw new InvalidArgumentError('Allowed is an instant with its zone, such as 2026-11-20T08:10:00Z.');
  }
  if (atMs > Date.now()) return atMs;
  throw new InvalidArgumentError('It has passed.');
}

function readFor(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  throw new InvalidArgumentError('Allowed is a duration such as 30m or 2h.');
}
