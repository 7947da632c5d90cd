import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { passTo, passUntil } from '../../../infra/local/memory/passage.ts';
import type { ApiBudget } from '../../../shared/api-budget/apply.ts';
import { PRIORITIES, type Priority } from '../../../shared/api-budget/model.ts';
import { ADD, BudgetWorld, mostInAMinute, SET } from './budget-world.ts';

// The tests' clock stands 1 s after the start of a slot of 2.5 s, in which SetVServerGroupAttribute has 3 calls.
const SLOT_MS = 2_500;

let world: BudgetWorld;
beforeEach(() => {
  world = new BudgetWorld();
});
const startOfNext = () => Math.floor(world.clock.nowMs() / SLOT_MS) * SLOT_MS + SLOT_MS;
const nothing = { granted: 0 };
const inject = (
  action: string,
  effect: Parameters<BudgetWorld['foundation']['faults']['inject']>[0]['effect'],
) => world.foundation.faults.inject({ name: action, match: { action }, skip: 0, times: 1, effect });

describe('a reservation', () => {
  it('costs one call to the table and is good until shortly before the end of the slot', async () => {
    const { budget } = world.worker();

    expect(await budget.reserve(SET, 2, 'join')).toMatchObject({ granted: 2, untilMs: startOfNext() - 250 });
    expect(world.calls).toEqual(['UpdateRow']);
  });

  it('is counted over all workers, and by operation', async () => {
    const [first, second] = [world.worker().budget, world.worker().budget];
    await first.reserve(SET, 2, 'join');

    expect(await second.reserve(SET, 2, 'join')).toMatchObject({ granted: 1 });
    expect(await second.reserve(ADD, 2, 'join')).toMatchObject({ granted: 2 });
    expect(await first.reserve(SET, 1, 'join')).toMatchObject(nothing);
  });

  it('that is refused is worth asking again early in the next slot, at another time for each', async () => {
    const draws = [0, 0.5, 0.999].map((draw) => world.worker({ random: () => draw }).budget);
    await draws[0]?.reserve(SET, 3, 'join');
    const answers = [];
    for (const budget of draws) answers.push(await budget.reserve(SET, 1, 'join'));

    const early = answers.map(({ retryAtMs }) => retryAtMs - startOfNext());
    expect(answers.map(({ granted }) => granted)).toEqual([0, 0, 0]);
    expect(early).toEqual([250, 563, 874]);
  });

  it('of a slot known to be used up costs no call', async () => {
    const { budget } = world.worker();
    await budget.reserve(SET, 5, 'join');
    await budget.reserve(SET, 1, 'join');
    const calls = world.calls.length;

    expect(await budget.reserve(SET, 1, 'join')).toMatchObject(nothing);
    expect(await budget.reserve(SET, 1, 'tidy')).toMatchObject(nothing);
    expect(world.calls).toHaveLength(calls);
  });

  it('asked for in the next slot succeeds again', async () => {
    const { budget } = world.worker();
    await budget.reserve(SET, 3, 'join');
    const { retryAtMs } = await budget.reserve(SET, 3, 'join');
    await passTo(world.clock, retryAtMs);

    expect(await budget.reserve(SET, 3, 'join')).toMatchObject({ granted: 3 });
  });

  it('is not made at the very end of a slot, but for a drain, which gets the next slot’s', async () => {
    const { budget } = world.worker();
    await passTo(world.clock, startOfNext() - 200);

    expect(await budget.reserve(SET, 1, 'join')).toMatchObject(nothing);
    expect(await budget.reserve(SET, 1, 'drain')).toMatchObject({
      granted: 1,
      untilMs: startOfNext() + SLOT_MS - 250,
    });
  });

  it('whose reply comes after the slot’s end grants nothing, and what it took is lost', async () => {
    const { budget } = world.worker();
    inject('UpdateRow', { kind: 'delay', beforeMs: 0, afterMs: 2_000 });

    expect(await passUntil(world.clock, budget.reserve(SET, 1, 'join'))).toMatchObject(nothing);
  });

  it('whose reply is lost counts as used, and says so', async () => {
    const { budget, warnings } = world.worker();
    inject('UpdateRow', { kind: 'lose-reply' });

    expect(await passUntil(world.clock, budget.reserve(SET, 2, 'join'))).toMatchObject(nothing);
    expect(await world.worker().budget.reserve(SET, 3, 'join')).toMatchObject({ granted: 1 });
    expect(warnings).toHaveLength(1);
  });

  it('fails when the table refuses for good', async () => {
    const { budget } = world.worker();
    inject('UpdateRow', { kind: 'error', status: 403, code: 'OTSNoPermissionAccess', message: 'no' });

    await expect(budget.reserve(SET, 2, 'join')).rejects.toMatchObject({ name: 'RejectedError' });
  });

  it('of a worker whose clock is minutes ahead grants nothing until table time is known', async () => {
    const { budget, clock } = world.worker({ skewMs: 240_000 });

    expect(await budget.reserve(SET, 1, 'join')).toMatchObject(nothing);
    expect(clock.nowMs()).toBe(world.clock.nowMs());
    expect(await budget.reserve(SET, 1, 'join')).toMatchObject({ granted: 1 });
  });
});

describe('priorities', () => {
  const take = async (budget: ApiBudget, priority: Priority, want = 1) =>
    (await budget.reserve(SET, want, priority)).granted;

  it('let drains borrow what the next slot has, after joins have used up this one', async () => {
    const { budget } = world.worker();
    await take(budget, 'join', 3);

    expect(await take(budget, 'drain', 2)).toBe(2);
    expect(await take(budget, 'drain', 2)).toBe(1);
    expect(await take(budget, 'drain')).toBe(0);
    await passTo(world.clock, startOfNext());
    expect(await take(budget, 'join')).toBe(0);
    expect(await take(budget, 'drain')).toBe(1);
  });

  it('let a drain take what is left of the slot first', async () => {
    const { budget } = world.worker();
    await take(budget, 'join', 2);

    expect(await budget.reserve(SET, 2, 'drain')).toMatchObject({ granted: 2, untilMs: startOfNext() - 250 });
    await passTo(world.clock, startOfNext());
    expect(await take(budget, 'join', 3)).toBe(2);
  });

  it('keep promotions from the last loan, and tidying from the last call of a slot', async () => {
    const { budget } = world.worker();

    expect(await take(budget, 'tidy', 3)).toBe(2);
    expect(await take(budget, 'promote', 4)).toBe(3);
    expect(await take(budget, 'promote')).toBe(0);
    expect(await take(budget, 'drain')).toBe(1);
  });

  it('bring refused drains back before refused joins', async () => {
    const late = world.worker({ random: () => 0.999 }).budget;
    const early = world.worker({ random: () => 0 }).budget;
    await late.reserve(SET, 9, 'drain');

    const drain = await late.reserve(SET, 1, 'drain');
    const join = await early.reserve(SET, 1, 'join');
    expect([drain.granted, join.granted]).toEqual([0, 0]);
    expect(drain.retryAtMs).toBeLessThanOrEqual(join.retryAtMs);
  });
});

describe('a throttled operation', () => {
  it('gets no call for as long as the cloud said, from any worker, while others go on', async () => {
    const [first, second] = [world.worker().budget, world.worker().budget];
    const nowMs = world.clock.nowMs();
    const untilMs = nowMs + 12_000;

    expect(await first.throttled(SET, 12_000)).toBeGreaterThanOrEqual(untilMs);
    for (let atMs = nowMs; atMs < untilMs; atMs += 1_000) {
      await passTo(world.clock, atMs);
      expect(await first.reserve(SET, 1, 'drain')).toMatchObject(nothing);
      expect(await second.reserve(SET, 1, 'drain')).toMatchObject(nothing);
    }
    expect(await second.reserve(ADD, 1, 'join')).toMatchObject({ granted: 1 });
    await passTo(world.clock, untilMs + SLOT_MS);
    expect(await first.reserve(SET, 1, 'join')).toMatchObject({ granted: 1 });
    expect(await second.reserve(SET, 1, 'join')).toMatchObject({ granted: 1 });
  });

  it('is left alone for longer each time it was throttled again, up to a minute', async () => {
    const { budget } = world.worker({ random: () => 0 });
    const waits = [];
    for (let time = 0; time < 8; time++) {
      const nowMs = world.clock.nowMs();
      const retryAtMs = await budget.throttled(SET, null);
      waits.push(retryAtMs - nowMs);
      await passTo(world.clock, retryAtMs);
    }

    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('that answered for a minute begins with short waits again', async () => {
    const { budget } = world.worker({ random: () => 0 });
    await passTo(world.clock, await budget.throttled(SET, null));
    await passTo(world.clock, (await budget.throttled(SET, null)) + 60_001);

    expect((await budget.throttled(SET, null)) - world.clock.nowMs()).toBe(1_000);
  });

  it('counts calls that were on their way together as one time, and never cuts a wait short', async () => {
    const { budget } = world.worker({ random: () => 0 });
    const untilMs = await budget.throttled(SET, 20_000);
    await budget.throttled(SET, null);

    expect(await budget.throttled(SET, null)).toBe(untilMs);
    await passTo(world.clock, untilMs);
    expect((await budget.throttled(SET, null)) - untilMs).toBe(2_000);
  });

  it('brings its callers back at different times', async () => {
    const { budget } = world.worker();
    const instants = [];
    for (let lane = 0; lane < 10; lane++) instants.push(await budget.throttled(SET, 5_000));

    expect(new Set(instants).size).toBe(10);
  });

  it('is kept by this worker even when the others cannot be told', async () => {
    const { budget, warnings } = world.worker();
    inject('BatchWriteRow', { kind: 'lose-reply' });

    const retryAtMs = await passUntil(world.clock, budget.throttled(SET, 12_000));
    expect(retryAtMs).toBeGreaterThanOrEqual(world.clock.nowMs());
    expect(await budget.reserve(SET, 1, 'drain')).toMatchObject(nothing);
    expect(warnings).toHaveLength(1);
  });
});

describe('any use of any budget', () => {
  const anyAsk = fc.record({
    worker: fc.nat({ max: 2 }),
    gapMs: fc.oneof(fc.nat({ max: 400 }), fc.nat({ max: 20_000 })),
    api: fc.constantFrom(SET, ADD),
    priority: fc.constantFrom(...PRIORITIES),
    want: fc.integer({ min: 1, max: 60 }),
    /** How late within its life a ticket is used. */
    lateness: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it('sends no more than the share in any 60 s', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          limitPerMinute: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 10_000 })),
          reserveForPeople: fc.nat({ max: 20 }),
          slotMs: fc.integer({ min: 500, max: 15_000 }),
        }),
        fc.array(anyAsk, { minLength: 1, maxLength: 150 }),
        async (settings, asks) => {
          const own = new BudgetWorld();
          const budgets = [0, 1, 2].map(() => own.worker({ settings }).budget);
          const sentAtMs = new Map<string, Array<number>>([
            [SET, []],
            [ADD, []],
          ]);
          for (const { worker, gapMs, api, priority, want, lateness } of asks) {
            own.clock.advanceBy(gapMs);
            const nowMs = own.clock.nowMs();
            const answer = await budgets[worker]?.reserve(api, want, priority);
            if (answer === undefined) throw new Error('no such worker');
            expect(answer.granted).toBeLessThanOrEqual(want);
            expect(answer.retryAtMs).toBeGreaterThan(nowMs);
            for (let n = 0; n < answer.granted; n++) {
              sentAtMs.get(api)?.push(nowMs + Math.floor((answer.untilMs - nowMs) * lateness));
            }
          }

          const share = Math.max(1, settings.limitPerMinute - settings.reserveForPeople);
          for (const instants of sentAtMs.values())
            expect(mostInAMinute(instants)).toBeLessThanOrEqual(share);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gets everybody a call within two windows, however low the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 500, max: 15_000 }),
        fc.constantFrom(...PRIORITIES),
        async (limitPerMinute, slotMs, priority) => {
          const own = new BudgetWorld();
          const { budget } = own.worker({ settings: { limitPerMinute, slotMs } });
          const limitMs = own.clock.nowMs() + 2 * (60_000 + 2 * slotMs);
          let answer = await budget.reserve(SET, 1, priority);
          while (answer.granted === 0) {
            own.clock.advanceTo(answer.retryAtMs);
            answer = await budget.reserve(SET, 1, priority);
            expect(own.clock.nowMs()).toBeLessThan(limitMs);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
