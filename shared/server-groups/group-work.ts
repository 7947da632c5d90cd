import { batchJoins, batchSteps, type Joiner } from './batches.ts';
import type { Draft, Turned } from './draft.ts';
import { judgeWithdrawals, type Verdict } from './guards.ts';
import { backendKey, HELD_LOOK_MS, markOf, type ObservedGroup, type StepBackend } from './model.ts';

/** The actions of one group, turned into calls. */
export class GroupWork {
  readonly #group: ObservedGroup;
  readonly #turned: Array<Turned> = [];

  constructor(group: ObservedGroup) {
    this.#group = group;
  }

  take(turned: Turned): void {
    this.#turned.push(turned);
  }

  plan(draft: Draft, minInService: number): void {
    const { vServerGroupId } = this.#group;
    const withdrawals = this.#turned.filter((turned) => isWithdrawal(turned));
    const isProvenOut = ({ candidate }: Turned) =>
      draft.input.instances.present.get(candidate.identity.serverId)?.status !== 'Running';
    const urgent = withdrawals.filter(isProvenOut);
    const guarded = withdrawals.filter((turned) => !isProvenOut(turned));
    const verdict = judgeWithdrawals(
      this.#group,
      draft.input.instances,
      [...urgent, ...guarded].map(({ candidate }) => candidate.identity),
      minInService,
    );
    for (const turned of withdrawals) hold(draft, turned, verdict);
    for (const turned of this.#turned) draft.change(turned.candidate.row, turned.row);

    const raises = this.#turned.filter(
      (turned) => turned.action.kind === 'set-weight' && !isWithdrawal(turned),
    );
    const sets = [...urgent, ...raises, ...guarded].filter(
      (turned) => !isWithdrawal(turned) || verdict.allowed.has(backendKey(turned.candidate.identity)),
    );
    const setSteps = batchSteps('set-weight', vServerGroupId, sets.map(stepBackend));
    const joins = batchJoins(
      vServerGroupId,
      this.#turned.filter(({ action }) => action.kind === 'join').map(joiner),
      draft.input.timing.gatherMs,
      draft.input.nowMs,
    );
    const removals = this.#turned.filter(({ action }) => action.kind === 'remove').map(stepBackend);
    if (joins.wakeAtMs !== null) draft.wait(joins.wakeAtMs, 'more instances to join with');
    // What no longer serves goes first, then capacity comes, then capacity goes.
    const early = urgent.length > 0 ? setSteps : [];
    const late = urgent.length > 0 ? [] : setSteps;
    draft.steps.push(...early, ...joins.steps, ...late, ...batchSteps('remove', vServerGroupId, removals));
  }
}

function isWithdrawal({ action, candidate }: Turned): boolean {
  return action.kind === 'set-weight' && action.weight === 0 && (candidate.backend?.weight ?? 0) > 0;
}

/** Notes in the row whether a guard holds it, and says so once. */
function hold(draft: Draft, turned: Turned, verdict: Verdict): void {
  const held = verdict.allowed.has(backendKey(turned.candidate.identity)) ? null : verdict.reason;
  if (held !== null) draft.wait(draft.input.nowMs + HELD_LOOK_MS, held);
  if (held === turned.row.held) return;
  turned.row = { ...turned.row, held };
  if (held !== null) draft.note(turned.candidate.identity, 'held', held, { cause: turned.row.cause });
}

function joiner({ candidate, row, reason }: Turned): Joiner {
  return { row, backend: stepBackend({ candidate, row, action: { kind: 'join' }, reason }) };
}

function stepBackend({ candidate, row, action, reason }: Turned): StepBackend {
  const weight =
    action.kind === 'set-weight' ? action.weight : action.kind === 'remove' ? 0 : candidate.weight;
  const { vServerGroupId, serverId, port, serverIp } = candidate.identity;
  return {
    vServerGroupId,
    serverId,
    port,
    serverIp,
    weight,
    description: markOf(candidate.binding?.name ?? row.binding),
    reason: reason === '' ? (row.cause ?? row.phase) : reason,
  };
}
