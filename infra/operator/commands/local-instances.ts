import { type Command, InvalidArgumentError, Option } from 'commander';
import { describeError } from '../../../shared/errors.ts';
import { createCloudsClient, type InstanceOrder } from '../clouds-client.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { findConnection } from '../local-connection.ts';
import type { Terminal } from '../terminal.ts';
import { noteOption } from './note-option.ts';

interface RunOptions {
  readonly count: number;
  readonly tag: Readonly<Record<string, string>>;
  readonly json?: true;
  readonly note: string;
}

interface OrderOptions {
  readonly force?: boolean;
  readonly json?: true;
  readonly note: string;
}

/** What became of an order to one instance. */
interface Ordered {
  readonly instanceId: string;
  readonly ok: boolean;
  /** Why not; `null` = it was accepted. */
  readonly error: string | null;
}

/** `autopilot local run-instances`, `start`, `stop`, `reboot`, `delete`: orders over the ECS API. */
export function addInstanceCommands(local: Command, terminal: Terminal): void {
  local
    .command('run-instances')
    .summary('start new instances')
    .description('Creates instances (ECS RunInstances), which become Running by themselves.')
    .option('--count <n>', 'how many, 1 to 100', readCount, 1)
    .addOption(
      new Option('--tag <key=value>', 'a tag that each of them has (repeatable)')
        .argParser(readTag)
        .default({}, 'none'),
    )
    .option('--json', 'print one JSON document')
    .addOption(noteOption())
    .action(async (options: RunOptions) => {
      const client = createCloudsClient(findConnection(options.note));
      const instanceIds = await client.runInstances(options.count, options.tag);
      terminal.out.write(
        options.json ? `${JSON.stringify({ instanceIds })}\n` : `${instanceIds.join('\n')}\n`,
      );
    });

  const orderCommand = (name: string, order: InstanceOrder, done: string, summary: string) =>
    local
      .command(name)
      .summary(summary)
      .argument('<instanceId...>', 'such as i-bp1…')
      .option('--json', 'print one JSON document')
      .addOption(noteOption())
      .action((instanceIds: ReadonlyArray<string>, options: OrderOptions) =>
        giveOrders({ order, done, instanceIds, options, terminal }),
      );
  orderCommand('start', 'StartInstance', 'starts', 'start stopped instances');
  orderCommand('stop', 'StopInstance', 'stops', 'stop running instances').option(
    '--force',
    'cut the power instead of shutting down',
  );
  orderCommand('reboot', 'RebootInstance', 'reboots', 'restart running instances').option(
    '--force',
    'cut the power instead of shutting down',
  );
  orderCommand('delete', 'DeleteInstance', 'is being released', 'release instances').option(
    '--no-force',
    'refuse to release instances that are not Stopped',
  );
}

async function giveOrders(given: {
  readonly order: InstanceOrder;
  readonly done: string;
  readonly instanceIds: ReadonlyArray<string>;
  readonly options: OrderOptions;
  readonly terminal: Terminal;
}): Promise<void> {
  const { order, done, instanceIds, options, terminal } = given;
  const client = createCloudsClient(findConnection(options.note));
  const results: Array<Ordered> = [];
  // One after the other: their order is the order of the command line.
  for (const instanceId of new Set(instanceIds)) {
    try {
      await client.order(order, instanceId, options.force ?? false);
      results.push({ instanceId, ok: true, error: null });
      if (!options.json) terminal.out.write(`${instanceId} ${done}\n`);
    } catch (error) {
      results.push({ instanceId, ok: false, error: describeError(error) });
      if (!options.json) terminal.err.write(`${instanceId}: ${describeError(error)}\n`);
    }
  }
  if (options.json) terminal.out.write(`${JSON.stringify({ order, results })}\n`);
  if (results.some(({ ok }) => !ok)) throw new CommandError(EXIT_STATUS.failed, null);
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 100) return count;
  throw new InvalidArgumentError('Allowed is a whole number from 1 to 100.');
}

function readTag(text: string, tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('Allowed is key=value.');
  return { ...tags, [key]: value };
}
