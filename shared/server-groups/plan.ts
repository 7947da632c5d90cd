import type { Signal } from '../acceptance/model.ts';
import { instanceSubject, laneSubject } from '../audit/model.ts';
import { groupBy } from '../collections.ts';
import type { Binding } from '../config/binding.ts';
import type { InstanceState } from '../events/model.ts';
import { cloudOf } from '../instances/backend-type.ts';
import type { Listener } from '../load-balancers/model.ts';
import { type InstanceNews, isWithin, newsOf } from './backend/news.ts';
import { standingPauses } from './backend/pause.ts';
import { type BackendRow, type ReturnOrder, withColumns } from './backend/record.ts';
import { upToDate } from './backend/want.ts';
import { candidatesOf } from './candidates.ts';
import { type Candidate, Draft, type Turned } from './draft.ts';
import { GroupContext } from './group-context.ts';
import { planGroupWork } from './group-work.ts';
import { backendKey, HELD_LOOK_MS, type LaneInput, type LanePlan } from './model.ts';
import { settle, situationOf } from './settle.ts';
import { fateOf, happenedAtMs } from './signals.ts';

/** Decides what one load balancer's groups need. Pure, and linear in the number of backends. */
export function planLane(input: LaneInput): LanePlan {
  const draft = draftLane(input);
  const isUnread = input.health === null && input.loadBalancer.listeners.some(isHealthChecked);
  return isUnread && draft.needsHealth ? HEALTH_FIRST : draft.finish();
}

const HEALTH_FIRST: LanePlan = {
  needsHealth: true,
  changes: [],
  departed: [],
  steps: [],
  enquiries: [],
  decisions: [],
  settledKeys: [],
  nextLookMs: null,
  waitingFor: null,
  counts: [],
};

function isHealthChecked(listener: Listener): boolean {
  return listener.isHealthChecked;
}

function draftLane(input: LaneInput): Draft {
  const draft = new Draft(input);
  const news = newsOf(input.signals, input.instances, input.nowMs);
  const rowsByGroup = groupBy(input.rows, (row) => row.vServerGroupId);
  const bindingsByGroup = groupBy(input.bindings, (binding) => binding.vServerGroupId);
  for (const [groupId, bindings] of bindingsByGroup) {
    planGroup(draft, groupId, bindings, rowsByGroup.get(groupId) ?? [], news);
  }
  const returnsOf = returnsByInstance(input, news);
  for (const signal of input.signals) planSignal(draft, signal, news, returnsOf);
  return draft;
}

function planGroup(
  draft: Draft,
  groupId: string,
  bindings: ReadonlyArray<Binding>,
  rows: ReadonlyArray<BackendRow>,
  news: ReadonlyMap<string, InstanceNews>,
): void {
  const { input } = draft;
  const group = input.groups.get(groupId) ?? null;
  const fault = faultOf(input, groupId);
  if (group === null || fault !== null) {
    planUnusableGroup(draft, groupId, bindings, rows, news, fault ?? '');
    return;
  }
  const candidates = candidatesOf(input, group, bindings, rows);
  const context = new GroupContext(input, group, bindings, candidates);
  const turned: Array<Turned> = [];
  for (const candidate of namedFirst(candidates)) {
    const result = settle(draft, candidate, news, context);
    context.moves.take(candidate, result === null ? candidate.row : result.row);
    if (result === null) continue;
    // Most backends of most plans: nothing is to be done, and nothing holds them.
    const isAtRest = result.row === candidate.row && result.action.kind === 'none' && !isWatched(result.row);
    if (isAtRest) continue;
    if (result.row === null) draft.change(candidate.row, null);
    else turned.push({ candidate, ...result, row: result.row });
  }
  planGroupWork(draft, context, turned);
}

/** Who is on a port that its binding has left waits for what is decided about the ports that it names. */
function namedFirst(candidates: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> {
  if (!candidates.some(({ hasLeft }) => hasLeft)) return candidates;
  return [...candidates.filter(({ hasLeft }) => !hasLeft), ...candidates.filter(({ hasLeft }) => hasLeft)];
}

/** What guards count, and what is held, is part of the group's work even when nothing is to be done about it. */
function isWatched(row: BackendRow | null): boolean {
  return row !== null && (row.phase === 'draining' || row.held !== null || row.override !== null);
}

/** Why nothing can be done in a group; `null` = it can be worked on. */
export function faultOf(
  { groups, loadBalancerId, loadBalancer }: Pick<LaneInput, 'groups' | 'loadBalancerId' | 'loadBalancer'>,
  groupId: string,
): string | null {
  const group = groups.get(groupId) ?? null;
  if (group === null) return 'the vServer group does not exist';
  if (group.loadBalancerId !== loadBalancerId) return `it belongs to ${group.loadBalancerId}`;
  return loadBalancer.status === 'locked' ? 'the load balancer is locked and takes no change' : null;
}

/** Nothing is done in a group that cannot be worked on; but what signals say is remembered, for they are not. */
function planUnusableGroup(
  draft: Draft,
  groupId: string,
  bindings: ReadonlyArray<Binding>,
  rows: ReadonlyArray<BackendRow>,
  news: ReadonlyMap<string, InstanceNews>,
  reason: string,
): void {
  const { input } = draft;
  draft.wait(input.nowMs + HELD_LOOK_MS, `group ${groupId}: ${reason}`);
  const { loadBalancerId, nowMs } = input;
  const known = input.groups.get(groupId) ?? null;
  const isOurs = known !== null && known.loadBalancerId === loadBalancerId;
  const empty = { vServerGroupId: groupId, loadBalancerId, backends: [], readAtMs: nowMs };
  const group = isOurs ? known : empty;
  const candidates = candidatesOf(input, group, bindings, rows);
  const context = new GroupContext(input, group, bindings, candidates);
  for (const candidate of candidates) {
    if (candidate.row !== null) {
      const isAsked = input.instances.asked.has(candidate.identity.serverId);
      const situation = situationOf(draft, candidate, candidate.row, news, context);
      if (isAsked) draft.change(candidate.row, upToDate(situation));
      continue;
    }
    if (candidate.backend !== null) continue;
    const row = settle(draft, candidate, news, context)?.row ?? null;
    if (row !== null) draft.change(null, withColumns(row, { held: { by: 'group', reason } }));
    draft.count('backends-held', groupId);
  }
}

type ReturnsOf = (instanceId: string) => ReadonlyArray<ReturnOrder>;

/** What was taken back for an instance, by this inbox and by the records; sorted out only if anybody asks. */
function returnsByInstance({ rows }: LaneInput, news: ReadonlyMap<string, InstanceNews>): ReturnsOf {
  let recorded: ReadonlyMap<string, ReadonlyArray<BackendRow>> | null = null;
  return (instanceId) => {
    recorded ??= groupBy(rows, ({ serverId }) => serverId);
    const ofRows = (recorded.get(instanceId) ?? []).flatMap(({ returns }) => returns);
    return [...(news.get(instanceId)?.returns ?? []), ...ofRows];
  };
}

function planSignal(
  draft: Draft,
  signal: Signal,
  news: ReadonlyMap<string, InstanceNews>,
  returnsOf: ReturnsOf,
): void {
  const { input } = draft;
  const returns = signal.news.kind === 'leave' ? returnsOf(signal.instanceId) : [];
  const fate = fateOf(signal, input.instances, returns, input.nowMs);
  if (fate.kind === 'early' && !isUsedUp(signal, input)) {
    const what = signal.news.kind === 'pause' ? 'the end of a pause of' : 'the time of an order about';
    draft.wait(fate.untilMs, `${what} ${signal.instanceId}`);
    return;
  }
  if (fate.kind === 'waiting' && !isOvertaken(signal, fate.claimed, news)) {
    draft.wait(fate.untilMs, `${cloudOf(signal.instanceId)} to show ${signal.instanceId} as ${fate.claimed}`);
    return;
  }
  draft.settledKeys.push(signal.key);
  if (fate.kind === 'given-up') {
    const { claimed, observed } = fate;
    const { instanceId, key } = signal;
    for (const subject of [laneSubject(input.loadBalancerId), instanceSubject(instanceId)]) {
      draft.decisions.push({
        subject,
        action: 'signal-given-up',
        reason: `the event says ${instanceId} is ${claimed}, ${cloudOf(instanceId)} still shows ${observed}; left to the full comparison`,
        inputs: { instanceId, state: claimed, observed, key },
        situation: null,
      });
    }
  }
}

/**
 * A guard is lifted once: when all that it was lifted for is at weight 0, or gone, it stands again. A pause is used up when
 * a later word on the same binding has come.
 */
function isUsedUp({ key, news, instanceId }: Signal, { rows, groups, signals, nowMs }: LaneInput): boolean {
  if (news.kind === 'pause') return standingPauses(signals, nowMs).get(news.binding)?.key !== key;
  if (news.kind !== 'lift-guard') return false;
  const concerned = rows.filter((row) => row.serverId === instanceId && isWithin(news.scope, row));
  return (
    concerned.length > 0 &&
    concerned.every((row) => {
      const group = groups.get(row.vServerGroupId) ?? null;
      const listed = group?.backends.find((backend) => backendKey(backend) === backendKey(row)) ?? null;
      const isLeaving = row.phase === 'draining' || row.phase === 'removed';
      return group !== null && isLeaving && (listed?.weight ?? 0) === 0;
    })
  );
}

/** A stop that happened before a start must not outlast that start's signal, or it would put the join off alone. */
function isOvertaken(
  signal: Signal,
  claimed: InstanceState,
  news: ReadonlyMap<string, InstanceNews>,
): boolean {
  const isStop = claimed === 'Stopping' || claimed === 'Stopped';
  return isStop && (news.get(signal.instanceId)?.runningAtMs ?? -Infinity) > happenedAtMs(signal);
}
