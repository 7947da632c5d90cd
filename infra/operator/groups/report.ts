import { printable, wrapped } from '../table.ts';
import { type Colors, columnsOf, type Screen } from '../terminal.ts';
import type {
  Owner,
  ToldGroup,
  ToldListener,
  ToldLoadBalancer,
  ToldRoute,
  ToldServer,
  UnreadLoadBalancer,
} from './model.ts';
import { describeRequests } from './tell.ts';

/** The load balancers for people: where requests go, in the order in which places are looked for, then every group. */
export function describeGroups(
  told: ReadonlyArray<ToldLoadBalancer | UnreadLoadBalancer>,
  screen: Screen,
): string {
  if (told.length === 0) return 'The configuration names no load balancer.\n';
  return told.map((each) => describeLoadBalancer(each, screen)).join('\n');
}

function describeLoadBalancer(told: ToldLoadBalancer | UnreadLoadBalancer, screen: Screen): string {
  const { colors } = screen;
  const columns = columnsOf(screen);
  if (told.error !== null) {
    const text = wrapped(`could not be read: ${printable(told.error)}`, columns - 2).replaceAll('\n', '\n  ');
    return `${colors.bold(told.loadBalancerId)}\n  ${colors.red(text)}\n`;
  }
  const { loadBalancerId, name, status, listeners, groups } = told;
  const state = status === 'active' ? '' : `  ${colors.red(status)}`;
  return [
    `${colors.bold(loadBalancerId)}${name === '' ? '' : `  ${printable(name)}`}${state}`,
    ...(listeners.length === 0 ? [colors.yellow('  no listener')] : describeListeners(told, colors)),
    ...groups.flatMap((group) => ['', ...describeGroup(group, colors, columns)]),
    '',
  ].join('\n');
}

function describeListeners({ listeners, groups }: ToldLoadBalancer, colors: Colors): ReadonlyArray<string> {
  const names = new Map(groups.map(({ groupId, name }) => [groupId, printable(name)]));
  const rows = listeners.flatMap((listener) =>
    listener.routes.map((route, index) => [
      index === 0 ? listener.listener : '',
      requestsOf(listener, route),
      `→ ${targetOf(listener, route, names)}`,
      index === 0 && !listener.isRunning ? colors.yellow('stopped') : '',
    ]),
  );
  return aligned(rows).map((line) => `  ${line}`);
}

function requestsOf({ routes }: ToldListener, { kind, domain, url }: ToldRoute): string {
  const rule = kind === 'rule' ? { domain: domain ?? '', url: url ?? '' } : null;
  return printable(describeRequests(rule, routes.length > 1));
}

function targetOf(
  { defaultPort }: ToldListener,
  { groupId }: ToldRoute,
  names: ReadonlyMap<string | null, string>,
): string {
  if (groupId === null) return `default group${defaultPort === null ? '' : `, port ${defaultPort}`}`;
  const name = names.get(groupId);
  return name === undefined ? `${groupId} (not listed)` : `${groupId} ${name}`;
}

const KINDS = {
  'vserver-group': 'vServer group',
  'pair-group': 'primary/secondary group',
  'default-group': 'default group',
} as const;

function describeGroup(group: ToldGroup, colors: Colors, columns: number): ReadonlyArray<string> {
  const { kind, groupId, name, owners, users, namesakes, tags, servers } = group;
  const what = [KINDS[kind], ...owners.map(describeOwner)].join(', ');
  const facts = [
    ...(groupId === null ? [] : [what]),
    ...(tags.length === 0 ? [] : [`tags ${tags.map(({ key, value }) => `${key}=${value}`).join(', ')}`]),
    ...users.map(({ listener, requests }) => `used by ${listener} for ${requests.join(', ')}`),
  ];
  const paragraph = (text: string, paint: (text: string) => string) =>
    wrapped(printable(text), columns - 4)
      .split('\n')
      .map((line) => `    ${paint(line)}`);
  return [
    `  ${colors.bold(groupId ?? KINDS[kind])}${name === '' ? '' : `  ${printable(name)}`}`,
    ...facts.flatMap((fact) => paragraph(fact, colors.dim)),
    ...(users.length === 0 ? paragraph('nobody uses it', colors.yellow) : []),
    ...(namesakes.length === 0
      ? []
      : paragraph(`has the same name as ${namesakes.join(', ')}`, colors.yellow)),
    ...(servers.length === 0
      ? paragraph('no server', colors.yellow)
      : aligned(servers.map((server) => serverRow(server, colors))).map((line) => `    ${line}`)),
  ];
}

function serverRow(server: ToldServer, colors: Colors): ReadonlyArray<string> {
  const { serverId, serverIp, port, weight, type, role, owner } = server;
  return [
    serverIp === null ? serverId : `${serverId} ${serverIp}`,
    port === null ? '' : String(port),
    role ?? `weight ${weight}`,
    type,
    describeHealth(server, colors),
    owner.kind === 'stranger' ? colors.dim('stranger’s') : describeOwner(owner),
  ];
}

/** One word where all listeners agree. */
function describeHealth({ health }: ToldServer, colors: Colors): string {
  const statuses = [...new Set(health.map(({ status }) => status))];
  const paint = statuses.includes('abnormal')
    ? colors.red
    : statuses.includes('unavailable')
      ? colors.yellow
      : colors.green;
  const [only, ...others] = statuses;
  if (only === undefined) return colors.dim('not checked');
  if (others.length === 0) return paint(only);
  return paint(health.map(({ listener, status }) => `${listener} ${status}`).join(', '));
}

function describeOwner({ kind, name }: Owner): string {
  switch (kind) {
    case 'stranger':
      return 'stranger’s';
    case 'mark':
      return `our mark ${printable(name ?? '')}`;
    default:
      return `${kind} ${name}`;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const COLORS = /\u001b\[[0-9;]*m/g;

/** Cells one below the other, two spaces apart; colours take no room. */
function aligned(rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> {
  const lengthOf = (cell: string) => cell.replaceAll(COLORS, '').length;
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => lengthOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => `${cell}${' '.repeat((widths[column] ?? 0) - lengthOf(cell))}`)
      .join('  ')
      .trimEnd(),
  );
}
