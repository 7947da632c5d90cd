import type { Command } from 'commander';
import type { QuarantineItem } from '../../../shared/acceptance/model.ts';
import { instant } from '../../../shared/times.ts';
import { CommandError, EXIT_STATUS, type ExitStatus } from '../exit-status.ts';
import { askOrEnd, findPlace, type Place } from '../place.ts';
import type { Desk } from '../quarantine/desk.ts';
import type { Replayed } from '../quarantine/replay.ts';
import type { Screen, Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';

interface ReplayOptions extends PlaceOptions {
  readonly all?: true;
}

const KEY = 'as list shows it, or the beginning of it';

/** `autopilot quarantine`: what nobody understood, and what is to become of it. */
export function addQuarantineCommands(program: Command, terminal: Terminal): void {
  const quarantine = program
    .command('quarantine')
    .summary('look at messages that could not be understood, and replay or drop them')
    .description(
      'Messages that the functions could not understand are put aside in the original and kept for 30 days. A later release, or another look, may know what to do with them.',
    )
    .addHelpText(
      'after',
      '\nOf these commands: 0 done, 1 something was refused and stays, 2 no such key, 3 the clouds could not be asked.',
    );
  withPlace(quarantine.command('list'))
    .description('Lists what is there, the oldest first.')
    .action((options: PlaceOptions) => list(options, terminal));
  withPlace(quarantine.command('show'))
    .argument('<key>', KEY)
    .description('Shows one message: why it was put aside, what would become of it today, and its text.')
    .action((key: string, options: PlaceOptions) => show(key, options, terminal));
  withPlace(quarantine.command('replay'))
    .argument('[key]', KEY)
    .option('--all', 'everything that is understood today')
    .description(
      'Reads a message again, as this release understands it, puts it back onto the queue where it belongs, and then takes it out of quarantine. What is still not understood stays.',
    )
    .action((key: string | undefined, options: ReplayOptions) => replayOf(key, options, terminal));
  withPlace(quarantine.command('drop'))
    .argument('<key>', KEY)
    .description('Shows one message and takes it out of quarantine for good.')
    .action((key: string, options: PlaceOptions) => drop(key, options, terminal));
}

async function openDesk(place: Place): Promise<Desk> {
  const { config, connection } = findPlace(place);
  // Loaded when needed: the other commands must not wait for the adapters.
  const { openDesk: open } = await import('../quarantine/desk.ts');
  return open(config, connection);
}

async function list(options: PlaceOptions, { out }: Terminal): Promise<void> {
  const desk = await openDesk(options);
  const items = await askOrEnd('the quarantine cannot be read', desk.quarantine.list());
  const { describeList, beginningOf } = await import('../quarantine/report.ts');
  if (options.json) {
    const messages = items.map((item) => ({ ...headOf(item), begins: beginningOf(item.text) }));
    out.write(`${JSON.stringify({ messages })}\n`);
  } else out.write(describeList(items, desk.clock.nowMs(), out));
}

async function show(key: string, options: PlaceOptions, { out }: Terminal): Promise<void> {
  const desk = await openDesk(options);
  const item = await requireItemOf(desk, key);
  const [{ describeItem }, { isWhole, planReplay }] = await Promise.all([
    import('../quarantine/report.ts'),
    import('../../../shared/acceptance/replay.ts'),
  ]);
  if (!options.json) return void out.write(describeItem(item, desk.clock.nowMs(), out));
  const plan = planReplay(item);
  const today = plan.kind === 'send' ? { places: plan.messages.map(({ place }) => place) } : plan;
  out.write(`${JSON.stringify({ ...headOf(item), text: item.text, isWhole: isWhole(item), today })}\n`);
}

async function replayOf(key: string | undefined, options: ReplayOptions, terminal: Terminal): Promise<void> {
  if ((key === undefined) === (options.all === undefined)) {
    throw new CommandError(EXIT_STATUS.wrong, 'error: either a key or --all is needed\n(--help tells more)');
  }
  const { out } = terminal;
  const desk = await openDesk(options);
  const items =
    key === undefined
      ? await askOrEnd('the quarantine cannot be read', desk.quarantine.list())
      : [await requireItemOf(desk, key)];
  const [{ replay }, { describeReplayed }] = await Promise.all([
    import('../quarantine/replay.ts'),
    import('../quarantine/report.ts'),
  ]);
  const results: Array<Replayed & { readonly key: string }> = [];
  // One after the other: lines come as things happen, and what is interrupted has done whole messages.
  for (const item of items) {
    const replayed = await replay(desk, item);
    results.push({ key: item.key, ...replayed });
    if (!options.json) out.write(`${describeReplayed(item, replayed, out)}\n`);
  }
  if (options.json) out.write(`${JSON.stringify({ results })}\n`);
  else if (options.all) out.write(summaryOf(results));
  const status = statusOf(results);
  if (status !== EXIT_STATUS.ok) throw new CommandError(status, null);
}

function summaryOf(results: ReadonlyArray<Replayed>): string {
  if (results.length === 0) return 'Nothing is in quarantine.\n';
  const count = results.filter(({ kind }) => kind === 'replayed').length;
  return `${count} of ${results.length} replayed, ${results.length - count} left.\n`;
}

function statusOf(results: ReadonlyArray<Replayed>): ExitStatus {
  if (results.some(({ kind }) => kind === 'failed')) return EXIT_STATUS.unanswered;
  return results.every(({ kind }) => kind === 'replayed') ? EXIT_STATUS.ok : EXIT_STATUS.failed;
}

async function drop(key: string, options: PlaceOptions, terminal: Terminal): Promise<void> {
  const desk = await openDesk(options);
  const item = await requireItemOf(desk, key);
  const { out } = terminal;
  // Said before it is gone: whoever dropped the wrong one has the text still.
  if (!options.json) await tell(item, desk, out);
  const isGone = await askOrEnd('it may be there still', desk.quarantine.remove(item));
  if (options.json) out.write(`${JSON.stringify({ ...headOf(item), text: item.text, isDropped: isGone })}\n`);
  else if (isGone) out.write(`${out.colors.green('dropped')}\n`);
  if (!isGone) {
    throw new CommandError(
      EXIT_STATUS.failed,
      'It has been put aside again since, or is gone already: see list.',
    );
  }
}

async function tell(item: QuarantineItem, desk: Desk, out: Screen): Promise<void> {
  const { describeItem } = await import('../quarantine/report.ts');
  out.write(describeItem(item, desk.clock.nowMs(), out));
}

async function requireItemOf(desk: Desk, key: string): Promise<QuarantineItem> {
  const { requireItem } = await import('../quarantine/keys.ts');
  return await requireItem(desk, key);
}

function headOf({ key, reason, messageId, atMs }: QuarantineItem): object {
  return { key, at: instant(atMs), reason, messageId };
}
