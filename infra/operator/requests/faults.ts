import type * as z from 'zod';
import { describeValue, formatPath } from '../../../shared/config/faults.ts';
import { canonicalFault } from '../../../shared/events/json.ts';
import { type AdmissionPolicy, admit } from '../../../shared/requests/admission.ts';
import {
  CHANGE_KINDS,
  type ChangeRequest,
  ChangeRequestSchema,
  REQUEST_BYTES_MAX,
} from '../../../shared/requests/document.ts';

/** What to call a member of the document, by its path, where an option of the command line made it, and an example of it. */
export type PlaceNames = Readonly<Record<string, { readonly name: string; readonly example: string }>>;

/** A request that can be sent, or everything that is wrong with it: a sentence per fault. */
export type Checked =
  | { readonly kind: 'request'; readonly request: ChangeRequest }
  | { readonly kind: 'faulty'; readonly faults: ReadonlyArray<string> };

/** Reads a document as the functions will. Faults name the option, or the path where it has no name. */
export function checkDocument(document: unknown, names: PlaceNames): Checked {
  const broken = canonicalFault(document);
  if (broken !== null) return { kind: 'faulty', faults: [`The request cannot be signed: it has ${broken}.`] };
  const bytes = Buffer.byteLength(JSON.stringify(document) ?? '');
  if (bytes > REQUEST_BYTES_MAX) {
    const fault = `The request has ${bytes} bytes; at most ${REQUEST_BYTES_MAX} are allowed.`;
    return { kind: 'faulty', faults: [fault] };
  }
  const parsed = ChangeRequestSchema.safeParse(document);
  if (parsed.success) return { kind: 'request', request: parsed.data };
  // What has the wrong form fails the checks that go by its form, too: the first fault of a place tells enough.
  const places = new Set<string>();
  const issues = parsed.error.issues.filter(({ path }) => {
    const place = path.join('.');
    return !places.has(place) && places.add(place);
  });
  return { kind: 'faulty', faults: issues.flatMap((issue) => told(issue, document, names)) };
}

/** Why the functions would refuse a request, by the configuration at hand; `null` = they would not, as far as it tells. */
export function refusalOf(request: ChangeRequest, policy: AdmissionPolicy, nowMs: number): string | null {
  const admission = admit(request, policy, nowMs);
  if (admission.kind !== 'refused') return null;
  const hint = admission.code === 'unsigned' ? '; --key FILE signs it' : '';
  return `It would be refused (${admission.code}): ${admission.reason}${hint}.`;
}

type Issue = z.core.$ZodIssue;

function told(issue: Issue, document: unknown, names: PlaceNames): ReadonlyArray<string> {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const place = nameOf(path, names);
  // Values of members that nobody knows may be anything, secrets too.
  if (issue.code === 'unrecognized_keys') {
    const of = path.length === 0 ? 'the request' : place;
    return issue.keys.map((key) => `${nameOf([...path, key], names)}: ${of} has no such member.`);
  }
  const value = path.reduce<unknown>(
    (within, step) =>
      typeof within === 'object' && within !== null
        ? (within as Readonly<Record<string, unknown>>)[step]
        : undefined,
    document,
  );
  if (path.length === 0 && issue.code === 'invalid_type') return ['The request is no JSON object.'];
  if (value === undefined) {
    const example = names[path.join('.')]?.example;
    return [`${place} is missing${example === undefined ? '' : ` (${example})`}.`];
  }
  // Of what is wrong with a whole map its members have told already what they are.
  const found = typeof value === 'object' && !Array.isArray(value) ? '' : `found ${describeValue(value)}, `;
  return [`${place}: ${found}allowed is ${allowedBy(issue)}.`];
}

/** The closest name above the place; the path itself where there is none. */
function nameOf(path: ReadonlyArray<string | number>, names: PlaceNames): string {
  for (let length = path.length; length > 0; length--) {
    const name = names[path.slice(0, length).join('.')]?.name;
    if (name !== undefined) return name;
  }
  return formatPath(path);
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

/** What may stand there, in words. Those of the schema itself are the best. */
function allowedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.join(', ')}`;
    case 'invalid_union':
      return `one of ${CHANGE_KINDS.join(', ')}`;
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'base64' ? 'Base64' : issue.message;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' of them' : '';
}
