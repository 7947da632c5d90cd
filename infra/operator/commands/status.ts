import type { Command } from 'commander';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { askOrEnd, findPlace } from '../place.ts';
import { wantsEyes } from '../status/model.ts';
import { requireBindings } from '../story/open.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';

interface StatusOptions extends PlaceOptions {
  readonly binding?: string;
}

/** `autopilot status`: how everything stands, at a glance. Changes nothing. */
export function addStatusCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('status'))
    .summary('show how all bindings and pairs stand, at a glance')
    .description(
      'Shows of each binding how many backends are in service, joining, ramping, draining, kept out, held, overridden by a request, and different with that only reported (drift), and when its load balancer is looked at next; of each pair who is the primary and its state; how the last sweep went; and how many requests and quarantined messages there are. It reads our tables alone and changes nothing.',
    )
    .option('--binding <name>', 'only this binding')
    .addHelpText(
      'after',
      '\nOf this command: 0 all is well, 1 something wants somebody’s eyes, 2 no such binding, 3 the tables could not be asked.',
    )
    .action((options: StatusOptions) => status(options, terminal));
}

async function status(options: StatusOptions, { out }: Terminal): Promise<void> {
  const { config, connection } = findPlace(options);
  const { binding } = options;
  const isWhole = binding === undefined;
  const wish = isWhole
    ? { bindings: config.bindings, pairs: config.pairs, isWhole }
    : { bindings: requireBindings(config, binding), pairs: [], isWhole };
  const [{ openStatusDesk }, { gatherStatus }, { describeStatus }] = await Promise.all([
    import('../status/desk.ts'),
    import('../status/gather.ts'),
    import('../status/report.ts'),
  ]);
  const gathered = await askOrEnd(
    'the tables cannot be read',
    gatherStatus(openStatusDesk(config, connection), wish),
  );
  const { nowMs, ...told } = gathered;
  const isWell = !wantsEyes(gathered);
  out.write(
    options.json
      ? `${JSON.stringify({ at: new Date(nowMs).toISOString(), isWell, ...told })}\n`
      : describeStatus(gathered, out),
  );
  if (!isWell) throw new CommandError(EXIT_STATUS.failed, null);
}
