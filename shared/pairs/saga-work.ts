import type { Pair } from '../config/pair.ts';
import type { PairDraft } from './draft.ts';
import type { PairInput } from './model.ts';
import type { PairRow, Tagging } from './record.ts';
import { isUnderWay, type Saga } from './saga/model.ts';
import { usersOf } from './saga/situation.ts';
import { turnOf } from './saga/turn.ts';

/** A saga settles in a few turns between two calls; more is a defect that must not become a loop. */
const TURNS_MAX = 200;

/** Carries a change that is under way on to its next call, its next wait or its end. */
export function planSaga(draft: PairDraft, begun: Saga, input: PairInput): void {
  let saga = begun;
  for (let left = TURNS_MAX; left > 0; left--) {
    const turn = turnOf(saga, { ...input, row: draft.row });
    if (turn.remark !== null)
      draft.decide('pair-remark', turn.remark, { number: saga.number, phase: saga.phase });
    if (turn.step !== null) draft.send(turn.step);
    if (turn.mustRead) draft.readAnew();
    if (turn.wake !== null) draft.wait(turn.wake.atMs, turn.wake.reason);
    const isStill = turn.saga === saga || turn.step !== null || turn.mustRead || turn.wake !== null;
    saga = turn.saga;
    if (isStill || !isUnderWay(saga)) break;
  }
  draft.set({ saga });
  if (saga.refusals > STUCK_AFTER) draft.count('pair-changes-failed');
  if (isUnderWay(saga)) return;
  conclude(draft, saga, input);
  draft.goOn();
}

/** Refusals in a row after which somebody should look. */
const STUCK_AFTER = 10;

const CREATE = 'CreateMasterSlaveServerGroup';
/** Whom SLB does not take is not tried again for so long. */
const AVOIDED_MS = 3_600_000;

/** SLB took the servers together before, so what it refuses is the one that is new; where there was no group, both are. */
function avoid(draft: PairDraft, { from, to }: Saga, reason: string, nowMs: number): void {
  const known = new Set([from?.members.primary.serverId, from?.members.secondary.serverId]);
  const fresh = [to.primary, to.secondary].filter(({ serverId }) => !known.has(serverId));
  const kept = draft.row.unsuitable.filter(({ untilMs }) => untilMs > nowMs);
  const added = fresh.map(({ serverId }) => ({ serverId, reason, untilMs: nowMs + AVOIDED_MS }));
  draft.set({ unsuitable: [...kept, ...added] });
}

function conclude(draft: PairDraft, saga: Saga, input: PairInput): void {
  const { number, kind, outcome, failure, from, to, groupId } = saga;
  const isDone = outcome === 'done' && groupId !== null;
  draft.count(isDone ? 'pair-changes' : 'pair-changes-failed');
  const why = failure === null ? '' : `: ${failure.message}`;
  draft.decide('pair-change-ended', `${kind} ${number} ${outcome ?? ''}${why}`, {
    number,
    outcome,
    failure,
    listeners: saga.listeners.map(({ protocol, port, state, remark }) => ({ protocol, port, state, remark })),
  });
  if (isDone) {
    const isChosen =
      saga.orderId !== null || kind === 'fail-back' || kind === 'creation' || draft.row.homeId === null;
    const homeId = isChosen ? to.primary.serverId : draft.row.homeId;
    const ids = [to.primary.serverId, to.secondary.serverId, ...(homeId === null ? [] : [homeId])];
    draft.set({
      groupId,
      homeId,
      homeGoodSinceMs: null,
      memberIds: [...new Set(ids)].sort(),
      testimonies: {},
      held: null,
      tagging: taggingAfter(draft.row, saga, input.pair),
      unsuitable: draft.row.unsuitable.filter(
        ({ serverId }) => serverId !== to.primary.serverId && serverId !== to.secondary.serverId,
      ),
    });
  } else if (failure !== null && failure.api === CREATE) avoid(draft, saga, failure.message, input.nowMs);
  const made = saga.isFound ? null : groupId;
  const obsolete = isDone ? (from?.groupId ?? null) : made;
  const isListed = input.groups.some((group) => group.groupId === obsolete);
  if (obsolete === null || !isListed || usersOf(input, obsolete).length > 0) return;
  draft.set({ leftovers: [...new Set([...draft.row.leftovers, obsolete])] });
}

/** The new group has the declared tags, unless it was there before: then they are due if somebody has asked. */
function taggingAfter({ tagging }: PairRow, { kind, orderId }: Saga, { group }: Pair): Tagging {
  const isDue = tagging.isDue || (kind === 'creation' && orderId !== null);
  return { keys: group?.tags.map(({ key }) => key) ?? [], isDue, notBeforeMs: null };
}
