import { type Command, InvalidArgumentError } from 'commander';
import { keyOfRow, type RequestRow, resultIdOf } from '../../../shared/requests/model.ts';
import type { RequestReader } from '../../../shared/requests/ports.ts';
import { askOrEnd } from '../place.ts';
import { openRequests } from '../requests/open.ts';
import { describeRequests } from '../requests/overview.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';

interface RequestsOptions extends PlaceOptions {
  readonly open?: true;
  readonly day?: string;
}

/** `autopilot requests`: which change requests there are, and where they are. Changes nothing. */
export function addRequestsCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('requests'))
    .summary('list the change requests: those of today, and all that are open')
    .description('Shows who asked for what and what became of it, the oldest first. It changes nothing.')
    .option('--open', 'only those that have not ended; with --day: of that day')
    .option('--day <date>', 'only those received on a day, UTC, such as 2026-04-09', readDay)
    .addHelpText('after', '\nOf this command: 0 shown, 3 they could not be read.')
    .action(async (options: RequestsOptions) => {
      const { desk } = await openRequests(options);
      const rows = await askOrEnd(
        'the requests cannot be read',
        selected(desk.requests, options, desk.clock.nowMs()),
      );
      const { out } = terminal;
      if (options.json) out.write(`${JSON.stringify({ requests: rows })}\n`);
      else if (rows.length === 0) out.write('There are none.\n');
      else out.write(describeRequests(rows, desk.clock.nowMs(), out));
    });
}

async function selected(
  requests: RequestReader,
  { open, day }: RequestsOptions,
  nowMs: number,
): Promise<ReadonlyArray<RequestRow>> {
  if (day !== undefined) {
    const rows = await requests.ofDay(day);
    return open ? rows.filter(({ result }) => result === null) : rows;
  }
  const rows = await requests.allOpen();
  if (open) return oldestFirst(rows);
  const ofToday = await requests.ofDay(new Date(nowMs).toISOString().slice(0, 10));
  // What was open a moment ago may have ended since: the later reading counts.
  const byId = new Map([...rows, ...ofToday].map((row) => [resultIdOf(keyOfRow(row)), row]));
  return oldestFirst([...byId.values()]);
}

function oldestFirst(rows: ReadonlyArray<RequestRow>): ReadonlyArray<RequestRow> {
  return [...rows].sort((a, b) => a.receivedAtMs - b.receivedAtMs);
}

function readDay(text: string): string {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  // Of a day that there is not, some become another one.
  if (!Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text)) return text;
  throw new InvalidArgumentError('Allowed is a day such as 2026-04-09.');
}
