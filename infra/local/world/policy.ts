import { z } from 'zod';

const oneOrMany = z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat());

/** A RAM policy document as we ship it. Conditions are refused: the local clouds must not pretend to judge them. */
export const PolicyDocumentSchema = z.strictObject({
  Version: z.literal('1'),
  Statement: z.array(
    z.strictObject({ Effect: z.enum(['Allow', 'Deny']), Action: oneOrMany, Resource: oneOrMany }),
  ),
});
/** @see PolicyDocumentSchema */
export type PolicyDocument = z.infer<typeof PolicyDocumentSchema>;

/** Whether the documents together allow `action` on `resource`. A Deny beats every Allow; silence denies. */
export function isAllowed(
  documents: ReadonlyArray<PolicyDocument>,
  action: string,
  resource: string,
): boolean {
  let allowed = false;
  for (const { isDeny, actions, resources } of statementsOf(documents)) {
    const matches =
      actions.some((pattern) => pattern.test(action.toLowerCase())) &&
      resources.some((pattern) => pattern.test(resource));
    if (!matches) continue;
    if (isDeny) return false;
    allowed = true;
  }
  return allowed;
}

interface CompiledStatement {
  readonly isDeny: boolean;
  readonly actions: ReadonlyArray<RegExp>;
  readonly resources: ReadonlyArray<RegExp>;
}

// Documents are never changed in place, and every call of every function is judged by the same few.
const compiled = new WeakMap<ReadonlyArray<PolicyDocument>, ReadonlyArray<CompiledStatement>>();

function statementsOf(documents: ReadonlyArray<PolicyDocument>): ReadonlyArray<CompiledStatement> {
  const known = compiled.get(documents);
  if (known !== undefined) return known;
  const statements = documents
    .flatMap(({ Statement }) => Statement)
    .map(({ Effect, Action, Resource }) => ({
      isDeny: Effect === 'Deny',
      actions: Action.map((pattern) => wildcard(pattern.toLowerCase())),
      resources: Resource.map(wildcard),
    }));
  compiled.set(documents, statements);
  return statements;
}

/** `*` stands for any run of characters and `?` for one, as in RAM policies. */
function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
