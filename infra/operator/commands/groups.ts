import type { Command } from 'commander';
import type { Config } from '../../../shared/config/load.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { findPlace } from '../place.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceOptions, withPlace } from './place-options.ts';

/** `autopilot groups`: which requests go where, and who is in every group. Changes nothing. */
export function addGroupsCommand(program: Command, terminal: Terminal): void {
  withPlace(program.command('groups [loadBalancers...]'))
    .summary('show which requests go to which group, and who is in the groups')
    .description(
      'Shows of each load balancer where requests go, in the order in which CLB looks for a place for them: forwarding rules, the most specific first, then the listener’s own group or the default group. Then every group: who uses it, its tags, its servers with port, weight, type and health, and whose they are: a binding’s or pair’s of the configuration, ours by mark, or a stranger’s. Without ids it shows the load balancers that the configuration names. It asks SLB alone, our tables not, and changes nothing.',
    )
    .addHelpText(
      'after',
      '\nOf this command: 0 shown, 2 wrong usage, 3 a load balancer could not be read (the others are shown).',
    )
    .action((ids: ReadonlyArray<string>, options: PlaceOptions) => groups(ids, options, terminal));
}

async function groups(ids: ReadonlyArray<string>, options: PlaceOptions, { out }: Terminal): Promise<void> {
  const { config, connection } = findPlace(options);
  const wanted = [...new Set(ids.length === 0 ? idsOf(config) : ids)];
  // Loaded when needed: the other commands must not wait for the adapters.
  const [{ lookAtGroups, openViewer }, { describeGroups }] = await Promise.all([
    import('../groups/desk.ts'),
    import('../groups/report.ts'),
  ]);
  const told = await lookAtGroups(openViewer(config, connection), config, wanted);
  out.write(
    options.json
      ? `${JSON.stringify({ regionId: config.regionId, loadBalancers: told })}\n`
      : describeGroups(told, out),
  );
  if (told.some(({ error }) => error !== null)) throw new CommandError(EXIT_STATUS.unanswered, null);
}

function idsOf({ bindings, pairs }: Config): ReadonlyArray<string> {
  return [...bindings, ...pairs].map(({ loadBalancerId }) => loadBalancerId);
}
