import { describe, expect, it } from 'vitest';
import {
  ConflictError,
  InvariantError,
  RejectedError,
  TransientError,
  type TransientReason,
} from '../../../shared/errors.ts';
import { NO_NOTES } from '../../../shared/lanes/model.ts';
import { createServerGroupPass } from '../../../shared/server-groups/apply.ts';
import { RefusedBackendError } from '../../../shared/server-groups/errors.ts';
import { consequenceOf } from '../../../shared/server-groups/refusals.ts';
import { anInstance, aSignal, GROUP } from '../../support/builders.ts';
import { MemoryWorld } from '../../support/memory-world.ts';

const MINUTE_MS = 60_000;
const ORIGIN = { api: 'AddVServerGroupBackendServers', code: 'SomeCode', requestId: 'R-9' };
const transient = (reason: TransientReason) => () => {
  throw new TransientError('the group does not like it', reason, ORIGIN);
};

/** One instance that is to join, and an Add that never goes through: looks until `endMs` have passed. */
async function lookOn(refuse: () => never, endMs: number) {
  const world = new MemoryWorld({ instances: [anInstance('i-1')], signals: [aSignal('i-1', 'Running')] });
  world.onSend = refuse;
  const startMs = world.nowMs;
  let notes = NO_NOTES;
  while (world.nowMs < startMs + endMs) {
    const result = await createServerGroupPass(world.deps)(world.held({ notes }), world.nowMs + 20_000);
    expect(result.failure).toBeNull();
    notes = result.notes;
    world.nowMs = Math.max(world.nowMs + 1_000, Math.min(result.nextLookMs ?? Infinity, startMs + endMs));
  }
  const gaps = world.sent.slice(1).map(({ atMs }, index) => atMs - (world.sent[index]?.atMs ?? 0));
  return { world, notes, gaps };
}

describe('a code that nobody knows', () => {
  it('is tried a few times ever further apart, then held and looked at seldom', async () => {
    const { world, gaps } = await lookOn(transient('unrecognised'), 120 * MINUTE_MS);

    const soon = gaps.filter((gap) => gap < 5 * MINUTE_MS);
    expect(soon).toHaveLength(5);
    expect([...soon].sort((a, b) => a - b)).toEqual(soon);
    expect(Math.min(...gaps.slice(5))).toBeGreaterThanOrEqual(15 * MINUTE_MS);
    expect(world.row('i-1')?.held).toEqual({
      by: 'refusal',
      reason: 'the group does not like it (AddVServerGroupBackendServers, SomeCode, request R-9)',
    });
  });
});

describe('a group that stays busy', () => {
  it('is asked ever more seldom, but not for longer than a drain can wait', async () => {
    const { gaps } = await lookOn(transient('busy'), 10 * MINUTE_MS);

    expect(gaps[0]).toBeLessThanOrEqual(4_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20_000);
    expect(gaps.length).toBeLessThan(70);
  });

  it('shows with its backends after a while, and in the notes of the lane', async () => {
    const { world, notes } = await lookOn(transient('busy'), 2 * MINUTE_MS);

    expect(world.row('i-1')?.held).toMatchObject({ by: 'refusal', reason: expect.stringContaining('R-9') });
    expect(world.row('i-1')?.refusals).toBe(0);
    expect(notes.refused?.[GROUP]).toMatchObject({ reason: expect.stringContaining('SomeCode') });
  });

  it('leaves nothing behind once it has taken a write', async () => {
    const { world, notes } = await lookOn(transient('busy'), 2 * MINUTE_MS);
    world.onSend = () => {};
    world.nowMs += MINUTE_MS;

    const result = await createServerGroupPass(world.deps)(world.held({ notes }), world.nowMs + 20_000);

    expect(result.notes.refused).toBeUndefined();
    expect(world.row('i-1')?.held ?? null).toBeNull();
    expect(world.weights).toEqual(['i-1=100']);
  });
});

describe('what a refusal leads to', () => {
  const write = { backends: 20, inARow: 1, settleMs: 3_000 };
  const of = (error: unknown, change: Partial<typeof write> = {}) =>
    consequenceOf(error, { ...write, ...change }, () => 0.5);

  it('is thrown on when it is no refusal of a cloud', () => {
    for (const error of [
      new TypeError('x'),
      new ConflictError('the lease'),
      new InvariantError('a defect'),
    ]) {
      expect(() => of(error)).toThrow(error);
    }
  });

  it('of a cloud that is not as it was read is to read it', () => {
    expect(of(new ConflictError('it exists by now', ORIGIN))).toEqual({
      kind: 'hold-group',
      forMs: 3_000,
      mustRead: true,
    });
  });

  it('because of one backend is smaller calls, and patience once it is found', () => {
    const error = new RefusedBackendError('no such server', ORIGIN, null, { heldForMs: MINUTE_MS });

    expect(of(error)).toMatchObject({ patience: { triesMax: null } });
    expect(of(error, { backends: 1 })).toMatchObject({ patience: { triesMax: 0, heldForMs: MINUTE_MS } });
  });

  it('that may pass by itself is never given up', () => {
    const error = new RefusedBackendError('not running yet', ORIGIN);

    expect(of(error, { backends: 1 })).toMatchObject({ patience: { triesMax: null } });
  });

  it('for good is held for as long as the error says', () => {
    const error = new RejectedError('not allowed', ORIGIN, null, { heldForMs: 5 * MINUTE_MS });

    expect(of(error)).toMatchObject({ patience: { triesMax: 0, heldForMs: 5 * MINUTE_MS } });
    expect(of(new RejectedError('no', ORIGIN))).toMatchObject({ patience: { heldForMs: MINUTE_MS } });
  });

  it('that only a defect can bring about is held for an hour', () => {
    expect(of(new InvariantError('malformed', ORIGIN))).toMatchObject({
      patience: { triesMax: 0, heldForMs: 60 * MINUTE_MS },
    });
  });
});
