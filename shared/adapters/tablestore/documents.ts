import type * as z from 'zod';
import { InvariantError } from '../../errors.ts';

/** Reads a JSON column that we wrote ourselves; anything else in it is a defect or somebody else's hand. */
export function readDocument<T>(schema: z.ZodType<T>, table: string, text: unknown): T {
  let content: unknown;
  try {
    content = JSON.parse(String(text));
  } catch (cause) {
    throw new InvariantError(`table ${table}: a document is not JSON`, undefined, cause);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new InvariantError(`table ${table}: a document is not of our shape`, undefined, parsed.error);
}
