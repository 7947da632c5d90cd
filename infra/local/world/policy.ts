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
  for (const statement of documents.flatMap((document) => document.Statement)) {
    const matches =
      statement.Action.some((pattern) => matchesWildcard(pattern.toLowerCase(), action.toLowerCase())) &&
      statement.Resource.some((pattern) => matchesWildcard(pattern, resource));
    if (!matches) continue;
    if (statement.Effect === 'Deny') return false;
    allowed = true;
  }
  return allowed;
}

/** `*` stands for any run of characters and `?` for one, as in RAM policies. */
function matchesWildcard(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
