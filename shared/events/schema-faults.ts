import type * as z from 'zod';
import { cleaned } from './ignored-kinds.ts';

/** Members that are not known and are named; who sent them knows the others. */
const NAMES_MAX = 3;
/** Longest name of ours has half of that. Shorter than a signature: one that stands where a name should is not repeated. */
const NAME_LENGTH_MAX = 40;

/**
 * The faults that a schema found, in one line, each with its path; none of them repeats a value. Names that are not known are
 * a stranger's words, and no longer or wilder than logs can bear.
 */
export function faultsOf(what: string, error: z.ZodError): string {
  return `${what}: ${error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${messageOf(issue)}`).join('; ')}`;
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const names = issue.keys.slice(0, NAMES_MAX).map((name) => `"${cleaned(name.slice(0, NAME_LENGTH_MAX))}"`);
  const more = issue.keys.length - names.length;
  return `no such member: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
