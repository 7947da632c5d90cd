import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatDuration, parseDuration } from '../../../shared/config/duration.ts';
import { instant, parseInstant } from '../../../shared/times.ts';
import { askOrEnd } from '../place.ts';
import { openStories, requireBindings } from '../story/open.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';
import { lastOption } from './story-options.ts';

interface HistoryOptions extends PlaceOptions {
  readonly binding?: string;
  /** An instant, ms. */
  readonly since?: number;
  readonly last: number;
}

const LAST = 200;
const SINCE_MS = 24 * 3_600_000;

/** `autopilot history`: what happened to the backends of a binding, or of all. Changes nothing. */
export function addHistoryCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('history'))
    .summary('tell what happened to all backends, or to those of a binding')
    .description(
      'Tells what was decided and done about all backends of the bindings’ groups, with the reasons and the clouds’ request ids, the newest last. It reads our tables alone and changes nothing.',
    )
    .option('--binding <name>', 'only the group of this binding')
    .addOption(
      new Option(
        '--since <time>',
        `not before: a duration back from now such as 2h, or an instant (default: ${formatDuration(SINCE_MS)})`,
      ).argParser(readSince),
    )
    .addOption(lastOption(LAST))
    .addHelpText('after', '\nOf this command: 0 told, 2 no such binding, 3 the tables could not be asked.')
    .action((options: HistoryOptions) => history(options, terminal));
}

async function history(options: HistoryOptions, { out }: Terminal): Promise<void> {
  const { config, desk } = await openStories(options);
  const bindings = requireBindings(config, options.binding);
  const [{ tellHistory }, { describeHistory }] = await Promise.all([
    import('../story/gather.ts'),
    import('../story/report.ts'),
  ]);
  const { last, since: sinceMs = Date.now() - SINCE_MS } = options;
  const told = await askOrEnd('the audit cannot be read', tellHistory(desk, { bindings, sinceMs, last }));
  const { entries, isCut } = told;
  if (options.json) {
    const document = {
      bindings: bindings.map(({ name }) => name),
      since: instant(sinceMs),
      entries: entries.map((entry) => ({ at: instant(entry.atMs), ...entry })),
      isCut,
    };
    out.write(`${JSON.stringify(document)}\n`);
  } else if (entries.length === 0) out.write(`Nothing has happened since ${instant(sinceMs)}.\n`);
  else out.write(describeHistory(told, bindings, out));
}

/** A duration back from now, or an instant. */
function readSince(text: string): number {
  const backMs = parseDuration(text);
  const atMs = backMs === null ? parseInstant(text) : Date.now() - backMs;
  if (atMs !== null) return atMs;
  throw new InvalidArgumentError(
    'Allowed is a duration such as 2h, or an instant such as 2026-11-20T08:10:00Z.',
  );
}
