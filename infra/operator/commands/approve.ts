import type { Command } from 'commander';
import { approveRequest } from '../requests/approve.ts';
import { openRequests } from '../requests/open.ts';
import { identify } from '../requests/sign.ts';
import type { Terminal } from '../terminal.ts';
import { whoAsks } from '../who-asks.ts';
import { type SendOptions, withAuthor, withErrand, withSending } from './request-options.ts';

interface ApproveOptions extends SendOptions {
  readonly id?: string;
  readonly reason?: string;
  readonly planHash?: string;
}

/** `autopilot approve`: lets a change request go ahead that somebody else has asked for. */
export function addApproveCommand(program: Command, terminal: Terminal): void {
  withSending(
    withAuthor(program.command('approve <request>')).option(
      '--plan-hash <hash>',
      'the plan that you have seen (default: the one that is stored)',
    ),
  )
    .summary('let a change request go ahead that waits for approval')
    .description(
      'Shows the stored plan and its hash, sends a signed approval of this plan, and then watches the request that it lets go ahead.',
    )
    .action(async (requestId: string, options: ApproveOptions) => {
      const place = await openRequests(options);
      const identity = identify(options, place.config.requests, whoAsks());
      const { id, reason, planHash } = options;
      const said = {
        requestId,
        ...(id === undefined ? {} : { id }),
        ...(reason === undefined ? {} : { reason }),
        ...(planHash === undefined ? {} : { planHash }),
      };
      await withErrand(place, options, terminal, (errand) => approveRequest(errand, said, identity));
    });
}
