import type { ClaimChange, ClaimRow } from './model.ts';

/** Where claims are kept. Every method throws TransientError; `unknown-outcome` = read and compare the owner. */
export interface ClaimStore {
  read(key: string): Promise<ClaimRow | null>;
  change(change: ClaimChange): Promise<'changed' | 'conflict'>;
  /** Changes the columns of a claim that is still the token's and not finished. */
  changeHeld(
    key: string,
    token: string,
    set: Partial<Pick<ClaimRow, 'owner' | 'claimedUntilMs' | 'result'>>,
  ): Promise<'changed' | 'conflict'>;
}
