/**
 * A claim: the right to cause an effect that must not be repeated. One row per key, in the table of done-keys. Instants
 * are table time.
 */
export interface ClaimRow {
  readonly key: string;
  /** Over the canonical content; another content under the same key is refused for ever. */
  readonly payloadHash: string;
  /** The holder's attempt, unlike any other; `null` = nobody holds the claim. */
  readonly owner: string | null;
  /** Until when the owner may act; 0 when nobody holds the claim. */
  readonly claimedUntilMs: number;
  /** What came of it, as stored; `null` = not finished. */
  readonly result: string | null;
}

/** A claim that this worker holds. Every further step is conditional on the token. */
export interface HeldClaim {
  readonly key: string;
  readonly token: string;
  readonly claimedUntilMs: number;
}

/** A conditional change of a claim row. */
export interface ClaimChange {
  /** `absent`: only if there is no row; else only if owner and end are still these. */
  readonly expect: 'absent' | { readonly owner: string | null; readonly claimedUntilMs: number };
  readonly row: ClaimRow;
}

/** What asking for a claim led to. */
export type ClaimOutcome =
  | { readonly kind: 'held'; readonly claim: HeldClaim }
  /** It is done: this is the stored result, the same for every copy. */
  | { readonly kind: 'finished'; readonly result: string }
  /** Somebody is at it; come back after `untilMs`. */
  | { readonly kind: 'live'; readonly untilMs: number }
  /** The key was used for other content: never do it. */
  | { readonly kind: 'refused' };
