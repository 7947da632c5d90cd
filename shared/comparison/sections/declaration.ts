import { isUnused } from '../../declarations/find.ts';
import { isToBeKept, type SeenDeclaration } from '../../declarations/look.ts';
import { type DeclarationStep, operationOf } from '../../declarations/model.ts';
import type { DeclarationGateway } from '../../declarations/ports.ts';
import { canonicalText } from '../../events/json.ts';
import { instant } from '../../times.ts';
import type { PlanLine } from './model.ts';

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
    return { kind: 'change', subject, action: 'call', from: '', to, text, reason };
  });
  return [...holds, ...refusal, ...changes];
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
    ...(orders.length > 0 ? ['the group itself is being worked on'] : []),
    ...(unused && !declaresUse ? ['the declaration names no listener and no rule that uses the group'] : []),
  ];
}

/** Stands for a declared group in plans, whether it exists or not. */
export function subjectOf(bindingName: string): string {
  return `group:${bindingName}`;
}
