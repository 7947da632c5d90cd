import { type Command, InvalidArgumentError } from 'commander';
import type { Pair } from '../../../shared/config/pair.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import type { PairDesk } from '../pairs/desk.ts';
import { openPlace, requirePair } from '../pairs/open.ts';
import { askOrEnd } from '../place.ts';
import type { Terminal } from '../terminal.ts';
import { type OrderOptions, readText, withOrder } from './pair-options.ts';
import { carryOut, orderFor } from './pair-orders.ts';

interface PromoteOptions extends OrderOptions {
  readonly to?: string;
  readonly reason: string;
  readonly ignoreCoolDown?: true;
  readonly dryRun?: true;
  readonly probe?: true;
}

const NO_REASON = 'no reason given';

/** `autopilot promote` and `fail-back`: make another server the primary of a pair. */
export function addPromoteCommands(program: Command, terminal: Terminal): void {
  withPromotion(program.command('promote <pair>'))
    .summary('make the secondary, or another server, the primary of a pair')
    .description(
      'Asks the functions for a promotion and shows how it goes on: a new group with the roles swapped is created, the listeners are pointed at it one after the other, and the old group is deleted. Who was the primary becomes the secondary, if it is fit. The new primary is the one that fail-back goes to from then on.',
    )
    .option('--to <instance>', 'who is to be the primary (default: the secondary)', readInstance)
    .action(async (name: string, options: PromoteOptions) => {
      const { config, desk } = await openPlace(options);
      await promote(desk, requirePair(config, name), options.to ?? null, options, terminal);
    });
  withPromotion(program.command('fail-back <pair>'))
    .summary('make the former primary of a pair the primary again')
    .description('Asks for a promotion of the pair’s home: who was its primary before functions changed it.')
    .action(async (name: string, options: PromoteOptions) => {
      const { config, desk } = await openPlace(options);
      const pair = requirePair(config, name);
      const homeId = await homeOf(desk, pair);
      if (homeId.isPrimary) {
        const text = `Nothing to do: ${homeId.id}, the home of ${name}, is its primary.`;
        terminal.out.write(
          options.json ? `${JSON.stringify({ pair: name, outcome: 'home-already' })}\n` : `${text}\n`,
        );
        return;
      }
      await promote(desk, pair, homeId.id, options, terminal);
    });
}

function withPromotion(command: Command): Command {
  return withOrder(command)
    .option('--reason <text>', 'why; it stands in the audit', readText, NO_REASON)
    .option('--ignore-cool-down', 'the last change may have ended a moment ago')
    .option('--dry-run', 'show the calls that would be made, and make none')
    .option('--probe', 'with --dry-run: ask the candidates from this machine, if it is in their VPC');
}

async function promote(
  desk: PairDesk,
  pair: Pair,
  to: string | null,
  options: PromoteOptions,
  terminal: Terminal,
): Promise<void> {
  const { reason, ignoreCoolDown } = options;
  if (options.probe && !options.dryRun) {
    throw new CommandError(EXIT_STATUS.wrong, 'error: --probe goes with --dry-run\n(--help tells more)');
  }
  const wanted = { kind: 'promote', to, reason, overridesCoolDown: ignoreCoolDown === true } as const;
  const order = await orderFor(desk, pair, wanted, options);
  if (!options.dryRun) return await carryOut(desk, pair, order, options, terminal);
  // Loaded when needed, as all that plans.
  const [{ previewOrder }, { describePreview }] = await Promise.all([
    import('../pairs/preview.ts'),
    import('../pairs/preview-report.ts'),
  ]);
  const preview = await askOrEnd(
    `what would be done about ${pair.name} cannot be told`,
    previewOrder(desk, pair, order, options.probe === true),
  );
  const { saga, reason: why, calls, presumed } = preview;
  const document = {
    pair: pair.name,
    begins: saga !== null,
    reason: why,
    to: saga?.to ?? null,
    calls,
    presumed,
  };
  terminal.out.write(
    options.json ? `${JSON.stringify(document)}\n` : describePreview(pair.name, preview, terminal.out),
  );
  if (saga === null) throw new CommandError(EXIT_STATUS.failed, null);
}

/** Who the pair's home is. Throws CommandError where none is recorded. */
async function homeOf(desk: PairDesk, { name }: Pair): Promise<{ id: string; isPrimary: boolean }> {
  return await askOrEnd(`the home of ${name} cannot be told`, askHome());

  async function askHome() {
    const { row } = await desk.pairRows.read(name);
    if (row?.homeId == null || row.groupId === null) {
      const text = `No home of ${name} is recorded: no function has looked at the pair yet.`;
      throw new CommandError(EXIT_STATUS.failed, text);
    }
    const { members } = await desk.pairGroups.describe(row.groupId);
    return { id: row.homeId, isPrimary: members.primary.serverId === row.homeId };
  }
}

function readInstance(text: string): string {
  if (/^i-[A-Za-z0-9-]{1,60}$/.test(text)) return text;
  throw new InvalidArgumentError('Allowed is the id of an instance, i-….');
}
