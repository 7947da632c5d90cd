import { backoffMs } from '../backoff.ts';
import type { Random } from '../clock.ts';
import { describeError, InvariantError, type Refusal, RejectedError, TransientError } from '../errors.ts';
import { GroupInUseError } from '../pairs/errors.ts';
import type { DeclarationStep, ListedGroup, ListedListener, ObservedGroups } from './model.ts';
import type { DeclarationRow } from './record.ts';

const BUSY_BASE_MS = 1_000;
const BUSY_MAX_MS = 15_000;
const REJECTED_BASE_MS = 60_000;
const REJECTED_MAX_MS = 15 * 60_000;
/** Only another release helps. */
const DEFECT_MS = 60 * 60_000;
/** A code that nobody knows has so many tries to go away by itself. */
const UNRECOGNISED_TRIES = 5;
/** SLB may count a listener for some minutes that has let go. */
const IN_USE_TRIES = 20;

/**
 * The row after its call was answered. `groupId` = of the group that was made; how often something was pointed at the group is
 * counted for `contestMs`.
 */
export function afterAnswer(
  row: DeclarationRow,
  step: DeclarationStep,
  groupId: string | null,
  nowMs: number,
  contestMs: number,
): DeclarationRow {
  const settled = { ...row, inFlight: null, refusals: 0, notBeforeMs: null };
  switch (step.kind) {
    case 'create':
      return {
        ...settled,
        groupId,
        createdAtMs: nowMs,
        filledAtMs: null,
        tagKeys: step.tags.map(({ key }) => key).sort(),
      };
    case 'tag':
      return {
        ...settled,
        tagKeys: [...new Set([...row.tagKeys, ...step.tags.map(({ key }) => key)])].sort(),
      };
    case 'untag':
      return { ...settled, tagKeys: row.tagKeys.filter((key) => !step.keys.includes(key)) };
    case 'delete':
      return step.groupId === row.groupId
        ? { ...settled, groupId: null, createdAtMs: null, tagKeys: [], deletedAtMs: nowMs }
        : settled;
    case 'point':
      // What is sent again to mend a listener does not point it once more.
      return (row.moving?.mends ?? 0) > 0
        ? settled
        : { ...settled, points: pointedOnce(row, nowMs, contestMs) };
    case 'point-rule':
      return { ...settled, points: pointedOnce(row, nowMs, contestMs) };
    default:
      return settled;
  }
}

function pointedOnce(
  { points, inFlight }: DeclarationRow,
  nowMs: number,
  contestMs: number,
): DeclarationRow['points'] {
  if (inFlight === null) return points;
  const { target } = inFlight;
  const recent = Object.fromEntries(
    Object.entries(points).filter(([, { sinceMs }]) => nowMs - sinceMs < contestMs),
  );
  const { count, sinceMs } = recent[target] ?? { count: 0, sinceMs: nowMs };
  return { ...recent, [target]: { count: count + 1, sinceMs } };
}

/** The row after its call failed: when it may be sent again, and why it was refused. What an unanswered call did is seen later. */
export function afterFailure(
  row: DeclarationRow,
  step: DeclarationStep,
  error: Refusal,
  random: Random,
  nowMs: number,
): DeclarationRow {
  const refusals = row.refusals + 1;
  const notBeforeMs = Math.ceil(nowMs + waitMsOf(error, refusals, random));
  if (error instanceof TransientError && error.reason === 'unknown-outcome') {
    return { ...row, refusals, notBeforeMs };
  }
  const moving = step.kind === 'point' && row.moving?.mends === 0 ? null : row.moving;
  const later = { ...row, inFlight: null, moving, refusals, notBeforeMs };
  if (isPatient(error, refusals)) return later;
  const by = error instanceof GroupInUseError ? 'in-use' : 'refusal';
  return { ...later, held: { by, reason: describeError(error) } };
}

/** Whether it may pass by itself, so that nothing is held yet. */
function isPatient(error: Refusal, refusals: number): boolean {
  if (error instanceof GroupInUseError) return refusals <= IN_USE_TRIES;
  if (error instanceof TransientError) {
    return error.reason !== 'unrecognised' || refusals <= UNRECOGNISED_TRIES;
  }
  return !(error instanceof RejectedError || error instanceof InvariantError);
}

function waitMsOf(error: Refusal, refusals: number, random: Random): number {
  if (error instanceof TransientError && error.retryAfterMs !== null) return error.retryAfterMs;
  if (isPatient(error, refusals)) return backoffMs(refusals, random, BUSY_BASE_MS, BUSY_MAX_MS);
  if (error instanceof InvariantError) return DEFECT_MS;
  const heldForMs = (error instanceof RejectedError ? error.heldForMs : null) ?? REJECTED_BASE_MS;
  return Math.min(Math.max(heldForMs, REJECTED_MAX_MS), heldForMs * 2 ** Math.min(refusals - 1, 10));
}

/** What is known of the groups once the step was answered, without reading them. */
export function withAnswer(
  seen: ObservedGroups,
  step: DeclarationStep,
  groupId: string | null,
): ObservedGroups {
  const changed = (id: string, change: (group: ListedGroup) => ListedGroup) => ({
    ...seen,
    groups: seen.groups.map((group) => (group.groupId === id ? change(group) : group)),
  });
  switch (step.kind) {
    case 'create': {
      if (groupId === null) return seen;
      const { name, tags } = step;
      const group = { groupId, name, serverCount: 0, tags, listeners: [], rules: [] };
      return { ...seen, groups: [...seen.groups, group] };
    }
    case 'rename':
      return changed(step.groupId, (group) => ({ ...group, name: step.name }));
    case 'tag': {
      const keys = step.tags.map(({ key }) => key);
      return changed(step.groupId, (group) => ({
        ...group,
        tags: [...group.tags.filter(({ key }) => !keys.includes(key)), ...step.tags],
      }));
    }
    case 'untag':
      return changed(step.groupId, (group) => ({
        ...group,
        tags: group.tags.filter(({ key }) => !step.keys.includes(key)),
      }));
    case 'point':
      return {
        ...seen,
        listeners: seen.listeners.map((listener) => pointed(listener, step)),
      };
    case 'point-rule':
    case 'create-rule':
      return withRule(seen, step);
    case 'delete':
      return { ...seen, groups: seen.groups.filter((group) => group.groupId !== step.groupId) };
  }
}

function pointed(
  listener: ListedListener,
  step: Extract<DeclarationStep, { kind: 'point' }>,
): ListedListener {
  const isIt = listener.protocol === step.listener.protocol && listener.port === step.listener.port;
  return isIt ? { ...listener, target: { kind: 'vserver-group', groupId: step.groupId } } : listener;
}

function withRule(
  seen: ObservedGroups,
  step: Extract<DeclarationStep, { kind: 'point-rule' | 'create-rule' }>,
): ObservedGroups {
  const { groupId } = step;
  if (step.kind === 'create-rule') {
    const { listener, domain, url } = step;
    return { ...seen, rules: [...seen.rules, { ruleId: '', listener, domain, url, groupId }] };
  }
  const { ruleId } = step;
  const found = seen.groups.flatMap(({ rules }) => rules).find((rule) => rule.ruleId === ruleId);
  return {
    ...seen,
    rules: seen.rules.map((rule) => (rule.ruleId === ruleId ? { ...rule, groupId } : rule)),
    groups: seen.groups.map((group) => {
      const others = group.rules.filter((rule) => rule.ruleId !== ruleId);
      const isHere = group.groupId === groupId && found !== undefined;
      return { ...group, rules: isHere ? [...others, found] : others };
    }),
  };
}
