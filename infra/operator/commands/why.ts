import { type Command, InvalidArgumentError, Option } from 'commander';
import { SERVER_ID } from '../../../shared/config/schema-parts.ts';
import { instant } from '../../../shared/times.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { askOrEnd } from '../place.ts';
import type { InstanceStory } from '../story/model.ts';
import { openStories, requireBindings } from '../story/open.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';
import { lastOption } from './story-options.ts';

interface WhyOptions extends PlaceOptions {
  readonly binding?: string;
  readonly port?: number;
  readonly last: number;
}

const LAST = 100;

/** `autopilot why`: how an instance came to the weight that it has. Changes nothing. */
export function addWhyCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('why'))
    .argument('<instance>', 'its id', readInstanceId)
    .summary('tell why an instance has the weight that it has')
    .description(
      'Tells how the backends of an instance stand and everything that was decided and done about them and about the lifecycle hooks that waited for it, with the reasons and the clouds’ request ids, the newest last. It reads our tables alone and changes nothing.',
    )
    .option('--binding <name>', 'only as this binding’s backend')
    .addOption(new Option('--port <port>', 'only as the backend on this port').argParser(readPort))
    .addOption(lastOption(LAST))
    .addHelpText(
      'after',
      '\nOf this command: 0 told, 1 nothing is recorded about it, 2 no such binding, 3 the tables could not be asked.',
    )
    .action((instanceId: string, options: WhyOptions) => why(instanceId, options, terminal));
}

async function why(instanceId: string, options: WhyOptions, { out }: Terminal): Promise<void> {
  const { config, desk } = await openStories(options);
  requireBindings(config, options.binding);
  const [{ tellStory }, { describeStory }] = await Promise.all([
    import('../story/gather.ts'),
    import('../story/report.ts'),
  ]);
  const { bindings } = config;
  const { binding = null, port = null, last } = options;
  const story = await askOrEnd(
    `what is recorded about ${instanceId} cannot be read`,
    tellStory(desk, { instanceId, bindings, binding, port, last }),
  );
  const isKnown = story.backends.length > 0 || story.entries.length > 0;
  if (options.json) out.write(`${JSON.stringify(documentOf(story))}\n`);
  else if (isKnown) out.write(describeStory(story, out));
  if (isKnown) return;
  const text = `Nothing is recorded about ${instanceId}: no binding in question has selected it, or it is more than 90 days ago.`;
  throw new CommandError(EXIT_STATUS.failed, text);
}

function documentOf({ instanceId, backends, entries, isCut }: InstanceStory): object {
  return {
    instanceId,
    backends: backends.map(({ binding, row, vServerGroupId, port }) => ({
      binding: binding?.name ?? row?.binding ?? null,
      vServerGroupId,
      port,
      row,
    })),
    entries: entries.map((entry) => ({ at: instant(entry.atMs), ...entry })),
    isCut,
  };
}

/** Of ECS, or of a network interface or container instance that is a backend itself. */
function readInstanceId(text: string): string {
  if (SERVER_ID.test(text)) return text;
  throw new InvalidArgumentError('Allowed is the id of an instance, i-…, eni-… or eci-….');
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('Allowed is a port from 1 to 65535.');
}
