import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Binding } from '../../../shared/config/binding.ts';
import { parseDuration } from '../../../shared/config/duration.ts';
import type { Config } from '../../../shared/config/load.ts';
import { parseInstant } from '../../../shared/times.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { openPlace, requirePair } from '../pairs/open.ts';
import { askOrEnd, findPlace } from '../place.ts';
import { openPlans } from '../plan/open.ts';
import type { Terminal } from '../terminal.ts';
import { whoAsks } from '../who-asks.ts';
import { type OrderOptions, readText, withOrder } from './pair-options.ts';
import { carryOut, orderFor } from './pair-orders.ts';

interface PauseOptions extends OrderOptions {
  readonly reason: string;
  readonly binding?: true;
  /** An instant, ms. */
  readonly until?: number;
  /** Milliseconds. */
  readonly for?: number;
}

const NAME = 'a pair, or a binding';

/** `autopilot pause` and `resume`: no change of a pair, no correction of a binding for a while, or again as ever. */
export function addPauseCommands(program: Command, terminal: Terminal): void {
  withTarget(program.command('pause'))
    .summary('let nothing change a pair, or correct a binding, for a while')
    .description(
      'Of a pair: asks the functions to begin no change until then, by themselves or by order; CLB’s own failover goes on, and a change that is under way is carried to its end. Of a binding: what differs without an event, an order or a request is only told until then; drains and joins go on.',
    )
    .addOption(
      new Option('--until <time>', 'an instant such as 2026-11-20T08:10:00Z')
        .argParser(readInstant)
        .conflicts('for'),
    )
    .addOption(new Option('--for <duration>', 'from now on, such as 2h').argParser(readFor))
    .action(async (name: string, options: PauseOptions) => {
      if (options.until === undefined && options.for === undefined) {
        const text = 'error: one of --until, --for is needed\n(--help tells more)';
        throw new CommandError(EXIT_STATUS.wrong, text);
      }
      await pause(name, options, terminal);
    });
  withTarget(program.command('resume'))
    .summary('end the pause of a pair, or of a binding')
    .description('Asks the functions to look after it again.')
    .action((name: string, options: PauseOptions) => pause(name, options, terminal));
}

function withTarget(command: Command): Command {
  return withOrder(command)
    .argument('<name>', NAME)
    .option('--binding', 'the binding of that name, where a pair has it, too')
    .requiredOption('--reason <text>', 'why; it is told, and stands in the audit', readText);
}

/** Without `until` and `for` a pause is ended. */
async function pause(name: string, options: PauseOptions, terminal: Terminal): Promise<void> {
  const binding = bindingOf(findPlace(options).config, name, options.binding === true);
  if (binding !== null) await pauseBindingOf(binding, options, terminal);
  else await pausePair(name, options, terminal);
}

/** The binding that is meant; `null` = a pair is. Throws CommandError with 2 that lists the names that there are. */
function bindingOf({ bindings, pairs }: Config, name: string, isBinding: boolean): Binding | null {
  const binding = bindings.find((each) => each.name === name) ?? null;
  const isPair = pairs.some((pair) => pair.name === name);
  if (isPair && !isBinding) return null;
  if (binding !== null) return binding;
  const known = [...(isBinding ? [] : pairs), ...bindings].map((each) => each.name).join(', ');
  const there = known === '' ? 'The configuration names none.' : `There are: ${known}.`;
  const what = isBinding ? 'binding' : 'pair or binding';
  throw new CommandError(EXIT_STATUS.wrong, `There is no ${what} ${JSON.stringify(name)}. ${there}`);
}

async function pausePair(name: string, options: PauseOptions, terminal: Terminal): Promise<void> {
  const { config, desk } = await openPlace(options);
  const pair = requirePair(config, name);
  const { reason } = options;
  const order = await orderFor(desk, pair, { kind: 'pause', untilMs: null, reason }, options);
  const untilMs = options.until ?? (options.for === undefined ? null : order.orderedAtMs + options.for);
  await carryOut(desk, pair, { ...order, kind: 'pause', untilMs }, options, terminal);
}

async function pauseBindingOf(binding: Binding, options: PauseOptions, { out }: Terminal): Promise<void> {
  const { desk } = await openPlans(options);
  // Loaded when needed: the other commands must not wait for the adapters.
  const { pauseBinding } = await import('../plan/pause.ts');
  const { reason, until, for: forMs } = options;
  const wish = { reason, by: options.by ?? whoAsks(), until, for: forMs };
  const put = await askOrEnd(
    `the pause of ${binding.name} may not have been put; once more does no harm`,
    pauseBinding(desk, binding, wish),
  );
  if (options.json) out.write(`${JSON.stringify({ ...put, outcome: 'put' })}\n`);
  else if (put.until === null) out.write(`${binding.name}: what differs is corrected again: ${put.reason}\n`);
  else out.write(`${binding.name}: what differs is only told until ${put.until}: ${put.reason}\n`);
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
