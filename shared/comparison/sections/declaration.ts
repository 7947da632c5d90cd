import { isUnused } from '../../declarations/find.ts';
import { isToBeKept, type SeenDeclaration } from '../../declarations/look.ts';
import { type DeclarationStep, operationOf } from '../../declarations/model.ts';
import { usersOf } from '../../declarations/plan.ts';
import type { DeclarationGateway } from '../../declarations/ports.ts';
import { canonicalText } from '../../events/json.ts';
import { instant } from '../../times.ts';
import type { ChangeAction, PlanLine } from './model.ts';

/** The call that a step would make. */
export type CallOf = DeclarationGateway['callOf'];

/** For whoever only counts the calls: their names. */
export function unnamedCall(step: DeclarationStep): ReturnType<CallOf> {
  return { api: operationOf(step), parameters: {} };
}

/** What would be done about a declared group itself, in order, and what keeps it from being as declared. */
export function declarationLines(
  { binding, row, differences, held }: SeenDeclaration,
  callOf: CallOf,
): ReadonlyArray<PlanLine> {
  const subject = subjectOf(binding.name);
  const holds = held.map(({ by, reason }): PlanLine => ({ kind: 'held', subject, by, reason }));
  const refusal: ReadonlyArray<PlanLine> =
    row.held?.by === 'refusal' && differences.length > 0
      ? [{ kind: 'held', subject, by: 'refusal', reason: row.held.reason }]
      : [];
  const changes = differences.map(({ text, step, waitsFor }): PlanLine => {
    const { api, parameters } = callOf(step);
    const to = `${api} ${canonicalText(parameters)}`;
    const reason = waitsFor === null ? 'declared' : `declared; waits for ${waitsFor}`;
    return { kind: 'change', subject, action: actionOf(step), from: '', to, text, reason };
  });
  return [...holds, ...refusal, ...changes];
}

function actionOf({ kind }: DeclarationStep): ChangeAction {
  if (kind === 'create' || kind === 'create-rule') return 'create';
  return kind === 'delete' ? 'delete' : 'call';
}

/** What a deletion by order would do: delete the group, or nothing as long as somebody uses it. */
export function deletionLines(
  { binding, group }: Pick<SeenDeclaration, 'binding' | 'group'>,
  callOf: CallOf,
): ReadonlyArray<PlanLine> {
  if (group === null) return [];
  const subject = subjectOf(binding.name);
  const { groupId, serverCount } = group;
  if (!isUnused(group)) {
    const reason = `${groupId} is used by ${usersOf(group).join(', ')}: point them elsewhere first`;
    return [{ kind: 'held', subject, by: 'in-use', reason }];
  }
  const { api, parameters } = callOf({ kind: 'delete', groupId });
  const to = `${api} ${canonicalText(parameters)}`;
  const text = `delete ${groupId} with ${serverCount} server-port${serverCount === 1 ? '' : 's'}`;
  const reason = 'asked for with --delete; no listener and no rule uses it';
  return [{ kind: 'change', subject, action: 'delete', from: '', to, text, reason }];
}

/** What people should know of a declared group beside. */
export function remarksOnDeclaration(declaration: SeenDeclaration): ReadonlyArray<string> {
  const { binding, group, differences, orders, row } = declaration;
  const isIdle = differences.length > 0 && orders.length === 0 && !isToBeKept(declaration);
  const whose = row.deletedAtMs === null ? '' : `; it was deleted by order at ${instant(row.deletedAtMs)}`;
  const unused = group !== null && differences.length === 0 && isUnused(group);
  const declaresUse = binding.group.listeners.length + binding.group.rules.length > 0;
  return [
    ...(isIdle
      ? [`only autopilot apply changes the group itself (manage: group has comparisons do it)${whose}`]
      : []),
    ...(group === null && differences.length > 0 ? ['its servers join once the group is there'] : []),
    ...(orders.length > 0 ? ['the group itself is being worked on'] : []),
    ...(unused && !declaresUse ? ['the declaration names no listener and no rule that uses the group'] : []),
  ];
}

const SUBJECT_PREFIX = 'group:';

/** Stands for a declared group in plans, whether it exists or not. */
export function subjectOf(bindingName: string): string {
  return `${SUBJECT_PREFIX}${bindingName}`;
}

/** The binding whose declared group a subject stands for; `null` = it stands for something else. */
export function bindingOfSubject(subject: string): string | null {
  return subject.startsWith(SUBJECT_PREFIX) ? subject.slice(SUBJECT_PREFIX.length) : null;
}
