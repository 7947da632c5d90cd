import { RejectedError, type TransientReason } from '../../../errors.ts';

/** What the caller does next about a refusal. */
export type NextAction =
  /** Comes back by itself; the reason says with which patience. */
  | { readonly kind: 'transient'; readonly reason: TransientReason }
  /** Is held for so long (`null` = it may pass within seconds), then looked at ever more seldom. */
  | { readonly kind: 'rejected'; readonly heldForMs: number | null; readonly as: typeof RejectedError }
  /** Reads again and plans anew: the cloud is not as it was read. */
  | { readonly kind: 'conflict' }
  /** Only a defect of ours can have led to it: nothing but another release mends it. */
  | { readonly kind: 'invariant' };

/** What a code means. */
export interface Meaning {
  readonly code: string;
  /** Only of these operations; left out = of every one. */
  readonly of?: RegExp;
  /** Only with this status, or these words, where the code alone says too little. */
  readonly status?: number;
  readonly words?: RegExp;
  readonly next: NextAction;
  /** One sentence for people: what is wrong, where, what is allowed or what to do. No full stop. */
  readonly text: string;
  /** The API's own words say more, such as which server: they are told as well. */
  readonly isQuoted: boolean;
}

/** Where a meaning holds. */
export type Scope = Pick<Meaning, 'of' | 'status' | 'words'>;

/** A refusal as it came. */
export interface RefusedCall {
  readonly api: string;
  readonly code: string;
  readonly status: number;
  /** The API's own words; empty = none. */
  readonly words: string;
}

/** All that is known of a product's refusals. */
export interface RefusalTable {
  /** The first meaning that fits; `null` = the code is not known. */
  find(call: RefusedCall): Meaning | null;
  /** What is done about a code that is not known, unless the server itself has failed. */
  readonly unknown: NextAction;
}

const MINUTE_MS = 60_000;

/** The resource, or the whole load balancer, is being changed. */
export const BUSY: NextAction = { kind: 'transient', reason: 'busy' };
/** Refused before it took effect, by a server that is not well. */
export const UNAVAILABLE: NextAction = { kind: 'transient', reason: 'unavailable' };
/** Read before deciding anything. */
export const UNKNOWN_OUTCOME: NextAction = { kind: 'transient', reason: 'unknown-outcome' };
/** The cloud is about to learn of it. */
export const NOT_YET: NextAction = { kind: 'transient', reason: 'not-yet' };
/** The account's calls of this operation are used up. */
export const THROTTLED: NextAction = { kind: 'transient', reason: 'throttled' };
/** Tried a few times, then held. */
export const UNRECOGNISED: NextAction = { kind: 'transient', reason: 'unrecognised' };
/** Somebody has to change something in the cloud or in the configuration. */
export const REJECTED: NextAction = { kind: 'rejected', heldForMs: MINUTE_MS, as: RejectedError };
/** Somebody has to change a policy, a key or a bill. */
export const FORBIDDEN: NextAction = { kind: 'rejected', heldForMs: 5 * MINUTE_MS, as: RejectedError };
/** @see NextAction */
export const CONFLICT: NextAction = { kind: 'conflict' };
/** @see NextAction */
export const DEFECT: NextAction = { kind: 'invariant' };

/** Codes with the same next action, told as they are written here. */
export function meanings(
  next: NextAction,
  texts: Readonly<Record<string, string>>,
  scope: Scope = {},
): ReadonlyArray<Meaning> {
  return Object.entries(texts).map(([code, text]) => ({ ...scope, code, next, text, isQuoted: false }));
}

/** The same for codes whose words have to be told as well. */
export function quoted(
  next: NextAction,
  texts: Readonly<Record<string, string>>,
  scope: Scope = {},
): ReadonlyArray<Meaning> {
  return meanings(next, texts, scope).map((meaning) => ({ ...meaning, isQuoted: true }));
}

/** One code whose words tell what it is about: a meaning for each beginning of them. */
export function byWords(
  code: string,
  next: NextAction,
  cases: ReadonlyArray<readonly [words: RegExp, text: string]>,
  scope: Scope = {},
): ReadonlyArray<Meaning> {
  return cases.map(([words, text]) => ({ ...scope, code, words, next, text, isQuoted: true }));
}

/** Puts meanings together; of two that fit, the earlier counts. */
export function refusalTable(rows: ReadonlyArray<Meaning>, unknown: NextAction): RefusalTable {
  const byCode = new Map<string, Array<Meaning>>();
  for (const row of rows) byCode.set(row.code, [...(byCode.get(row.code) ?? []), row]);
  return {
    unknown,
    find: ({ api, code, status, words }) =>
      (byCode.get(code) ?? []).find(
        (row) =>
          (row.of?.test(api) ?? true) &&
          (row.status ?? status) === status &&
          (row.words?.test(words) ?? true),
      ) ?? null,
  };
}
