import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyLane, type HeldLane, type LaneRow, NO_NOTES } from '../../../shared/lanes/model.ts';
import {
  changedLane,
  finishChange,
  isDue,
  isLeased,
  lookAtLane,
  maySend,
  releaseChange,
} from '../../../shared/lanes/plan.ts';
import { LB, NOW_MS } from '../../support/builders.ts';

const LEASE_MS = 45_000;
const row = (overrides: Partial<LaneRow> = {}): LaneRow => ({ ...emptyLane(LB), ...overrides });
const look = (lane: LaneRow, nowMs = NOW_MS) => lookAtLane(lane, nowMs, 'me', LEASE_MS);

describe('a look at a lane', () => {
  it.each([
    ['has never been written', row()],
    ['is done', row({ dirty: 4, handled: 4, fence: 9 })],
    ['has its next deadline ahead', row({ dirty: 4, handled: 4, nextWakeUpMs: NOW_MS + 1 })],
    [
      'failed and has its next try ahead, whatever was signalled meanwhile',
      row({ dirty: 9, handled: 4, nextWakeUpMs: NOW_MS + 1, notes: { ...NO_NOTES, failures: 1 } }),
    ],
  ])('that %s takes no lease', (_, lane) => {
    expect(look(lane)).toEqual({ kind: 'idle', untilMs: lane.nextWakeUpMs });
  });

  it.each([
    ['has a signal', row({ dirty: 5, handled: 4, fence: 9 })],
    ['has a deadline that has come', row({ nextWakeUpMs: NOW_MS, fence: 9 })],
    [
      'failed and has its next try now',
      row({ dirty: 5, nextWakeUpMs: NOW_MS, fence: 9, notes: { ...NO_NOTES, failures: 3 } }),
    ],
    [
      'failed before, and was left by a holder whose lease ends now',
      row({
        owner: 'x',
        leaseUntilMs: NOW_MS,
        nextWakeUpMs: NOW_MS + 60_000,
        fence: 9,
        notes: { ...NO_NOTES, failures: 1 },
      }),
    ],
    ['was left by a holder whose lease ends now', row({ owner: 'x', leaseUntilMs: NOW_MS, fence: 9 })],
  ])('that %s takes it, with the next fence', (_, lane) => {
    const taken = look(lane);

    expect(taken).toMatchObject({
      kind: 'acquire',
      held: {
        owner: 'me',
        fence: 10,
        leaseUntilMs: NOW_MS + LEASE_MS,
        dirty: lane.dirty,
        isTakeover: lane.owner !== null,
      },
    });
    if (taken.kind !== 'acquire') throw new Error('not taken');
    expect(changedLane(lane, taken.change)).toEqual({
      ...lane,
      owner: 'me',
      fence: 10,
      leaseUntilMs: NOW_MS + LEASE_MS,
    });
  });

  it('that somebody holds waits for the end of the lease', () => {
    const held = row({ owner: 'x', leaseUntilMs: NOW_MS + 1, dirty: 5 });

    expect(look(held)).toEqual({ kind: 'held', untilMs: NOW_MS + 1 });
  });
});

describe('sending', () => {
  const held: HeldLane = {
    laneId: LB,
    owner: 'me',
    fence: 1,
    leaseUntilMs: NOW_MS + 15_000,
    dirty: 1,
    isTakeover: false,
    notes: NO_NOTES,
  };

  it('is allowed only while the lease outlives the call by more than 5 s', () => {
    const timing = { leaseMs: LEASE_MS, callTimeoutMs: 10_000 };

    expect(maySend(held, NOW_MS - 1, timing)).toBe(true);
    expect(maySend(held, NOW_MS, timing)).toBe(false);
  });
});

/** One step of a worker or of the world. Workers act on what they last read, however old it is. */
type Step =
  | { readonly kind: 'signal' | 'read' | 'acquire' | 'finish' | 'release'; readonly worker: number }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('signal', 'read', 'read', 'acquire', 'acquire', 'finish', 'release'),
      worker: fc.nat({ max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 60_000 }) }) },
);

describe('three workers on one lane, in any order, on any old reading', () => {
  it('never hold it two at a time, never lower the fence, never lose a signal', () => {
    let taken = 0;
    let refusedFinishes = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), (steps) => {
        let lane = row();
        let nowMs = NOW_MS;
        let attempts = 0;
        const seen: Array<LaneRow> = [lane, lane, lane];
        const holds: Array<HeldLane | null> = [null, null, null];
        for (const each of steps) {
          const before = lane;
          if (each.kind === 'wait') {
            nowMs += each.ms;
            continue;
          }
          const { kind, worker } = each;
          const held = holds[worker] ?? null;
          if (kind === 'signal') lane = { ...lane, dirty: lane.dirty + 1 };
          if (kind === 'read') seen[worker] = lane;
          if (kind === 'acquire') {
            const looked = lookAtLane(seen[worker] ?? lane, nowMs, `attempt-${attempts++}`, LEASE_MS);
            const after = looked.kind === 'acquire' ? changedLane(lane, looked.change) : null;
            if (looked.kind === 'acquire' && after !== null) {
              // It was free, or its holder's lease had run out.
              expect(isLeased(lane, nowMs)).toBe(false);
              expect(after.fence).toBe(lane.fence + 1);
              holds[worker] = looked.held;
              lane = after;
              taken++;
            }
          }
          if (kind === 'finish' && held !== null) {
            const after = changedLane(lane, finishChange(held, null, NO_NOTES));
            if (after === null) refusedFinishes++;
            else {
              // What it had read is done, and nothing came after it; nobody else's hold is ended.
              expect(after.handled).toBe(lane.dirty);
              expect(lane.owner === null || lane.owner === held.owner).toBe(true);
              lane = after;
            }
            holds[worker] = null;
          }
          if (kind === 'release' && held !== null) {
            const after = changedLane(lane, releaseChange(held, nowMs, NO_NOTES));
            if (after !== null) {
              expect(lane.owner === null || lane.owner === held.owner).toBe(true);
              expect(isDue(after, nowMs)).toBe(true);
              lane = after;
            }
            holds[worker] = null;
          }
          expect(lane.fence).toBeGreaterThanOrEqual(before.fence);
          expect(lane.handled).toBeLessThanOrEqual(lane.dirty);
          const holders = holds.filter(
            (hold) => hold !== null && hold.owner === lane.owner && hold.leaseUntilMs > nowMs,
          );
          expect(holders.length).toBeLessThanOrEqual(1);
          // Whoever believes in a lease that has not run out is the one in the row.
          for (const hold of holds) {
            if (hold !== null && hold.leaseUntilMs > nowMs && lane.owner !== null) {
              expect(lane.owner).toBe(hold.owner);
            }
          }
        }
      }),
      { numRuns: 2_000, seed: 20260409 },
    );
    expect(taken).toBeGreaterThan(1_000);
    expect(refusedFinishes).toBeGreaterThan(100);
  });
});
