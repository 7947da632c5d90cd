import type { DeclarationInput, ListedGroup } from './model.ts';

/** What a call about a declared group was decided from, as the audit keeps it: plain JSON, from which `inputOf` makes the input again. */
export interface RecordedDeclaration {
  readonly declarationInput: Readonly<Record<string, unknown>>;
}

/** What the audit keeps of a plan's input: of the load balancer's groups those that the declaration is about. */
export function recordedInput(
  input: DeclarationInput,
): RecordedDeclaration & Readonly<Record<string, unknown>> {
  const { settings, seen, ...plain } = input;
  const groups = seen.groups.filter((group) => isConcerned(group, input));
  return { declarationInput: { ...plain, seen: { ...seen, groups }, settings: [...settings] } };
}

/** The input of a recorded decision, to be planned with again. */
export function inputOf({ declarationInput }: RecordedDeclaration): DeclarationInput {
  const stored = declarationInput as unknown as StoredInput;
  return { ...stored, settings: new Map(stored.settings) };
}

type StoredInput = Omit<DeclarationInput, 'settings'> & {
  readonly settings: ReadonlyArray<readonly [string, Readonly<Record<string, string>>]>;
};

function isConcerned(
  { groupId, name, rules }: ListedGroup,
  { binding: { group }, row, seen }: DeclarationInput,
): boolean {
  if (name === group.name || groupId === row.groupId) return true;
  const ids = group.rules.flatMap((rule) => (rule.kind === 'id' ? [rule.ruleId] : []));
  if (rules.some(({ ruleId }) => ids.includes(ruleId))) return true;
  const listeners = seen.listeners.flatMap(({ target }) =>
    target.kind === 'default' ? [] : [target.groupId],
  );
  return listeners.includes(groupId) || seen.rules.some((rule) => rule.groupId === groupId);
}
