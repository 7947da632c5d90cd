import { type GroupListener, groupListenerName } from '../config/group.ts';
import { describeDifferences, lostSettings, settingsToSend } from '../pairs/saga/settings.ts';
import { lookAtDeclaration } from './differences.ts';
import { isUnused } from './find.ts';
import {
  BINDING_TAG,
  type DeclarationInput,
  type DeclarationPlan,
  type DeclarationStep,
  type Difference,
  type ListedGroup,
  operationOf,
} from './model.ts';
import type { DeclarationHold, DeclarationRow, MovingListener } from './record.ts';

/** How often something is pointed at the group within a while before somebody else is taken to want it otherwise. */
const POINTS_MAX = 3;
/** What a reading shows that a call has cost is sent again so often. */
const MENDS_MAX = 3;
/** Refusals in a row after which an order is given up. */
export const REFUSALS_MAX = 8;
/** What waits for servers is looked at again after this, at the latest: mostly the pass that brings them into service does. */
const SERVERS_LOOK_MS = 60_000;

/**
 * What comes next of a declared group that somebody has asked for: one call, one question, one wait, or the end of the
 * orders. Pure.
 */
export function planDeclaration(input: DeclarationInput): DeclarationPlan {
  const { orders, row, nowMs } = input;
  if (orders.length === 0 && row.inFlight === null && row.moving === null) return still(row);
  const untilMs = unsettledUntilMs(input);
  if (untilMs !== null) return waiting(row, untilMs, 'a call about the group that may still take effect');
  const settled = { ...input, row: { ...row, inFlight: null } };
  if (orders.length === 0) return still({ ...settled.row, moving: null });
  if (row.notBeforeMs !== null && row.notBeforeMs > nowMs) {
    return waiting(row, row.notBeforeMs, 'another try of a call about the group');
  }
  if (row.held?.by === 'refusal' && row.refusals >= REFUSALS_MAX) {
    return answering(settled, { ...row, inFlight: null }, row.held);
  }
  if (orders.some(({ kind }) => kind === 'delete')) return planDelete(settled);
  return row.moving === null ? planApply(settled) : planMoving(settled, row.moving);
}

/** Until when something that is not seen yet may still show; `null` = what is seen is all there is. */
function unsettledUntilMs({ row, seen, timing }: DeclarationInput): number | null {
  const { inFlight, createdAtMs, groupId } = row;
  const lands = inFlight === null ? -Infinity : inFlight.sentAtMs + timing.callTimeoutMs + timing.settleMs;
  const isListed = seen.groups.some((group) => group.groupId === groupId);
  const shows =
    groupId === null || createdAtMs === null || isListed ? -Infinity : createdAtMs + timing.settleMs;
  const untilMs = Math.max(lands, shows);
  return seen.readAtMs < untilMs ? untilMs : null;
}

function planDelete(input: DeclarationInput): DeclarationPlan {
  const { row, nowMs } = input;
  const { group, held } = lookAtDeclaration(input);
  const [fault] = held;
  // What its listeners and rules lack is no reason to keep it.
  if (fault !== undefined && (group === null || input.seen.isLocked)) return answering(input, row, fault);
  if (group === null) {
    return answering(input, { ...row, groupId: null, createdAtMs: null, deletedAtMs: nowMs }, null);
  }
  const inUse = usersOf(group);
  if (!isUnused(group)) {
    const reason = `${group.groupId} is not deleted: ${inUse.join(', ')} still use${inUse.length === 1 ? 's' : ''} it`;
    return answering(input, row, { by: 'in-use', reason });
  }
  return sending(
    input,
    { ...row, groupId: group.groupId },
    { kind: 'delete', groupId: group.groupId },
    group.name,
  );
}

/** Who uses a group, for people. */
export function usersOf({ listeners, rules }: ListedGroup): ReadonlyArray<string> {
  return [
    ...listeners.map(groupListenerName),
    ...rules.map(({ ruleId, domain, url }) => `rule ${ruleId} (${domain}${url})`),
  ];
}

function planApply(input: DeclarationInput): DeclarationPlan {
  const { nowMs } = input;
  const { group, differences, held } = lookAtDeclaration(input);
  const isFound = group !== null && input.row.groupId !== group.groupId;
  const row: DeclarationRow = {
    ...input.row,
    groupId: group?.groupId ?? null,
    createdAtMs: isFound ? null : input.row.createdAtMs,
    filledAtMs: isFound ? null : input.row.filledAtMs,
    tagKeys: isFound ? keysOfOurs(input, group) : input.row.tagKeys,
    deletedAtMs: null,
  };
  const contested = differences.filter(({ target, step }) => isPointing(step) && isContested(input, target));
  const open = differences.filter((difference) => !contested.includes(difference));
  const holds = [...held, ...contested.map(contestedHold)];
  const [next] = open.filter(({ waitsFor }) => waitsFor === null);
  if (next !== undefined) return sendNext(input, row, next, holds);
  const [awaited] = open;
  if (awaited !== undefined) {
    const reason = awaited.waitsFor ?? '';
    return waiting({ ...row, held: joined(holds) }, nowMs + SERVERS_LOOK_MS, reason);
  }
  return answering(input, row, joined(holds));
}

/** What of a found group's tags is the declaration's: it was found by them, or takes them over. */
function keysOfOurs({ binding }: DeclarationInput, { tags }: ListedGroup): ReadonlyArray<string> {
  const declared = new Set([BINDING_TAG, ...binding.group.tags.map(({ key }) => key)]);
  return tags.flatMap(({ key }) => (declared.has(key) ? [key] : [])).sort();
}

function sendNext(
  input: DeclarationInput,
  row: DeclarationRow,
  { step, target }: Difference,
  holds: ReadonlyArray<DeclarationHold>,
): DeclarationPlan {
  const next = { ...row, held: joined(holds) };
  if (step.kind !== 'point') return sending(input, next, step, target);
  const before = input.settings.get(target);
  if (before === undefined) return asking(row, step.listener);
  const moving = { listener: step.listener, before, mends: 0 };
  return sending(input, { ...next, moving }, { ...step, settings: settingsToSend(before) }, target);
}

/** A listener that was pointed at the group is read back, and what that has cost it is sent again. */
function planMoving(input: DeclarationInput, moving: MovingListener): DeclarationPlan {
  const { row, settings, binding, seen } = input;
  const { listener, before, mends } = moving;
  const target = groupListenerName(listener);
  const now = settings.get(target);
  const listed = seen.listeners.find(
    ({ protocol, port }) => protocol === listener.protocol && port === listener.port,
  );
  const done = { ...row, moving: null };
  const isHere = listed?.target.kind === 'vserver-group' && listed.target.groupId === row.groupId;
  if (!isHere || row.groupId === null) return planApply({ ...input, row: done });
  if (now === undefined) return asking(row, listener);
  const lost = lostSettings(before, now);
  if (Object.keys(lost).length > 0 && mends < MENDS_MAX) {
    const { loadBalancerId } = binding;
    const { groupId } = row;
    const step = {
      kind: 'point',
      loadBalancerId,
      listener,
      groupId,
      leavesPair: false,
      settings: lost,
    } as const;
    return sending(input, { ...row, moving: { ...moving, mends: mends + 1 } }, step, target);
  }
  const changed = describeDifferences(before, now);
  const rest = planApply({ ...input, row: done });
  return changed === null
    ? rest
    : { ...rest, remarks: [...rest.remarks, `${target} differs from before: ${changed}`] };
}

function isPointing(step: DeclarationStep): boolean {
  return step.kind === 'point' || step.kind === 'point-rule';
}

function isContested({ row, timing, nowMs }: DeclarationInput, target: string): boolean {
  const pointed = row.points[target];
  return pointed !== undefined && pointed.count >= POINTS_MAX && nowMs - pointed.sinceMs < timing.contestMs;
}

function contestedHold({ target, text }: Difference): DeclarationHold {
  const reason = `${text}: somebody has pointed ${target} elsewhere ${POINTS_MAX} times after it was pointed here`;
  return { by: 'contested', reason };
}

function joined(holds: ReadonlyArray<DeclarationHold>): DeclarationHold | null {
  const [first] = holds;
  if (first === undefined) return null;
  return { by: first.by, reason: holds.map(({ reason }) => reason).join('; ') };
}

function still(row: DeclarationRow): DeclarationPlan {
  return { row, step: null, needsListener: null, wake: null, answered: [], remarks: [] };
}

function waiting(row: DeclarationRow, atMs: number, reason: string): DeclarationPlan {
  return { ...still(row), wake: { atMs, reason } };
}

function asking(row: DeclarationRow, listener: GroupListener): DeclarationPlan {
  return { ...still(row), needsListener: listener };
}

function answering(
  { orders }: DeclarationInput,
  row: DeclarationRow,
  held: DeclarationHold | null,
): DeclarationPlan {
  const ended = { ...row, held, refusals: 0, notBeforeMs: null };
  return { ...still(ended), answered: orders.map(({ orderId }) => orderId) };
}

function sending(
  { nowMs }: DeclarationInput,
  row: DeclarationRow,
  step: DeclarationStep,
  target: string,
): DeclarationPlan {
  const inFlight = { api: operationOf(step), target, sentAtMs: nowMs };
  return { ...still({ ...row, inFlight }), step };
}
