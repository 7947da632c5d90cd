import type { Command } from 'commander';
import { askOrEnd, findPlace } from '../place.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';
import { lastOption } from './story-options.ts';

interface SweepsOptions extends PlaceOptions {
  readonly last: number;
}

const LAST = 20;

/** `autopilot sweeps`: what the last sweeps have found, corrected and held. Changes nothing. */
export function addSweepsCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('sweeps'))
    .summary('show what the last scheduled comparisons have found')
    .description(
      'Shows the last reports of sweeps, one line for each of their workers: how many groups and pairs were looked at, how many differences were found, corrected, held; and of the last sweep every difference, with what was done about it and why. It reads our tables alone and changes nothing.',
    )
    .addOption(lastOption(LAST))
    .addHelpText('after', '\nOf this command: 0 shown, 2 wrong usage, 3 the tables could not be asked.')
    .action((options: SweepsOptions) => sweeps(options, terminal));
}

async function sweeps(options: SweepsOptions, { out }: Terminal): Promise<void> {
  const { config, connection } = findPlace(options);
  // Loaded when needed: the other commands must not wait for the adapters.
  const [{ lastReports }, { describeSweeps }] = await Promise.all([
    import('../sweeps/desk.ts'),
    import('../sweeps/report.ts'),
  ]);
  const reports = await askOrEnd('the reports cannot be read', lastReports(config, connection, options.last));
  out.write(
    options.json
      ? `${JSON.stringify({ sweeps: reports.map(withInstants) })}\n`
      : describeSweeps(reports, out),
  );
}

/** The same with instants that people and other programs can read. */
function withInstants<T extends { readonly sweepAtMs: number; readonly reportedAtMs: number }>(report: T) {
  const { sweepAtMs, reportedAtMs, ...rest } = report;
  return {
    sweepAt: new Date(sweepAtMs).toISOString(),
    reportedAt: new Date(reportedAtMs).toISOString(),
    ...rest,
  };
}
