import type { Ruling } from './decision/model.ts';
import type { PairDraft } from './draft.ts';
import type { PairGroup, PairInput, PairListener } from './model.ts';
import { answerOrder } from './orders.ts';
import { recordedSituation } from './recorded-decision.ts';
import { beginSaga } from './saga/begin.ts';
import { usersOf } from './saga/situation.ts';
import { strayGroups } from './saga/tidy.ts';

/** Writes down why nothing is done that should be; once, while the reason stays the same. */
export function hold(
  draft: PairDraft,
  input: PairInput,
  { reason, metric, lookAtMs }: Omit<Extract<Ruling, { kind: 'hold' }>, 'kind'>,
): void {
  draft.count(metric);
  if (lookAtMs !== null) draft.wait(lookAtMs, reason);
  if (draft.row.held === reason) return;
  draft.decide('pair-held', reason, recordedSituation(input));
  draft.set({ held: reason });
}

/** Begins a change of the pair; `group` = `null` when it has none yet. */
export function begin(
  draft: PairDraft,
  input: PairInput,
  { group, listeners }: { readonly group: PairGroup | null; readonly listeners: ReadonlyArray<PairListener> },
  { sagaKind: kind, to, reason, orderId, found = null }: Extract<Ruling, { kind: 'begin' }>,
): void {
  const declared = { tags: input.pair.group?.tags ?? [], found };
  const change = { kind, to, reason, orderId };
  const saga = beginSaga(draft.row, group, listeners, change, input.nowMs, declared);
  const { number } = saga;
  draft.decide('pair-change-begun', `${kind} ${number}: ${reason}`, {
    number,
    to,
    from: group?.members ?? null,
    ...recordedSituation(input),
  });
  // Entered in the index before the first call: from now on its events lead here, and no other pair takes the standby.
  const memberIds = [...new Set([...draft.row.memberIds, to.primary.serverId, to.secondary.serverId])].sort();
  draft.set({ saga, number, memberIds, held: null });
  draft.goOn();
  if (orderId !== null) answerOrder(draft, orderId, 'begun', reason, number);
}

/** The order is answered; what else there is to decide, the next order too, comes with the plan that follows at once. */
export function refuse(draft: PairDraft, orderId: string, reason: string): void {
  answerOrder(draft, orderId, 'refused', reason, null);
  draft.goOn();
}

/** Deletes what former changes have left over. `keepId`: the pair's own group. */
export function sweep(draft: PairDraft, input: PairInput, keepId: string | null): void {
  const listed = new Set(input.groups.map(({ groupId }) => groupId));
  const known = draft.row.leftovers.filter(
    (groupId) => listed.has(groupId) && groupId !== keepId && usersOf(input, groupId).length === 0,
  );
  const strays = strayGroups(input, draft.row.number, keepId);
  const all = [...new Set([...known, ...strays])];
  draft.set({ leftovers: all });
  const [next] = all;
  const notBeforeMs = draft.row.leftoversNotBeforeMs;
  if (next === undefined) draft.set({ leftoversNotBeforeMs: null });
  else if (notBeforeMs === null || notBeforeMs <= input.nowMs) draft.send({ kind: 'delete', groupId: next });
  else draft.wait(notBeforeMs, 'another try to delete what is left over');
}
