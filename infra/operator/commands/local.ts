import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConfigFileSchema } from '../../../shared/config/schema.ts';
import { connectionOf, type LocalConnection, leaveNote, type NoteLeft } from '../local-connection.ts';
import { stopSignal, untilAborted } from '../stop-signal.ts';
import { readSwitch, type SwitchValues } from '../switch-values.ts';
import { renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { addApplicationCommand } from './local-application.ts';
import { addInstanceCommands } from './local-instances.ts';
import { addListCommands } from './local-lists.ts';
import { addScaleCommand } from './local-scale.ts';
import { addWorldCommands } from './local-world.ts';
import { noteOption } from './note-option.ts';

interface LocalOptions {
  readonly json?: true;
  readonly data?: string;
  readonly region: string;
  readonly switch: SwitchValues;
  readonly note: string;
}

/** `autopilot local`: the clouds alone, for any client; its subcommands give orders to clouds that run. */
export function addLocalCommand(program: Command, terminal: Terminal): void {
  const local = program
    .command('local')
    .summary('start the local clouds alone, or give orders to running ones')
    .description(
      'Starts the local clouds on 127.0.0.1 and serves them until SIGTERM or Ctrl-C. With a subcommand: talks to the local clouds that are running, those of `npm start` too.',
    )
    .option('--json', 'print one JSON line with the endpoints and an administrator key, then serve')
    .option('--data <folder>', 'keep the state in this folder; without it, it is gone at the end', readFolder)
    .option('--region <id>', 'region of everything in the clouds', readRegion, 'cn-hangzhou')
    .addOption(
      new Option(
        '--switch <name=value>',
        'set a behaviour of the clouds that no public source settles (repeatable)',
      )
        .argParser(readSwitch)
        .default({}, 'none'),
    )
    .addOption(noteOption())
    // Without this, commander would complain about the number of arguments where a subcommand is misspelt.
    .allowExcessArguments()
    .action((options: LocalOptions, { args: [unknown] }: Command) => {
      if (unknown !== undefined) local.error(`error: unknown command '${unknown}'`);
      return serveClouds(options, terminal);
    });
  addInstanceCommands(local, terminal);
  addListCommands(local, terminal);
  addScaleCommand(local, terminal);
  addWorldCommands(local, terminal);
  addApplicationCommand(local, terminal);
}

function readRegion(text: string): string {
  const parsed = ConfigFileSchema.shape.region.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('Allowed is the id of a region, such as cn-hangzhou.');
  return parsed.data;
}

function readFolder(text: string): string {
  // What a script makes of a variable that is not set; the state would be lost without a word.
  if (text === '') throw new InvalidArgumentError('Allowed is the path of a folder.');
  return text;
}

async function serveClouds(options: LocalOptions, terminal: Terminal): Promise<void> {
  const stop = stopSignal();
  // Loaded when needed: orders to running clouds must not wait for it.
  const { startLocalClouds } = await import('../../local/clouds.ts');
  const clouds = await startLocalClouds({
    switches: options.switch,
    region: options.region,
    dataFolder: options.data ?? null,
  });
  const connection = connectionOf(clouds);
  const note = leaveNote(options.note, connection);
  try {
    if (options.json) terminal.out.write(`${JSON.stringify(connection)}\n`);
    else terminal.out.write(described(connection, note, options, terminal));
    await untilAborted(stop);
  } finally {
    note.remove();
    await clouds.close();
  }
}

function described(
  connection: LocalConnection,
  note: NoteLeft,
  { data }: LocalOptions,
  { out }: Terminal,
): string {
  const { endpoints, accessKeyId, accessKeySecret, controlToken, accountId, otsInstance, region } =
    connection;
  const rows = [
    ...Object.entries(endpoints),
    ['account', accountId],
    ['region', region],
    ['access key id', accessKeyId],
    ['access key secret', accessKeySecret],
    ['control token', controlToken],
    ['Tablestore instance', `${otsInstance} (without tables)`],
    ['state', data === undefined ? 'in memory' : `in ${data}`],
  ];
  const others =
    note.otherPid === null
      ? 'In a second terminal: npx autopilot local run-instances --count 3 --tag role=web'
      : `Commands of a second terminal go to the clouds of process ${note.otherPid}, which were there first.`;
  return [
    'The local clouds are running.',
    renderTable(['what', 'value'], rows, out.colors),
    others,
    'Ctrl-C stops them.',
    '',
  ].join('\n');
}
