import { deadlineOf } from './backend/orders.ts';
import { type BackendRow, type Held, withColumns } from './backend/record.ts';
import { type Batchable, batchBackends } from './batches.ts';
import { type Candidate, type Draft, reasonOf, type Turned } from './draft.ts';
import type { GroupContext } from './group-context.ts';
import { type Forbidden, isRunning, judgeWithdrawals, type Verdict } from './guards.ts';
import { HELD_LOOK_MS, markOf, type Step } from './model.ts';

/** Turns the actions of one group into calls, under its guards and the load balancer's quota. */
export function planGroupWork(draft: Draft, context: GroupContext, turned: ReadonlyArray<Turned>): void {
  const { instances } = draft.input;
  const withdrawals = turned.filter(isWithdrawal);
  const isOut = ({ candidate }: Turned) => !isRunning(candidate.identity, instances);
  const urgent = withdrawals.filter(isOut);
  const guarded = withdrawals.filter((withdrawal) => !isOut(withdrawal)).sort(byDeadline);
  // A guard counts whom the checks find healthy; nobody guards what has stopped anyway.
  if (guarded.length > 0) draft.needsHealth = true;
  const verdict = judge(draft, context, turned, [...urgent, ...guarded]);
  const judged = new Map(turned.map((each) => [each, withVerdict(draft, each, verdict)]));
  const joins = withQuota(draft, judged, turned.filter(isJoin));
  for (const each of turned) draft.change(each.candidate.row, judged.get(each)?.row ?? each.row);

  const isAllowed = ({ candidate: { backend } }: Turned) =>
    backend === null || !verdict.forbidden.has(backend);
  const raises = turned.filter((each) => each.action.kind === 'set-weight' && !isWithdrawal(each));
  const sets = [...urgent, ...guarded.filter(isAllowed), ...raises];
  const batch = (kind: Step['kind'], some: ReadonlyArray<Turned>, waitingFor: string) =>
    batchTurned(
      draft,
      context,
      kind,
      some.map((each) => judged.get(each) ?? each),
      waitingFor,
    );
  const setSteps = batch('set-weight', sets, 'more backends to raise the weight of');
  const addSteps = batch('add', joins, 'more instances to join with');
  const removals = batch('remove', turned.filter(isRemoval), 'another try of a refused removal');
  // What no longer serves, or is ordered out, goes first; then capacity comes, then capacity goes.
  const isOrdered = (each: Turned) => isAllowed(each) && each.row.orders.length > 0;
  const isUrgent = urgent.length > 0 || guarded.some(isOrdered);
  draft.steps.push(...(isUrgent ? setSteps : []), ...addSteps, ...(isUrgent ? [] : setSteps), ...removals);
}

function isJoin({ action }: Turned): boolean {
  return action.kind === 'join';
}

function isRemoval({ action }: Turned): boolean {
  return action.kind === 'remove';
}

function isWithdrawal({ action, candidate }: Turned): boolean {
  return action.kind === 'set-weight' && action.weight === 0 && (candidate.backend?.weight ?? 0) > 0;
}

/** Who will be gone by itself soonest is taken out first, should a guard not allow all. */
function byDeadline(a: Turned, b: Turned): number {
  return (deadlineOf(a.row.orders) ?? Infinity) - (deadlineOf(b.row.orders) ?? Infinity) || 0;
}

function judge(
  draft: Draft,
  context: GroupContext,
  turned: ReadonlyArray<Turned>,
  withdrawals: ReadonlyArray<Turned>,
): Verdict {
  const { group, health, unproven, moving, minInService, maxDisruptionPercent, doubts } = context;
  const out = new Set(
    turned.flatMap(({ row, candidate: { backend } }) =>
      backend !== null && isOutByUs(row) && backend.weight === 0 ? [backend] : [],
    ),
  );
  const verdict = judgeWithdrawals(
    {
      group,
      instances: draft.input.instances,
      health,
      out,
      unproven,
      moving,
      minInService,
      maxDisruptionPercent,
    },
    withdrawals.flatMap(({ candidate: { backend, binding }, row, lifted }) => {
      const doubt = row.cause === 'unselected' && binding !== null ? (doubts.get(binding) ?? null) : null;
      return backend === null ? [] : [{ backend, doubt, lifted: new Set(lifted.map(({ guard }) => guard)) }];
    }),
  );
  const { capacity = 0, floor = 0, running = 0 } = verdict.facts;
  // Our own drains were within the guard when they were sent: somebody else, or misfortune, has taken the rest.
  if (capacity < floor && running > 0) draft.count('capacity-below-floor', group.vServerGroupId);
  for (let left = doubts.size; left > 0; left--) draft.count('selectors-unsure', group.vServerGroupId);
  return verdict;
}

/** Notes in the row whether a guard holds the backend, and says so once. A refusal's text stays until its wait is over. */
function withVerdict(draft: Draft, turned: Turned, verdict: Verdict): Turned {
  const { row, candidate } = turned;
  const { nowMs } = draft.input;
  const groupId = candidate.identity.vServerGroupId;
  const forbidden = isWithdrawal(turned) ? forbiddenBy(verdict, candidate) : null;
  if (forbidden !== null) {
    const { by, reason } = forbidden;
    draft.wait(nowMs + HELD_LOOK_MS, reason);
    draft.count('backends-held', groupId);
    if (row.held?.by === by && row.held.reason === reason) return turned;
    draft.note(candidate.identity, 'held', reason, { cause: row.cause, ...verdict.facts });
    return withHeld(turned, { by, reason });
  }
  countHeld(draft, groupId, row.held);
  const isWaiting = row.notBeforeMs !== null && row.notBeforeMs > nowMs;
  const isOver = isGuard(row.held) || (row.held?.by === 'refusal' && !isWaiting);
  return withLifted(isOver ? withHeld(turned, null) : turned, verdict);
}

/** The backend's call says who has lifted what would have forbidden it. */
function withLifted(turned: Turned, { lifted }: Verdict): Turned {
  const { candidate, row, action, reason } = turned;
  const against = candidate.backend === null ? undefined : lifted.get(candidate.backend);
  if (against === undefined) return turned;
  const by = turned.lifted.find(({ guard }) => guard === against.by)?.ref ?? '';
  const why = reason === '' ? (row.cause ?? row.phase) : reason;
  return {
    candidate,
    row,
    action,
    reason: `${why}; ${by} has lifted ${against.reason}`,
    lifted: turned.lifted,
  };
}

/** Drained, or at the weight 0 that a person has asked for. */
function isOutByUs({ phase, override }: BackendRow): boolean {
  return phase === 'draining' || (phase === 'in-service' && override !== null);
}

function isGuard(held: Held | null): boolean {
  return held?.by === 'min-in-service' || held?.by === 'max-disruption' || held?.by === 'unsure';
}

function forbiddenBy({ forbidden }: Verdict, { backend }: Candidate): Forbidden | null {
  return backend === null ? null : (forbidden.get(backend) ?? null);
}

function countHeld(draft: Draft, vServerGroupId: string, held: Held | null): void {
  if (held === null) return;
  if (held.by === 'contested') draft.count('backends-contested', vServerGroupId);
  else if (held.by === 'not-ready') draft.count('backends-not-ready', vServerGroupId);
  else if (held.by === 'setting') draft.count('backends-held', vServerGroupId);
  else if (held.by === 'drift') draft.count('drift-reported', vServerGroupId);
}

/** The joins that fit under the quota, the oldest first; the others are held until somebody leaves. */
function withQuota(
  draft: Draft,
  judged: Map<Turned, Turned>,
  joins: ReadonlyArray<Turned>,
): ReadonlyArray<Turned> {
  const ordered = [...joins].sort((a, b) => (a.row.dueSinceMs ?? 0) - (b.row.dueSinceMs ?? 0));
  const fitting = ordered.slice(0, Math.max(0, draft.quotaLeft));
  const { backendsPerLoadBalancer } = draft.input.limits;
  const has = backendsPerLoadBalancer - draft.quotaLeft;
  draft.quotaLeft -= fitting.length;
  const reason = `quota: the load balancer takes ${backendsPerLoadBalancer} backends over all its groups and has ${has}, so that ${fitting.length} of ${ordered.length} can join`;
  for (const join of ordered.slice(fitting.length)) {
    const { identity } = join.candidate;
    draft.wait(draft.input.nowMs + HELD_LOOK_MS, reason);
    draft.count('backends-held', identity.vServerGroupId);
    if (join.row.held?.by === 'quota') continue;
    draft.note(identity, 'held', reason, { quota: backendsPerLoadBalancer });
    judged.set(join, withHeld(judged.get(join) ?? join, { by: 'quota', reason }));
  }
  for (const join of fitting) {
    if (join.row.held?.by === 'quota') judged.set(join, withHeld(judged.get(join) ?? join, null));
  }
  return fitting;
}

function withHeld({ candidate, row, action, reason, lifted }: Turned, held: Held | null): Turned {
  return { candidate, row: withColumns(row, { held }), action, reason, lifted };
}

function batchTurned(
  draft: Draft,
  context: GroupContext,
  kind: Step['kind'],
  turned: ReadonlyArray<Turned>,
  waitingFor: string,
): ReadonlyArray<Step> {
  const { timing, nowMs } = draft.input;
  const { vServerGroupId } = context.group;
  const batches = batchBackends(kind, vServerGroupId, turned.map(batchable), timing.gatherMs, nowMs);
  if (batches.wakeAtMs !== null) draft.wait(batches.wakeAtMs, waitingFor);
  return batches.steps;
}

function batchable(turned: Turned): Batchable {
  const { candidate, row, action } = turned;
  const weight = action.kind === 'set-weight' || action.kind === 'join' ? action.weight : 0;
  const { vServerGroupId, serverId, port, serverIp } = candidate.identity;
  const backend = {
    vServerGroupId,
    serverId,
    port,
    serverIp,
    weight,
    description: markOf(candidate.binding?.name ?? row.binding),
    reason: reasonOf(turned),
  };
  return {
    row,
    backend,
    mayGather: action.kind !== 'remove' && (row.cause === 'moved' || !isWithdrawal(turned)),
  };
}
