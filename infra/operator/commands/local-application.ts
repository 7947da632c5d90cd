import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../../shared/config/duration.ts';
import { type ApplicationOrder, createControlClient } from '../control-client.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { findConnection } from '../local-connection.ts';
import type { Terminal } from '../terminal.ts';
import { giveOrders } from './give-orders.ts';
import { noteOption } from './note-option.ts';

interface ApplicationOptions {
  readonly never?: true;
  readonly flaps?: Extract<ApplicationOrder, { kind: 'flaps' }>;
  readonly serves?: true;
  readonly after?: number;
  readonly port?: number;
  readonly json?: true;
  readonly note: string;
}

/** `autopilot local application`: how what runs on instances behaves, over the control endpoint. */
export function addApplicationCommand(local: Command, terminal: Terminal): void {
  local
    .command('application')
    .summary('let what runs on instances fail, flap or serve')
    .description(
      'Sets how the application on instances behaves from now on, while the instances themselves run: whether it answers clients, health checks and probes. ECS and the event bus say nothing of it.',
    )
    .argument('<instanceId...>', 'such as i-bp1…')
    .addOption(new Option('--never', 'it does not answer').conflicts(['flaps', 'serves', 'after']))
    .addOption(
      new Option(
        '--flaps <up,down>',
        'it answers for so long, then not for so long, again and again: 30s,30s',
      )
        .argParser(readFlaps)
        .conflicts('serves'),
    )
    .option('--serves', 'it answers')
    .option(
      '--after <duration>',
      'with --serves or --flaps: once the instance has been Running for so long',
      readAfter,
    )
    .option('--port <port>', 'on this port alone', readPort)
    .option('--json', 'print one JSON document')
    .addOption(noteOption())
    .action((instanceIds: ReadonlyArray<string>, options: ApplicationOptions) => {
      const application = applicationOf(options);
      const client = createControlClient(findConnection(options.note));
      return giveOrders({
        order: 'application',
        instanceIds,
        give: (instanceId) => client.setApplication(instanceId, application),
        done: () => WORDS[application.kind],
        isJson: options.json === true,
        terminal,
      });
    });
}

const WORDS: Readonly<Record<ApplicationOrder['kind'], string>> = {
  never: 'answers no more',
  flaps: 'flaps from now on',
  serves: 'serves',
};

function applicationOf({ never, flaps, serves, after, port }: ApplicationOptions): ApplicationOrder {
  const onPort = port === undefined ? {} : { port };
  const later = after === undefined ? {} : { afterSeconds: after };
  if (never) return { kind: 'never', ...onPort };
  if (flaps) return { ...flaps, ...later, ...onPort };
  if (serves) return { kind: 'serves', ...later, ...onPort };
  throw new CommandError(
    EXIT_STATUS.wrong,
    'error: one of --never, --flaps, --serves is needed\n(--help tells more)',
  );
}

function readFlaps(text: string): Extract<ApplicationOrder, { kind: 'flaps' }> {
  const [upMs, downMs, ...rest] = text.split(',').map((part) => parseDuration(part.trim()));
  if (!upMs || !downMs || rest.length > 0) {
    throw new InvalidArgumentError('Allowed are two durations above 0, such as 30s,10s.');
  }
  return { kind: 'flaps', upSeconds: upMs / 1_000, downSeconds: downMs / 1_000 };
}

function readAfter(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms / 1_000;
  throw new InvalidArgumentError('Allowed is a duration such as 30s.');
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('Allowed is a port from 1 to 65535.');
}
