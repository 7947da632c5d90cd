import { type Command, InvalidArgumentError, Option } from 'commander';
import { createCloudsClient, type InstanceOrder } from '../clouds-client.ts';
import { findConnection } from '../local-connection.ts';
import type { Terminal } from '../terminal.ts';
import { giveOrders } from './give-orders.ts';
import { noteOption } from './note-option.ts';

interface RunOptions {
  readonly count: number;
  readonly tag: Readonly<Record<string, string>>;
  readonly spot?: true;
  readonly json?: true;
  readonly note: string;
}

interface OrderOptions {
  readonly force?: boolean;
  readonly json?: true;
  readonly note: string;
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
    .option('--spot', 'spot instances, which the cloud may take back (see `interrupt`)')
    .option('--json', 'print one JSON document')
    .addOption(noteOption())
    .action(async (options: RunOptions) => {
      const client = createCloudsClient(findConnection(options.note));
      const instanceIds = await client.runInstances(options.count, options.tag, options.spot === true);
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
      .action((instanceIds: ReadonlyArray<string>, { force = false, json, note }: OrderOptions) => {
        const client = createCloudsClient(findConnection(note));
        return giveOrders({
          order,
          instanceIds,
          give: async (instanceId) => {
            await client.order(order, instanceId, force);
            return {};
          },
          done: () => done,
          isJson: json === true,
          terminal,
        });
      });
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
