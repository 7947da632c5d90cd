import { readFileSync } from 'node:fs';
import * as z from 'zod';

/**
 * What is to be done about a code. `backend`: SLB refuses a whole call because of one server in it; `backend-yet`: the same,
 * and it may pass within seconds; `rejected` is looked at again after a minute, `forbidden` after five, `defect` after an hour,
 * each ever more seldom.
 */
export type NextStep =
  | 'throttled'
  | 'busy'
  | 'unavailable'
  | 'unknown-outcome'
  | 'not-yet'
  | 'backend'
  | 'backend-yet'
  | 'rejected'
  | 'forbidden'
  | 'missing-group'
  | 'missing-listener'
  | 'in-use'
  | 'conflict'
  | 'defect'
  | 'unrecognised';

/** A refusal that the vendor documents. */
export interface DocumentedCode {
  /** `*` = every operation. */
  readonly operation: string;
  readonly code: string;
  readonly status: number;
  readonly message: string;
  /** The page that lists it. */
  readonly source: string;
  readonly next: NextStep;
}

const Schema = z.array(
  z.object({
    operation: z.string(),
    code: z.string(),
    status: z.number(),
    message: z.string(),
    source: z.url(),
    next: z.string(),
  }),
);

/** All of them, as the vendor's pages list them; never taken from the code that is tested with them. */
export const DOCUMENTED_CODES = Schema.parse(
  JSON.parse(readFileSync(new URL('./slb-codes.json', import.meta.url), 'utf8')),
) as ReadonlyArray<DocumentedCode>;

/** Those that an operation may be answered with, and one that no page lists. */
export function codesOf(operation: string): ReadonlyArray<DocumentedCode> {
  const unknown = {
    operation,
    code: 'NeverHeardOf.SuchACode',
    status: 400,
    message: 'The moon is in the wrong quarter.',
    source: 'https://example.com/',
    next: 'unrecognised',
  } as const;
  return [...DOCUMENTED_CODES.filter((each) => ['*', operation].includes(each.operation)), unknown];
}
