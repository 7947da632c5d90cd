import { type Batchable, batchBackends } from './batches.ts';
import type { Draft, Turned } from './draft.ts';
import { isRunning, judgeWithdrawals, type Verdict } from './guards.ts';
import { HELD_LOOK_MS, markOf, type ObservedGroup, type Step, withColumns } from './model.ts';

/** Turns the actions of one group into calls, under its guards. */
export function planGroupWork(
  draft: Draft,
  group: ObservedGroup,
  turned: ReadonlyArray<Turned>,
  minInService: number,
): void {
  const { instances, nowMs, timing } = draft.input;
  const withdrawals = turned.filter(isWithdrawal);
  const isOut = ({ candidate }: Turned) => !isRunning(candidate.identity.serverId, instances);
  const urgent = withdrawals.filter(isOut);
  const guarded = withdrawals.filter((withdrawal) => !isOut(withdrawal));
  const verdict = judgeWithdrawals(
    group,
    instances,
    [...urgent, ...guarded].map(({ candidate: { key, identity } }) => ({ key, serverId: identity.serverId })),
    minInService,
  );
  const judged = new Map(turned.map((each) => [each, withVerdict(draft, each, verdict)]));
  const rowsOf = (some: ReadonlyArray<Turned>) => some.map((each) => judged.get(each) ?? each);
  for (const each of rowsOf(turned)) draft.change(each.candidate.row, each.row);

  const isAllowed = ({ candidate }: Turned) => verdict.allowed.has(candidate.key);
  const raises = turned.filter((each) => each.action.kind === 'set-weight' && !isWithdrawal(each));
  const sets = [...urgent, ...raises, ...guarded].filter((each) => !isWithdrawal(each) || isAllowed(each));
  const batch = (kind: Step['kind'], some: ReadonlyArray<Turned>, waitingFor: string) => {
    const { steps, wakeAtMs } = batchBackends(
      kind,
      group.vServerGroupId,
      rowsOf(some).map(batchable),
      timing.gatherMs,
      nowMs,
    );
    if (wakeAtMs !== null) draft.wait(wakeAtMs, waitingFor);
    return steps;
  };
  const setSteps = batch('set-weight', sets, 'another try of a refused weight');
  const joins = batch(
    'add',
    turned.filter(({ action }) => action.kind === 'join'),
    'more instances to join with',
  );
  const removals = batch(
    'remove',
    turned.filter(({ action }) => action.kind === 'remove'),
    'another try of a refused removal',
  );
  // What no longer serves goes first, then capacity comes, then capacity goes.
  const isUrgent = urgent.length > 0;
  draft.steps.push(...(isUrgent ? setSteps : []), ...joins, ...(isUrgent ? [] : setSteps), ...removals);
}

function isWithdrawal({ action, candidate }: Turned): boolean {
  return action.kind === 'set-weight' && action.weight === 0 && (candidate.backend?.weight ?? 0) > 0;
}

/** Notes in the row whether a guard holds the backend, and says so once. A refusal's text stays until its wait is over. */
function withVerdict(draft: Draft, turned: Turned, verdict: Verdict): Turned {
  const { row, candidate } = turned;
  const isForbidden = isWithdrawal(turned) && !verdict.allowed.has(candidate.key);
  const isWaiting = row.notBeforeMs !== null && row.notBeforeMs > draft.input.nowMs;
  const held = isForbidden ? verdict.reason : isWaiting || row.phase !== 'draining' ? row.held : null;
  if (isForbidden) draft.wait(draft.input.nowMs + HELD_LOOK_MS, held ?? 'a guard');
  if (held === row.held) return turned;
  if (isForbidden && held !== null) draft.note(candidate.identity, 'held', held, { cause: row.cause });
  return { ...turned, row: withColumns(row, { held }) };
}

function batchable({ candidate, row, action, reason }: Turned): Batchable {
  const weight =
    action.kind === 'set-weight' ? action.weight : action.kind === 'remove' ? 0 : candidate.weight;
  const { vServerGroupId, serverId, port, serverIp } = candidate.identity;
  const backend = {
    vServerGroupId,
    serverId,
    port,
    serverIp,
    weight,
    description: markOf(candidate.binding?.name ?? row.binding),
    reason: reason === '' ? (row.cause ?? row.phase) : reason,
  };
  return { row, backend };
}
