import { type Command, InvalidArgumentError, Option } from 'commander';
import { RejectedError, TransientError } from '../../../shared/errors.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { findConnection } from '../local-connection.ts';
import {
  type Adjustment,
  createScalingClient,
  type ListedScalingGroup,
  type ScalingClient,
} from '../scaling-client.ts';
import type { Terminal } from '../terminal.ts';
import { noteOption } from './note-option.ts';
import { watchActivity } from './watch-activity.ts';

interface ScaleOptions {
  readonly by?: number;
  readonly to?: number;
  readonly wait?: true;
  readonly json?: true;
  readonly note: string;
}

const BY_MAX = 1_000;
const TO_MAX = 2_000;

/** `autopilot local scale`: changes a scaling group's size over the ESS API. */
export function addScaleCommand(local: Command, terminal: Terminal): void {
  local
    .command('scale')
    .summary('scale a scaling group out or in')
    .description(
      'Changes how many instances a scaling group has (ESS ScaleWithAdjustment), within its bounds. Its lifecycle hooks hold the activity up until they are answered.',
    )
    .argument('<group>', 'name or id of the scaling group')
    .addOption(new Option('--by <n>', 'so many more, or fewer: 10, -4').argParser(readChange).conflicts('to'))
    .addOption(new Option('--to <n>', 'so many in all').argParser(readTotal))
    .option('--wait', 'show how it goes on until it has ended')
    .option('--json', 'print one JSON document')
    .addOption(noteOption())
    .action((nameOrId: string, options: ScaleOptions) => scale(nameOrId, options, terminal));
}

async function scale(nameOrId: string, options: ScaleOptions, terminal: Terminal): Promise<void> {
  const adjustment = adjustmentOf(options);
  const client = createScalingClient(findConnection(options.note));
  const group = await findGroup(client, nameOrId);
  const { scalingGroupId, name } = group;
  const scalingActivityId = await client
    .scale(scalingGroupId, adjustment)
    .catch((error: unknown) => explain(error, client, group));
  const begun = await client.activity(scalingGroupId, scalingActivityId);
  // With --json, standard output is for the document alone.
  const people = options.json ? terminal.err : terminal.out;
  if (!options.json || options.wait) {
    people.write(`${name} (${scalingGroupId}): ${scalingActivityId} ${begun?.description ?? ''}\n`);
    people.write(`${begun?.cause ?? ''}\n`);
  }
  const ended = options.wait
    ? await watchActivity({ client, scalingGroupId, scalingActivityId, screen: people })
    : begun;
  if (options.json) {
    terminal.out.write(`${JSON.stringify({ scalingGroupId, name, scalingActivityId, ...ended })}\n`);
  }
  if (options.wait && ended?.statusCode !== 'Successful') throw new CommandError(EXIT_STATUS.failed, null);
}

function adjustmentOf({ by, to }: ScaleOptions): Adjustment {
  if (by !== undefined) return { by };
  if (to !== undefined) return { to };
  throw new CommandError(EXIT_STATUS.wrong, 'error: one of --by, --to is needed\n(--help tells more)');
}

async function findGroup(client: ScalingClient, nameOrId: string): Promise<ListedScalingGroup> {
  const groups = await client.groups();
  const found =
    groups.find(({ scalingGroupId }) => scalingGroupId === nameOrId) ??
    groups.find(({ name }) => name === nameOrId);
  if (found !== undefined) return found;
  const known = groups.map(({ name, scalingGroupId }) => `${name} (${scalingGroupId})`).join(', ');
  throw new CommandError(
    EXIT_STATUS.failed,
    `There is no scaling group ${JSON.stringify(nameOrId)}. There ${known === '' ? 'are none' : `are: ${known}`}.`,
  );
}

/** Says what can be done about a refusal. */
async function explain(
  error: unknown,
  client: ScalingClient,
  { scalingGroupId, name, instances, minSize, maxSize }: ListedScalingGroup,
): Promise<never> {
  const code = error instanceof RejectedError || error instanceof TransientError ? error.origin.code : null;
  if (code === 'IncorrectCapacity.NoChange') {
    const text = `Nothing to change: ${name} has ${instances} instances, allowed are ${minSize} to ${maxSize}.`;
    throw new CommandError(EXIT_STATUS.failed, text, error);
  }
  if (code === 'ScalingActivityInProgress') {
    const others = (await client.inProgress(scalingGroupId)).map(
      ({ scalingActivityId, description }) => `${scalingActivityId} (${description})`,
    );
    const text = `${name} is busy: ${others.join(', ') || 'an activity'} goes on. Try again when it has ended.`;
    throw new CommandError(EXIT_STATUS.failed, text, error);
  }
  throw error;
}

function readChange(text: string): number {
  const by = Number(text);
  if (Number.isInteger(by) && by !== 0 && Math.abs(by) <= BY_MAX) return by;
  throw new InvalidArgumentError(`Allowed is a whole number from -${BY_MAX} to ${BY_MAX}, but not 0.`);
}

function readTotal(text: string): number {
  const to = Number(text);
  if (/^\d+$/.test(text) && to <= TO_MAX) return to;
  throw new InvalidArgumentError(`Allowed is a whole number from 0 to ${TO_MAX}.`);
}
