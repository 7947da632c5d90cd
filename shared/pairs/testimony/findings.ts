import { listenerName } from '../../config/pair.ts';
import { interrupts } from '../../events/ecs-system-event.ts';
import { RECYCLING } from '../../instances/model.ts';
import { isLeavingGroup } from '../../instances/selection.ts';
import { DROPPED_ID, type PairInput, type PairMember, probeKey } from '../model.ts';
import { activeNotice } from '../notices.ts';
import type { Finding, Findings } from './model.ts';

type Seen = Pick<
  PairInput,
  'pair' | 'row' | 'listeners' | 'health' | 'instances' | 'systemEvents' | 'answers' | 'maintenance' | 'nowMs'
>;

type Found = { readonly finding: Finding; readonly text: string };

/** What each observer says now of a server, as a member or to become one. */
export function findingsOf(seen: Seen, member: Pick<PairMember, 'serverId' | 'port'>): Findings {
  return {
    health: healthFinding(seen, member),
    ecs: ecsFinding(seen, member),
    probe: probeFinding(seen, member),
  };
}

/** The listeners' checks: bad only if none that reports it finds it well, since one listener's check may be at fault. */
function healthFinding(
  { listeners, health }: Seen,
  { serverId, port }: Pick<PairMember, 'serverId' | 'port'>,
): Found {
  // Its group is without it: that is SLB's own word.
  if (serverId === DROPPED_ID) return { finding: 'bad', text: 'SLB has dropped it from its group' };
  const checking = new Set(
    listeners.filter(({ isRunning, isHealthChecked }) => isRunning && isHealthChecked).map(listenerName),
  );
  const reports = health.filter(
    (each) =>
      each.serverId === serverId &&
      each.port === port &&
      checking.has(`${each.protocol}:${each.listenerPort}`),
  );
  const of = (status: string) => reports.filter((each) => each.status === status);
  if (of('normal').length > 0) return { finding: 'good', text: 'normal' };
  const abnormal = of('abnormal');
  if (abnormal.length === 0) return { finding: 'unknown', text: 'not reported' };
  const where = abnormal.map(({ protocol, listenerPort }) => `${protocol}:${listenerPort}`).sort();
  return { finding: 'bad', text: `abnormal on ${where.join(', ')}` };
}

/** ECS: it must run, and nothing may be about to take it away. */
function ecsFinding(seen: Seen, { serverId }: Pick<PairMember, 'serverId'>): Found {
  const instance = seen.instances.get(serverId);
  if (instance === undefined) return { finding: 'bad', text: 'ECS does not list it' };
  if (instance.status !== 'Running') return { finding: 'bad', text: instance.status };
  const leaving = departureOf(seen, serverId);
  if (leaving !== null) return { finding: 'bad', text: leaving.text };
  return { finding: 'good', text: 'Running' };
}

/** A departure that ECS or Auto Scaling shows of an instance that still runs. */
export interface Departure {
  readonly cause: 'spot-reclaim' | 'maintenance' | 'stop';
  readonly text: string;
}

/** Why ECS will take an instance away that still runs; `null` = it will not, as far as was asked. */
export function departureOf(seen: Seen, serverId: string): Departure | null {
  const instance = seen.instances.get(serverId);
  if (instance === undefined) return null;
  if (instance.lockReasons.includes(RECYCLING)) {
    return { cause: 'spot-reclaim', text: 'being reclaimed' };
  }
  if (isLeavingGroup(instance)) return { cause: 'stop', text: 'leaving its scaling group' };
  const due = (seen.systemEvents?.get(serverId) ?? []).find(
    ({ eventType, notBeforeMs }) =>
      interrupts(eventType) &&
      (notBeforeMs === null || notBeforeMs - seen.maintenance.drainAheadMs <= seen.nowMs),
  );
  if (due !== undefined) return { cause: 'maintenance', text: `${due.eventType} ${due.status}` };
  return null;
}

/** A system event that is open, due or not: whoever has one is no candidate. */
export function openEventOf({ systemEvents, row, nowMs }: Seen, serverId: string): string | null {
  const open = (systemEvents?.get(serverId) ?? []).find(({ eventType }) => interrupts(eventType));
  if (open !== undefined) return `${open.eventType} ${open.status}`;
  const notice = row === null ? null : activeNotice(row.notices, serverId, nowMs);
  return notice === null ? null : `a notice of ${notice.cause}`;
}

function probeFinding({ pair, answers }: Seen, member: Pick<PairMember, 'serverId' | 'port'>): Found {
  const answer = pair.candidate === 'probe' ? answers.get(probeKey(member)) : undefined;
  if (answer === undefined) return { finding: 'unknown', text: 'not asked' };
  if (answer.isReady) return { finding: 'good', text: 'answers' };
  return { finding: 'bad', text: answer.reason ?? 'does not answer' };
}
