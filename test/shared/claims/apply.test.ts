import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Production } from '../../../shared/adapters/production.ts';
import { completeClaim, extendClaim, failClaim, takeClaim } from '../../../shared/claims/apply.ts';
import { LostClaimError } from '../../../shared/claims/errors.ts';
import type { HeldClaim } from '../../../shared/claims/model.ts';
import { type Stage, setStage } from '../../support/stage.ts';

const REQUEST = { key: 'request/drain-42', payloadHash: 'hash of the request', leaseMs: 30_000 };

let stage: Stage;
let skewMs = 0;
let first: Production;
let second: Production;
beforeEach(async () => {
  skewMs = 0;
  stage = await setStage();
  const clock = { nowMs: () => Date.now() + skewMs };
  first = stage.worker({ clock });
  second = stage.worker({ clock });
});
afterEach(() => stage.close());

async function held(worker: Production): Promise<HeldClaim> {
  const outcome = await takeClaim(worker, REQUEST);
  if (outcome.kind !== 'held') throw new Error(`expected the claim, got ${outcome.kind}`);
  return outcome.claim;
}

function loseReplyOf(action: string): void {
  stage.clouds.foundation.faults.inject({
    name: action,
    match: { product: 'ots', action },
    skip: 0,
    times: 1,
    effect: { kind: 'lose-reply' },
  });
}

describe('a claim', () => {
  it('is one worker’s alone while it lives', async () => {
    const claim = await held(first);

    expect(await takeClaim(second, REQUEST)).toEqual({ kind: 'live', untilMs: claim.claimedUntilMs });
  });

  it('goes to one of many that ask at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => takeClaim(stage.worker(), REQUEST)));

    expect(outcomes.filter(({ kind }) => kind === 'held')).toHaveLength(1);
  });

  it('passes on when its end has come, and its first owner can do nothing more', async () => {
    const stale = await held(first);
    skewMs = 30_001;
    const claim = await held(second);

    await expect(completeClaim(first, stale, 'done by the first')).rejects.toThrow(LostClaimError);
    await expect(extendClaim(first, stale, 60_000)).rejects.toThrow(LostClaimError);
    await expect(failClaim(first, stale)).rejects.toThrow(LostClaimError);
    await completeClaim(second, claim, 'done by the second');
    expect(await takeClaim(first, REQUEST)).toEqual({ kind: 'finished', result: 'done by the second' });
  });

  it('lives on when it is extended', async () => {
    const claim = await extendClaim(first, await held(first), 120_000);
    skewMs = 60_000;

    expect(await takeClaim(second, REQUEST)).toEqual({ kind: 'live', untilMs: claim.claimedUntilMs });
  });

  it('replays its result to every copy, and stays finished', async () => {
    const claim = await held(first);
    await completeClaim(first, claim, '{"outcome":"done"}');
    skewMs = 3_600_000;

    expect(await takeClaim(second, REQUEST)).toEqual({ kind: 'finished', result: '{"outcome":"done"}' });
    await expect(completeClaim(first, claim, 'again')).rejects.toThrow(LostClaimError);
  });

  it('is free at once when its owner failed', async () => {
    await failClaim(first, await held(first));

    expect((await takeClaim(second, REQUEST)).kind).toBe('held');
  });

  it.each(['held', 'finished'])('refuses other content under its key, though it is %s', async (state) => {
    const claim = await held(first);
    if (state === 'finished') await completeClaim(first, claim, 'done');

    expect(await takeClaim(second, { ...REQUEST, payloadHash: 'hash of something else' })).toEqual({
      kind: 'refused',
    });
  });
});

describe('a lost reply', () => {
  it('of the claiming is found to be ours', async () => {
    loseReplyOf('PutRow');

    expect((await takeClaim(first, REQUEST)).kind).toBe('held');
    expect((await takeClaim(second, REQUEST)).kind).toBe('live');
  });

  it('of the completion is found to stand', async () => {
    const claim = await held(first);
    loseReplyOf('UpdateRow');

    await completeClaim(first, claim, 'done');
    expect(await takeClaim(second, REQUEST)).toEqual({ kind: 'finished', result: 'done' });
  });
});
