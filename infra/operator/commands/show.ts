import type { Command } from 'commander';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { askOrEnd } from '../place.ts';
import { describeRequest } from '../requests/detail.ts';
import { openRequests } from '../requests/open.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';

/** `autopilot show`: all that is known of one change request. Changes nothing. */
export function addShowCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('show <request>'))
    .summary('show all about one change request')
    .description(
      'Shows the request, who asked and when, where it is, its plan, who approved it, its result and the calls that were made for it. Where several contents came under one id, all of them.',
    )
    .addHelpText('after', '\nOf this command: 0 shown, 1 no such request, 3 it could not be read.')
    .action(async (requestId: string, options: PlaceOptions) => {
      const { desk } = await openRequests(options);
      const rows = await askOrEnd(`${requestId} cannot be read`, desk.requests.byId(requestId));
      const { out } = terminal;
      if (options.json) out.write(`${JSON.stringify({ requests: rows })}\n`);
      else out.write(rows.map((row) => describeRequest(row, desk.clock.nowMs(), out)).join('\n'));
      if (rows.length > 0) return;
      const text = `There is no request ${requestId}: no function has taken it in yet, or its record is gone.`;
      throw new CommandError(EXIT_STATUS.failed, options.json ? null : text);
    });
}
