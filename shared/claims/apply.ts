import type { Clock, NewId } from '../clock.ts';
import { changeSurely } from '../conditional-change.ts';
import { LostClaimError } from './errors.ts';
import type { ClaimOutcome, ClaimRow, HeldClaim } from './model.ts';
import { type Claimant, lookAtClaim } from './plan.ts';
import type { ClaimStore } from './ports.ts';

/** What claiming needs. */
export interface ClaimDeps {
  readonly claims: ClaimStore;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Lost races before it is left to whoever keeps winning them. */
const TRIES_MAX = 3;

/** Asks for the claim of a key. Throws TransientError; then ask again. */
export async function takeClaim(deps: ClaimDeps, wanted: Omit<Claimant, 'token'>): Promise<ClaimOutcome> {
  const claimant: Claimant = { ...wanted, token: deps.newId() };
  for (let attempt = 1; ; attempt++) {
    const nowMs = deps.clock.nowMs();
    const look = lookAtClaim(await deps.claims.read(wanted.key), claimant, nowMs);
    if (look.kind !== 'take') return look;
    const { row } = look.change;
    const taken = await changeSurely(
      () => deps.claims.change(look.change),
      async () => (await deps.claims.read(wanted.key))?.owner === claimant.token,
    );
    if (taken) {
      return {
        kind: 'held',
        claim: { key: row.key, token: claimant.token, claimedUntilMs: row.claimedUntilMs },
      };
    }
    if (attempt >= TRIES_MAX) return { kind: 'live', untilMs: nowMs + wanted.leaseMs };
  }
}

/** Prolongs the claim from now on. Throws LostClaimError when it is no longer ours. */
export async function extendClaim(deps: ClaimDeps, claim: HeldClaim, leaseMs: number): Promise<HeldClaim> {
  const claimedUntilMs = deps.clock.nowMs() + leaseMs;
  await changeHeld(deps, claim, { claimedUntilMs }, (row) => row.owner === claim.token);
  return { ...claim, claimedUntilMs };
}

/** Stores the result, for every copy that comes later. Throws LostClaimError when the claim is no longer ours. */
export async function completeClaim(deps: ClaimDeps, claim: HeldClaim, result: string): Promise<void> {
  await changeHeld(
    deps,
    claim,
    { result, claimedUntilMs: 0 },
    (row) => row.owner === claim.token && row.result === result,
  );
}

/** Gives the claim back without a result, so that the next copy may try at once. Throws LostClaimError. */
export async function failClaim(deps: ClaimDeps, claim: HeldClaim): Promise<void> {
  await changeHeld(deps, claim, { owner: null, claimedUntilMs: 0 }, (row) => row.owner !== claim.token);
}

async function changeHeld(
  deps: ClaimDeps,
  { key, token }: HeldClaim,
  set: Parameters<ClaimStore['changeHeld']>[2],
  stands: (row: ClaimRow) => boolean,
): Promise<void> {
  const changed = await changeSurely(
    () => deps.claims.changeHeld(key, token, set),
    async () => {
      const row = await deps.claims.read(key);
      return row !== null && stands(row);
    },
  );
  if (!changed) throw new LostClaimError(`the claim of ${key} is no longer ours`);
}
