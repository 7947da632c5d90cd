import type { ClaimChange, ClaimOutcome, ClaimRow } from './model.ts';

/** What a look at a claim leads to: an outcome at once, or a change that would win it. */
export type ClaimLook =
  | Exclude<ClaimOutcome, { kind: 'held' }>
  | { readonly kind: 'take'; readonly change: ClaimChange };

/** Somebody who wants to do what the key stands for. */
export interface Claimant {
  readonly key: string;
  readonly payloadHash: string;
  /** Unlike any other attempt's, so that a lost reply can be resolved. */
  readonly token: string;
  readonly leaseMs: number;
}

/** Decides from the row as read. The content is compared first: a reused key is refused even when it is finished. */
export function lookAtClaim(row: ClaimRow | null, claimant: Claimant, nowMs: number): ClaimLook {
  if (row !== null) {
    if (row.payloadHash !== claimant.payloadHash) return { kind: 'refused' };
    if (row.result !== null) return { kind: 'finished', result: row.result };
    if (row.owner !== null && row.claimedUntilMs > nowMs)
      return { kind: 'live', untilMs: row.claimedUntilMs };
  }
  const { key, payloadHash, token, leaseMs } = claimant;
  return {
    kind: 'take',
    change: {
      expect: row === null ? 'absent' : { owner: row.owner, claimedUntilMs: row.claimedUntilMs },
      row: { key, payloadHash, owner: token, claimedUntilMs: nowMs + leaseMs, result: null },
    },
  };
}
