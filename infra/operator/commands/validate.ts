import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Binding, type Selector, selectorTags } from '../../../shared/config/binding.ts';
import { formatDuration } from '../../../shared/config/duration.ts';
import { ConfigError } from '../../../shared/config/faults.ts';
import { groupListenerName, groupRuleName } from '../../../shared/config/group.ts';
import { type Config, loadConfig } from '../../../shared/config/load.ts';
import type { Maintenance } from '../../../shared/config/maintenance.ts';
import { listenerName, type Pair } from '../../../shared/config/pair.ts';
import { type Scaling, scalingGroupIdsOf } from '../../../shared/config/scaling.ts';
import { describeWeights } from '../../../shared/config/weights.ts';
import { DEFAULT_CONFIG_FILE, wrongConfiguration } from '../configuration.ts';
import { CommandError, EXIT_STATUS } from '../exit-status.ts';
import { renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `autopilot validate`: says what the configuration means, or everything that is wrong with it. */
export function addValidateCommand(program: Command, terminal: Terminal): void {
  program
    .command('validate')
    .summary('check the configuration')
    .description(
      'Checks the configuration and shows what it means, or every fault with its place in the file.',
    )
    .option('--config <file>', 'the configuration', DEFAULT_CONFIG_FILE)
    .option('--json', 'print one JSON document')
    .action((options: { config: string; json?: true }) => {
      const file = resolve(options.config);
      try {
        const config = loadConfig(file);
        terminal.out.write(
          options.json
            ? `${JSON.stringify({ ok: true, file, ...config }, setsAsLists)}\n`
            : described(config, terminal),
        );
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        if (options.json) {
          terminal.out.write(`${JSON.stringify({ ok: false, file, faults: error.faults })}\n`);
          throw new CommandError(EXIT_STATUS.wrong, null, error);
        }
        throw wrongConfiguration(error);
      }
    });
}

function described(
  { regionId, bindings, pairs, timing, limits, maintenance, sweep, scaling }: Config,
  { out }: Terminal,
): string {
  const head = [
    'binding',
    'load balancer',
    'vServer group',
    'instances with',
    'port → weight',
    'joins when',
    'drain',
    'guards',
  ];
  const { leaseMs, callTimeoutMs, passBudgetMs, gatherMs, settleMs, compareMs, contestMs } = timing;
  const times = Object.entries({
    lease: leaseMs,
    call: callTimeoutMs,
    pass: passBudgetMs,
    gather: gatherMs,
    settle: settleMs,
    compare: compareMs,
    contest: contestMs,
  });
  return [
    [
      regionId,
      counted(bindings.length, 'binding'),
      ...(pairs.length === 0 ? [] : [counted(pairs.length, 'pair')]),
    ].join(', '),
    ...(bindings.length === 0 ? [] : [renderTable(head, bindings.map(bindingRow), out.colors)]),
    ...(pairs.length === 0 ? [] : [renderTable(PAIR_HEAD, pairs.map(pairRow), out.colors)]),
    `timing: ${times.map(([name, ms]) => `${name} ${formatDuration(ms)}`).join(', ')}`,
    `limits: ${limits.callsPerMinute} calls a minute and operation, ${limits.reserveForPeople} of them for people; ` +
      `${limits.backendsPerLoadBalancer} backends for each load balancer`,
    `planned system events: drained ${aheadOf(maintenance)}`,
    `sweep: up to ${counted(sweep.inPlace, 'load balancer')} by one invocation, more of them by one each`,
    ...hookLines(bindings, scaling),
    out.colors.green('The configuration is right.'),
    '',
  ].join('\n');
}

function bindingRow(binding: Binding): ReadonlyArray<string> {
  const { selector, ports, guards, join, drain } = binding;
  return [
    binding.adopt ? `${binding.name} (adopts)` : binding.name,
    binding.loadBalancerId,
    groupOf(binding),
    [...(binding.type === 'ecs' ? [] : [typeOf(binding)]), selected(selector)].join('\n'),
    ports.map((of) => `${of.port} → ${describeWeights(of).join('\n  ')}`).join('\n'),
    [
      binding.readiness === 'running' ? 'running' : `ready by ${binding.readiness}`,
      ...(join.rampPercents.length === 0
        ? []
        : [`${join.rampPercents.join(', ')} %, ${formatDuration(join.rampEveryMs)} each`]),
    ].join('\n'),
    formatDuration(drain.timeMs),
    `min ${guards.minInService}, out ${guards.maxDisruptionPercent} %`,
  ];
}

/** Its id, or its name with who is to use it. */
function groupOf({ group, declaredBy, vServerGroupId }: Binding): string {
  if (group === null) return declaredBy === null ? vServerGroupId : `the group of ${declaredBy}`;
  const { name, listeners, rules, isManaged } = group;
  const users = [...listeners.map(groupListenerName), ...rules.map(groupRuleName)];
  return [name, ...users.map((user) => `for ${user}`), isManaged ? 'kept by itself' : 'made by apply'].join(
    '\n',
  );
}

const PAIR_HEAD = ['pair', 'load balancer', 'standby with', 'promotes on', 'a member', 'times'];

function pairRow(pair: Pair): ReadonlyArray<string> {
  const { name, loadBalancerId, listeners, group, standby, promoteOn, candidate } = pair;
  return [
    name,
    [loadBalancerId, ...listeners.map(listenerName), ...declared(group)].join('\n'),
    standby === null ? 'no pool' : selected(standby.selector),
    [...promoteOn].join('\n'),
    candidate === 'probe' ? 'answers our probe' : `runs for ${formatDuration(pair.runningForMs)}`,
    [
      `bad for ${formatDuration(pair.badForMs)}`,
      `cool-down ${formatDuration(pair.coolDownMs)}`,
      pair.failBackAfterMs === null ? 'back by order' : `back after ${formatDuration(pair.failBackAfterMs)}`,
    ].join('\n'),
  ];
}

/** Whom the pair's group is to begin with, and who creates it. */
function declared(group: Pair['group']): ReadonlyArray<string> {
  if (group === null) return [];
  const of = ({ serverId, port }: NonNullable<Pair['group']>['primary']) => `${serverId}:${port}`;
  return [
    `first ${of(group.primary)}`,
    `then ${of(group.secondary)}`,
    group.isManaged ? 'created by itself' : 'created by apply',
  ];
}

/** `role=web`, each tag on a line of its own, or the scaling group. */
function selected(selector: Selector): string {
  if (selector.kind === 'scaling-group') return `scaling group ${selector.scalingGroupId}`;
  return selectorTags(selector)
    .map(({ key, value }) => `${key}=${value}`)
    .join('\n');
}

/** `eni, all addresses` */
function typeOf({ type, addresses }: Binding): string {
  return type === 'eni' && addresses === 'all' ? 'eni, all addresses' : type;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A set would be printed as `{}`. */
function setsAsLists(_key: string, value: unknown): unknown {
  return value instanceof Set ? [...value] : value;
}

/** How hooks of scaling groups are answered; nothing where the file knows no scaling group. */
function hookLines(bindings: ReadonlyArray<Binding>, scaling: Scaling): ReadonlyArray<string> {
  const groups = scalingGroupIdsOf(bindings, scaling);
  if (groups.length === 0) return [];
  const { whenNotReady, whenForbidden, whenTimeIsUp } = scaling.policy;
  return [
    `lifecycle hooks of ${groups.join(', ')}: not ready in time: ${whenNotReady}; a guard forbids the drain: ` +
      `${whenForbidden}; time is up: ${whenTimeIsUp}`,
  ];
}

function aheadOf({ drainAheadMs }: Maintenance): string {
  return drainAheadMs === 0 ? 'only when they are carried out' : `from ${formatDuration(drainAheadMs)} ahead`;
}
