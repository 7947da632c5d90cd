import type { DecisionInput, Ruling } from './decision/model.ts';
import { ruleOnOrder } from './decision/order.ts';
import { coolDownUntilMs } from './decision/pauses.ts';
import { lookAfterMs, ruleOnPrimary } from './decision/promotion.ts';
import { ruleOnHome, ruleOnSecondary } from './decision/upkeep.ts';
import { describeUntil } from './describe.ts';
import type { PairDraft } from './draft.ts';
import { DROPPED_ID, type PairInput } from './model.ts';
import { nextNoticeMs } from './notices.ts';
import { answerOrder } from './orders.ts';
import type { PromoteOrder } from './record.ts';
import { recordedSituation } from './recorded-decision.ts';
import { beginSaga } from './saga/begin.ts';
import { usersOf } from './saga/situation.ts';
import { strayGroups } from './saga/tidy.ts';
import { type Standing, standingOf, strayListeners } from './standing.ts';
import { findingsOf } from './testimony/findings.ts';
import { hear, isAccused } from './testimony/hear.ts';
import type { Testimony } from './testimony/model.ts';

/** A pair that something keeps from a change is looked at again after this time at the latest. */
const HELD_LOOK_MS = 60_000;

/** Decides about a pair that no change is under way of. */
export function planStanding(draft: PairDraft, input: PairInput, order: PromoteOrder | null): void {
  const standing = standingOf(input, draft.row);
  if (standing.kind === 'unclear') {
    if (order !== null) refuse(draft, order.orderId, standing.reason);
    hold(draft, input, standing.reason, 'pairs-held', input.nowMs + HELD_LOOK_MS);
    return;
  }
  adopt(draft, standing);
  const decision: DecisionInput = { input, row: draft.row, group: standing.group };
  const ruling = rule(draft, decision, order);
  keepTestimonies(draft, decision);
  if (ruling.kind !== 'ask' && ruling.kind !== 'begin') sweep(draft, input, standing);
  switch (ruling.kind) {
    case 'ask':
      draft.ask(ruling.questions, ruling.needsSystemEvents);
      break;
    case 'refuse':
      refuse(draft, ruling.answer.orderId, ruling.answer.reason);
      break;
    case 'hold':
      hold(draft, input, ruling.reason, ruling.metric, ruling.lookAtMs);
      break;
    case 'begin':
      begin(draft, standing, ruling, decision);
      break;
    case 'nothing':
      rest(draft, input, standing);
  }
}

/** What comes first of what could be done: what a person asks for, then the primary, the secondary, and going back. */
function rule(draft: PairDraft, decision: DecisionInput, order: PromoteOrder | null): Ruling {
  if (order !== null) return ruleOnOrder(decision, order);
  const { ruling, verdict } = ruleOnPrimary(decision);
  if (verdict.ripeAtMs !== null) draft.wait(verdict.ripeAtMs, `${verdict.reason} for long enough`);
  const { nowMs } = decision.input;
  if (isAccused(verdict.testimony))
    draft.wait(nowMs + lookAfterMs(verdict, nowMs), 'another look at the primary');
  const noticeAtMs = nextNoticeMs(decision.row.notices, decision.group.members.primary.serverId, nowMs);
  if (noticeAtMs !== null) draft.wait(noticeAtMs, 'what was noticed of the primary to be due');
  if (ruling.kind !== 'nothing') return held(decision, ruling);
  if (isAccused(verdict.testimony)) return ruling;
  const secondary = ruleOnSecondary(decision);
  if (secondary.wake !== null) draft.wait(secondary.wake.atMs, secondary.wake.reason);
  if (secondary.ruling.kind !== 'nothing') return held(decision, secondary.ruling);
  const home = ruleOnHome(decision);
  draft.set({ homeGoodSinceMs: home.goodSinceMs });
  if (home.wake !== null) draft.wait(home.wake.atMs, home.wake.reason);
  return held(decision, home.ruling);
}

/** What a pause or a cool-down makes of a change that would begin by itself. */
function held({ input, row }: DecisionInput, ruling: Ruling): Ruling {
  if (ruling.kind !== 'begin') return ruling;
  const { pair, nowMs } = input;
  const { pause } = row;
  const hold = (text: string, untilMs: number): Ruling => {
    const reason = `${text} ${describeUntil(untilMs)}; due: ${ruling.sagaKind}, since ${ruling.reason}`;
    const lookAtMs = Math.min(untilMs, nowMs + HELD_LOOK_MS);
    return { kind: 'hold', reason, metric: 'pairs-held', lookAtMs };
  };
  if (pause !== null) return hold(`paused by ${pause.by} (${pause.reason})`, pause.untilMs);
  const coolUntilMs = coolDownUntilMs(pair, row);
  return coolUntilMs > nowMs ? hold('cooling down', coolUntilMs) : ruling;
}

/** The group as the pair's own from now on: at first, and when people have put another in its place. */
function adopt(draft: PairDraft, { group }: Extract<Standing, { kind: 'group' }>): void {
  const { primary, secondary } = group.members;
  const { row } = draft;
  if (row.groupId !== group.groupId) {
    const isFirst = row.groupId === null;
    const reason = isFirst
      ? `its group is ${group.groupId}`
      : `somebody has put ${group.groupId} in the place of ${row.groupId}`;
    draft.decide('pair-adopted', reason, { groupId: group.groupId, primary, secondary });
    const homeId = primary.serverId === DROPPED_ID ? null : primary.serverId;
    draft.set({ groupId: group.groupId, homeId, homeGoodSinceMs: null });
  }
  const { homeId } = draft.row;
  const ids = [primary.serverId, secondary.serverId, ...(homeId === null ? [] : [homeId])];
  draft.set({ memberIds: [...new Set(ids)].filter((id) => id !== DROPPED_ID).sort() });
}

/** Keeps what is said against members, and forgets what is said no more. */
function keepTestimonies(draft: PairDraft, { input, group }: DecisionInput): void {
  const { row } = draft;
  const testimonies: Record<string, Testimony> = {};
  for (const member of [group.members.primary, group.members.secondary]) {
    const before = row.testimonies[member.serverId] ?? null;
    const testimony = hear(before, findingsOf({ ...input, row }, member), input.nowMs);
    if (isAccused(testimony)) testimonies[member.serverId] = testimony;
  }
  draft.set({ testimonies });
}

function hold(
  draft: PairDraft,
  input: PairInput,
  reason: string,
  metric: Extract<Ruling, { kind: 'hold' }>['metric'],
  lookAtMs: number | null,
): void {
  draft.count(metric);
  if (lookAtMs !== null) draft.wait(lookAtMs, reason);
  if (draft.row.held === reason) return;
  draft.decide('pair-held', reason, recordedSituation(input));
  draft.set({ held: reason });
}

function begin(
  draft: PairDraft,
  { group, listeners }: Extract<Standing, { kind: 'group' }>,
  ruling: Extract<Ruling, { kind: 'begin' }>,
  { input }: DecisionInput,
): void {
  const { sagaKind: kind, to, reason, orderId } = ruling;
  const saga = beginSaga(draft.row, group, listeners, { kind, to, reason, orderId }, input.nowMs);
  const { number } = saga;
  draft.decide('pair-change-begun', `${kind} ${number}: ${reason}`, {
    number,
    to,
    from: group.members,
    ...recordedSituation(input),
  });
  // Entered in the index before the first call: from now on its events lead here, and no other pair takes the standby.
  const memberIds = [...new Set([...draft.row.memberIds, to.primary.serverId, to.secondary.serverId])].sort();
  draft.set({ saga, number, memberIds, held: null });
  draft.goOn();
  if (orderId !== null) answerOrder(draft, orderId, 'begun', reason, number);
}

/** The order is answered; what else there is to decide, the next order too, comes with the plan that follows at once. */
function refuse(draft: PairDraft, orderId: string, reason: string): void {
  answerOrder(draft, orderId, 'refused', reason, null);
  draft.goOn();
}

/** Deletes what former changes have left over. */
function sweep(draft: PairDraft, input: PairInput, { group }: Extract<Standing, { kind: 'group' }>): void {
  const listed = new Set(input.groups.map(({ groupId }) => groupId));
  const known = draft.row.leftovers.filter(
    (groupId) => listed.has(groupId) && groupId !== group.groupId && usersOf(input, groupId).length === 0,
  );
  const strays = strayGroups(input, draft.row.number, group.groupId);
  const all = [...new Set([...known, ...strays])];
  draft.set({ leftovers: all });
  const [next] = all;
  const notBeforeMs = draft.row.leftoversNotBeforeMs;
  if (next === undefined) draft.set({ leftoversNotBeforeMs: null });
  else if (notBeforeMs === null || notBeforeMs <= input.nowMs) draft.send({ kind: 'delete', groupId: next });
  else draft.wait(notBeforeMs, 'another try to delete what is left over');
}

/** Nothing is to do; what people should know of all the same stands in the row. */
function rest(draft: PairDraft, input: PairInput, { group }: Extract<Standing, { kind: 'group' }>): void {
  const stray = strayListeners(input, group.groupId);
  if (stray !== null) hold(draft, input, stray, 'pairs-held', null);
  else draft.set({ held: null });
  const { pause } = draft.row;
  if (pause !== null) draft.wait(pause.untilMs, 'the end of the pause');
}
