import { parseBatch } from '../../../shared/events/interpret.ts';
import { isObject } from '../../../shared/events/json.ts';
import type { InboundEvent } from '../../../shared/events/model.ts';
import { type Admission, admit } from '../../../shared/requests/admission.ts';
import type { ChangeRequest } from '../../../shared/requests/document.ts';
import { NOW_MS } from '../builders.ts';
import { FUZZ_POLICY, plainHash, plainText, wasSigned } from './corpus.ts';
import type { Mutant } from './mutant.ts';

/** What became of a document. */
export interface Judgement {
  /** `admitted`, `refused: …` with the code, or the kind of event that it was taken for. */
  readonly outcome: string;
  /** The rules that it broke; empty is what it has to be. */
  readonly broken: ReadonlyArray<string>;
  /** Reading and admitting it, without the making and the judging. */
  readonly tookMs: number;
}

/** One event and, of a request, what was decided about it. */
interface Decided {
  readonly event: InboundEvent;
  readonly admission: Admission | null;
}

/** The same request where nobody has to sign: what always takes a signature is refused there, too. */
const OPEN_POLICY = {
  ...FUZZ_POLICY,
  requests: { ...FUZZ_POLICY.requests, areSignaturesRequired: false },
};
const REASON_CHARS_MAX = 300;

/** Reads a document, decides about it and says which rules that broke. Never throws: a throw breaks a rule. */
export function judge(mutant: Mutant): Judgement {
  const startedAtMs = performance.now();
  let decided: ReadonlyArray<Decided>;
  try {
    decided = parseBatch(mutant.payload).map((event) => ({
      event,
      admission: event.kind === 'change-request' ? admit(event.request, FUZZ_POLICY, NOW_MS) : null,
    }));
  } catch (error) {
    const tookMs = performance.now() - startedAtMs;
    return { outcome: 'thrown', broken: [`nothing is thrown, but ${String(error)}`], tookMs };
  }
  const tookMs = performance.now() - startedAtMs;
  const inner = mutant.hasNeighbours ? decided.slice(1, -1) : decided;
  const broken = Object.entries(RULES).flatMap(([rule, holds]) =>
    holds(mutant, decided, inner) ? [] : [rule],
  );
  return { outcome: outcomeOf(inner[0]), broken, tookMs };
}

function outcomeOf(first: Decided | undefined): string {
  if (first === undefined) return 'nothing';
  const { event, admission } = first;
  if (admission === null) return event.kind;
  return admission.kind === 'refused' ? `refused: ${admission.code}` : admission.kind;
}

type Rule = (mutant: Mutant, decided: ReadonlyArray<Decided>, inner: ReadonlyArray<Decided>) => boolean;

/** What holds whatever comes. None of it asks the code that it judges. */
const RULES: Readonly<Record<string, Rule>> = {
  'every message is accounted for': ({ hasNeighbours }, decided, inner) =>
    inner.length > 0 &&
    (!hasNeighbours || [decided.at(0), decided.at(-1)].every((each) => each?.event.kind === 'tick')),
  'nothing is admitted that was not signed': (_, decided) =>
    admitted(decided).every(({ request }) => wasSigned(request)),
  'nothing is admitted that says more or less than was signed': ({ document }, decided) =>
    admitted(decided).every(({ request }) => document === null || saysJust(request, document)),
  'a request goes by the hash of all that it says': (_, decided) =>
    admitted(decided).every(({ request, payloadHash }) => payloadHash === plainHash(request)),
  'what was signed is admitted in every spelling': ({ damages, specimen }, _, inner) =>
    damages.length > 0 || !specimen.isGood || (inner.length === 1 && admitted(inner).length === 1),
  'lifted guards and approvals are signed wherever they come from': (_, decided) =>
    decided.every(
      ({ event }) =>
        event.kind !== 'change-request' ||
        event.request.signature !== undefined ||
        !/^(?:lift-guard|approve)$/.test(event.request.change.kind) ||
        admit(event.request, OPEN_POLICY, NOW_MS).kind === 'refused',
    ),
  'reasons are short lines without the signature': ({ specimen }, decided) =>
    decided.every(({ event, admission }) =>
      [event, admission].every(
        (each) => each === null || !('reason' in each) || isFit(each.reason, specimen.value),
      ),
    ),
  'no defect is taken for a fault of the document': (_, decided) =>
    decided.every(({ event }) => event.kind !== 'not-understood' || !event.reason.startsWith('defect')),
  'prototypes gain and lose nothing': () =>
    PROTOTYPES.every(({ of, count }) => Reflect.ownKeys(of).length === count),
  'what is read is plain': (_, decided) => decided.every(({ event }) => isPlain(event)),
};

function admitted(decided: ReadonlyArray<Decided>) {
  return decided.flatMap(({ event, admission }) =>
    event.kind === 'change-request' && admission !== null && admission.kind !== 'refused' ? [event] : [],
  );
}

/** Whether the document, as Node reads it, is this request; what is not JSON by itself is not compared. */
function saysJust(request: ChangeRequest, document: string): boolean {
  let said: unknown;
  try {
    said = JSON.parse(document);
  } catch {
    return true;
  }
  if (!isObject(said)) return true;
  return plainText(String(said.kind).endsWith('-again') ? said.request : said) === plainText(request);
}

function isFit(reason: string, value: string): boolean {
  return reason.length <= REASON_CHARS_MAX && /^\P{C}+$/u.test(reason) && !reason.includes(value);
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isExpected =
    prototype === null || prototype === (Array.isArray(value) ? Array.prototype : Object.prototype);
  return isExpected && Object.values(value).every(isPlain);
}

/** Whether all that objects, lists, texts and functions inherit is what it was at the start. Too slow for each document. */
export function arePrototypesAsBefore(): boolean {
  return PROTOTYPES.every(({ of, before }) => {
    const now = ownOf(of);
    return before.length === now.length && before.every((value, index) => Object.is(value, now[index]));
  });
}

/** The own properties of an object, with what they are. */
function ownOf(object: object): ReadonlyArray<unknown> {
  return Reflect.ownKeys(object).flatMap((key) => {
    const { value, get } = Object.getOwnPropertyDescriptor(object, key) ?? {};
    return [key, value, get];
  });
}

const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Function.prototype].map((of) => ({
  of,
  count: Reflect.ownKeys(of).length,
  before: ownOf(of),
}));
