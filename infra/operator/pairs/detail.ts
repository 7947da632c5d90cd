import type { RecordedAudit } from '../../../shared/audit/ports.ts';
import { listenerName } from '../../../shared/config/pair.ts';
import type { PairMember } from '../../../shared/pairs/model.ts';
import { progressOf } from '../../../shared/pairs/progress.ts';
import type { PairOrder } from '../../../shared/pairs/record.ts';
import { isUnderWay } from '../../../shared/pairs/saga/model.ts';
import { OBSERVERS, type Testimony } from '../../../shared/pairs/testimony/model.ts';
import {
  describeBefore,
  describeFailure,
  describeListeners,
  describeMembers,
  nameOfChange,
} from '../../../shared/pairs/words.ts';
import { instant, roughly } from '../../../shared/times.ts';
import { labelled, renderTable } from '../table.ts';
import type { Colors, Screen } from '../terminal.ts';
import type { SeenPair } from './look.ts';
import { describeLast, paintOf } from './overview.ts';

/** The last entries of the audit, or why they cannot be read. */
export type Audit = { readonly entries: ReadonlyArray<RecordedAudit> } | { readonly error: string };

const LABEL_COLUMNS = 12;
const ANSWERS_SHOWN = 5;

/** All that is known of one pair, for people. */
export function describePair(looked: SeenPair, audit: Audit, screen: Screen): string {
  const { pair, states } = looked;
  const { colors } = screen;
  const columns = Math.max(40, screen.size().columns - LABEL_COLUMNS);
  const line: Line = (label, text) => labelled(label, text, LABEL_COLUMNS, columns);
  const told = [
    ['group', groupOf(looked)],
    ...notices(looked),
    ...orders(looked),
    ...lastChange(looked),
    ...leftovers(looked),
  ] as const;
  return [
    `${colors.bold(pair.name)}  ${pair.loadBalancerId}  ${describeListeners(pair)}`,
    ...states.map((state, index) => paintOf(state, colors)(line(index === 0 ? 'state' : '', state.text))),
    ...told.map(([label, text]) => line(label, text)),
    membersTable(looked, colors),
    ...auditLines(audit, line),
    '',
  ].join('\n');
}

/** A label and what belongs to it, on as many lines as it takes. */
type Line = (label: string, text: string) => string;

function groupOf({ standing }: SeenPair): string {
  if (standing.kind !== 'group') return standing.reason;
  const { groupId, name } = standing.group;
  return name === '' ? groupId : `${groupId} (${name})`;
}

/** Who is what, with what the clouds and the observers say. What observers say stands in the row only of whom somebody accuses. */
function membersTable({ standing, seen, row, pair, nowMs }: SeenPair, colors: Colors): string {
  const members: ReadonlyArray<readonly [string, PairMember]> =
    standing.kind !== 'group'
      ? []
      : [
          ['primary', standing.group.members.primary],
          ['secondary', standing.group.members.secondary],
        ];
  const memberIds = members.map(([, { serverId }]) => serverId);
  const others = [...new Set([...(row?.homeId == null ? [] : [row.homeId]), ...seen.standbyIds])].filter(
    (id) => !memberIds.includes(id),
  );
  const rows = [
    ...members.map(([role, { serverId, port }]) => [
      role,
      `${serverId}:${port}`,
      ...statusOf(serverId),
      saidOf(row?.testimonies[serverId] ?? null, healthOf(serverId, port)),
    ]),
    ...others.map((id) => [
      seen.takenIds.has(id) ? 'taken' : seen.standbyIds.includes(id) ? 'pool' : 'former',
      id,
      ...statusOf(id),
      '',
    ]),
  ];
  const pool = pair.standby === null ? ['No standby pool is configured.'] : [];
  return [renderTable(['', 'server', 'ECS', 'what is said of it'], rows, colors), ...pool].join('\n');

  function statusOf(serverId: string): ReadonlyArray<string> {
    const status = seen.instances.get(serverId)?.status ?? 'not there';
    return [serverId === row?.homeId ? `${status}, home` : status];
  }

  function healthOf(serverId: string, port: number): string {
    const own = new Set(pair.listeners.map(listenerName));
    const reports = seen.health.filter(
      (each) =>
        each.serverId === serverId && each.port === port && own.has(`${each.protocol}:${each.listenerPort}`),
    );
    const statuses = [...new Set(reports.map(({ status }) => status))];
    return statuses.length === 0 ? 'health: not reported' : `health: ${statuses.join(', ')}`;
  }

  function saidOf(testimony: Testimony | null, health: string): string {
    if (testimony === null) return health;
    return OBSERVERS.flatMap((observer) => {
      const { finding, text, sinceMs } = testimony[observer];
      if (finding === 'unknown') return [];
      const words = `${observer}: ${text} for ${roughly(nowMs - sinceMs)}`;
      return [finding === 'bad' ? colors.red(words) : words];
    }).join('\n');
  }
}

type Told = readonly [label: string, text: string];

function notices({ row, nowMs }: SeenPair): ReadonlyArray<Told> {
  const texts = (row?.notices ?? []).map(({ serverId, cause, fromMs, noticedAtMs, ref }) => {
    const from = fromMs > nowMs ? `, counts from ${instant(fromMs)}` : '';
    return `${cause} of ${serverId}${ref === null ? '' : ` (${ref})`}, ${roughly(nowMs - noticedAtMs)} ago${from}`;
  });
  return texts.length === 0 ? [] : [['notices', texts.join('\n')]];
}

function orders({ orders: waiting, row }: SeenPair): ReadonlyArray<Told> {
  const answers = (row?.answers ?? []).slice(-ANSWERS_SHOWN);
  const answered = new Set(answers.map(({ orderId }) => orderId));
  const open = waiting.filter(({ orderId }) => !answered.has(orderId)).map(describeOrder);
  return [
    ...(open.length === 0 ? [] : [['waiting', open.join('\n')] as const]),
    ...(answers.length === 0
      ? []
      : [['answers', answers.map(({ outcome, reason }) => `${outcome}: ${reason}`).join('\n')] as const]),
  ];
}

function describeOrder(order: PairOrder): string {
  const { by, reason, orderedAtMs } = order;
  return `${whatOf(order)}, asked by ${by} at ${instant(orderedAtMs)}: ${reason}`;
}

function whatOf(order: PairOrder): string {
  switch (order.kind) {
    case 'promote':
      return `promote ${order.to ?? 'the secondary'}`;
    case 'pause':
      return order.untilMs === null ? 'resume' : `pause until ${instant(order.untilMs)}`;
    case 'apply':
      return 'make its group as declared';
  }
}

function lastChange({ row, nowMs }: SeenPair): ReadonlyArray<Told> {
  const saga = row?.saga ?? null;
  if (saga === null) return [['last change', 'none']];
  const { done, total, text } = progressOf(saga);
  const texts = [
    isUnderWay(saga)
      ? `${nameOfChange(saga)}, begun ${roughly(nowMs - saga.startedAtMs)} ago: ${done} of ${total}, ${text}`
      : describeLast(saga, nowMs),
    saga.reason,
    `${describeBefore(saga)}${saga.from === null ? '' : ` (${saga.from.groupId})`} to ${describeMembers(saga.to)} (${saga.groupId ?? 'no group yet'})`,
    ...saga.listeners.map((listener) => {
      const remark = listener.remark === null ? '' : `: ${listener.remark}`;
      return `${listenerName(listener)} ${listener.state}${remark}`;
    }),
    ...(saga.failure === null ? [] : [`failure: ${describeFailure(saga)}`]),
  ];
  return [['last change', texts.join('\n')]];
}

function leftovers({ row }: SeenPair): ReadonlyArray<Told> {
  const ids = row?.leftovers ?? [];
  if (ids.length === 0) return [];
  return [['left over', `${ids.join(', ')}: to be deleted once nobody uses it any more`]];
}

function auditLines(audit: Audit, line: Line): ReadonlyArray<string> {
  if ('error' in audit) return [line('audit', `cannot be read: ${audit.error}`)];
  if (audit.entries.length === 0) return [line('audit', 'nothing yet')];
  return audit.entries.map(({ atMs, action, reason, requestIds }, index) => {
    const requests = requestIds.length === 0 ? '' : ` (request ${requestIds.join(', ')})`;
    return line(index === 0 ? 'audit' : '', `${instant(atMs)} ${action}: ${reason}${requests}`);
  });
}
