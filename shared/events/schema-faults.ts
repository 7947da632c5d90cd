import type * as z from 'zod';

/** The faults that a schema found, in one line, each with its path; none of them repeats a value. */
export function faultsOf(what: string, error: z.ZodError): string {
  return `${what}: ${error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`).join('; ')}`;
}
