import type { PairGroupDeclaration } from '../config/pair-group.ts';
import type { DecisionInput, Ruling } from './decision/model.ts';
import { ruleOnOrder } from './decision/order.ts';
import { coolDownUntilMs } from './decision/pauses.ts';
import { lookAfterMs, ruleOnPrimary } from './decision/promotion.ts';
import { ruleOnHome, ruleOnSecondary } from './decision/upkeep.ts';
import { ruleOnDeclaration } from './declaration/rule.ts';
import { planTags, type TagWork } from './declaration/tags.ts';
import { describeUntil } from './describe.ts';
import type { PairDraft } from './draft.ts';
import { DROPPED_ID, type PairInput } from './model.ts';
import { nextNoticeMs } from './notices.ts';
import { answerOrder } from './orders.ts';
import type { ApplyOrder, ChangeOrder, PromoteOrder } from './record.ts';
import { type Standing, standingOf, strayListeners } from './standing.ts';
import { begin, hold, refuse, sweep } from './standing-steps.ts';
import { findingsOf } from './testimony/findings.ts';
import { hear, isAccused } from './testimony/hear.ts';
import type { Testimony } from './testimony/model.ts';

/** A pair that something keeps from a change is looked at again after this time at the latest. */
const HELD_LOOK_MS = 60_000;

/** Decides about a pair that no change is under way of. */
export function planStanding(draft: PairDraft, input: PairInput, order: ChangeOrder | null): void {
  const standing = standingOf(input, draft.row);
  if (standing.kind === 'none' && input.pair.group !== null) {
    planDeclared(draft, input, input.pair.group, order, standing.reason);
    return;
  }
  if (standing.kind !== 'group') {
    if (order !== null) refuse(draft, order.orderId, standing.reason);
    hold(draft, input, { ...HELD, reason: standing.reason, lookAtMs: input.nowMs + HELD_LOOK_MS });
    return;
  }
  adopt(draft, standing);
  const promote = order?.kind === 'apply' ? noteApply(draft, input, order) : order;
  const decision: DecisionInput = { input, row: draft.row, group: standing.group };
  const ruling = rule(draft, decision, promote);
  keepTestimonies(draft, decision);
  const isStill = ruling.kind !== 'ask' && ruling.kind !== 'begin';
  const tags = isStill ? planTags(draft, input, standing.group) : NO_TAGS;
  if (isStill && tags.kind !== 'working') sweep(draft, input, standing.group.groupId);
  switch (ruling.kind) {
    case 'ask':
      draft.ask(ruling.questions, ruling.needsSystemEvents);
      break;
    case 'refuse':
      refuse(draft, ruling.orderId, ruling.reason);
      break;
    case 'hold':
      hold(draft, input, ruling);
      break;
    case 'begin':
      begin(draft, input, standing, ruling);
      break;
    case 'nothing':
      rest(draft, input, standing, tags);
  }
}

const HELD = { metric: 'pairs-held' } as const;
const NO_TAGS = { kind: 'nothing' } as const;

/** Decides about a pair that declares its group and has none. */
function planDeclared(
  draft: PairDraft,
  input: PairInput,
  declared: PairGroupDeclaration,
  order: ChangeOrder | null,
  whyNone: string,
): void {
  const { row } = draft;
  const { place } = input;
  if (place === null) {
    // The change that has just been turned back asked for less.
    draft.readAnew();
    return;
  }
  const ruling = held({ input, row }, ruleOnDeclaration({ input, row, declared, place }, order, whyNone));
  if (ruling.kind === 'begin') {
    begin(draft, input, { group: null, listeners: input.listeners }, ruling);
    return;
  }
  sweep(draft, input, row.groupId);
  if (ruling.kind === 'refuse') refuse(draft, ruling.orderId, ruling.reason);
  // Ticks look at it without a lease, so that nothing has to be waited for.
  if (ruling.kind === 'hold') hold(draft, input, ruling);
}

/** Somebody asks for what is declared, of a pair that has its group: what is left of it is its tags. */
function noteApply(draft: PairDraft, { pair }: PairInput, { orderId }: ApplyOrder): null {
  if (pair.group === null) answerOrder(draft, orderId, 'refused', 'it declares no group', null);
  else {
    draft.set({ tagging: { ...draft.row.tagging, isDue: true, notBeforeMs: null } });
    answerOrder(draft, orderId, 'noted', 'it has its group; tags that differ are set', null);
  }
  // The next order comes with the plan that follows at once.
  draft.goOn();
  return null;
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
function held({ input, row }: Pick<DecisionInput, 'input' | 'row'>, ruling: Ruling): Ruling {
  if (ruling.kind !== 'begin' || ruling.orderId !== null) return ruling;
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

/** Nothing is to do; what people should know of all the same stands in the row. */
function rest(
  draft: PairDraft,
  input: PairInput,
  { group }: Extract<Standing, { kind: 'group' }>,
  tags: TagWork,
): void {
  const stray = strayListeners(input, group.groupId);
  const reasons = [...(stray === null ? [] : [stray]), ...(tags.kind === 'held' ? [tags.reason] : [])];
  if (reasons.length > 0) hold(draft, input, { ...HELD, reason: reasons.join('; '), lookAtMs: null });
  else draft.set({ held: null });
  const { pause } = draft.row;
  if (pause !== null) draft.wait(pause.untilMs, 'the end of the pause');
}
