import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ApiBudgetSettings, DEFAULT_API_BUDGET, type Slot } from '../../../shared/api-budget/model.ts';
import {
  allowanceOf,
  capOf,
  loanAllowanceOf,
  loansOf,
  nextOpenSlot,
  shareOf,
  slotAt,
  slotsPerWindow,
  slotsUntil,
} from '../../../shared/api-budget/plan.ts';
import { NOW_MS } from '../../support/builders.ts';
import { ADD, SET } from './budget-world.ts';

const REMOVE = 'RemoveVServerGroupBackendServers';
const FIVE_SECONDS = { ...DEFAULT_API_BUDGET, slotMs: 5_000 };

const anySettings = fc.record({
  limitPerMinute: fc.integer({ min: 1, max: 10_000 }),
  reserveForPeople: fc.integer({ min: 0, max: 200 }),
  slotMs: fc.integer({ min: 500, max: 60_000 }),
}) satisfies fc.Arbitrary<ApiBudgetSettings>;
const anyApi = fc.constantFrom(ADD, SET, REMOVE);

/** So many slots in a row, the one at `fromMs` first. */
function slotsFrom(settings: ApiBudgetSettings, fromMs: number, count: number): ReadonlyArray<Slot> {
  return slotsUntil(settings, slotAt(settings, fromMs), Number.POSITIVE_INFINITY, count);
}
const capsFrom = (settings: ApiBudgetSettings, api: string, count: number) =>
  slotsFrom(settings, NOW_MS, count).map((slot) => capOf(settings, api, slot));
const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((total, each) => total + each, 0);

describe('a slot', () => {
  it('is the stretch around an instant, the first one its own, the end the next one’s', () => {
    const slot = { startsAtMs: 1_775_708_305_000, untilMs: 1_775_708_307_250, endsAtMs: 1_775_708_307_500 };

    expect(slotAt(DEFAULT_API_BUDGET, 1_775_708_306_000)).toEqual(slot);
    expect(slotAt(DEFAULT_API_BUDGET, slot.startsAtMs)).toEqual(slot);
    expect(slotAt(DEFAULT_API_BUDGET, slot.endsAtMs - 1)).toEqual(slot);
    expect(slotAt(DEFAULT_API_BUDGET, slot.endsAtMs).startsAtMs).toBe(slot.endsAtMs);
  });

  it('of a second loses a tenth of it at its end, not a quarter', () => {
    expect(slotAt({ ...DEFAULT_API_BUDGET, slotMs: 1_000 }, 5_400).untilMs).toBe(5_900);
  });

  it('is one of those that 60 s can touch: one more than fit', () => {
    expect(slotsPerWindow(FIVE_SECONDS)).toBe(13);
    expect(slotsPerWindow(DEFAULT_API_BUDGET)).toBe(25);
    // 59.9 s in nine slots leave one that begins before and one that ends after.
    expect(slotsPerWindow({ ...DEFAULT_API_BUDGET, slotMs: 7_000 })).toBe(10);
  });
});

describe('the share', () => {
  it('is the limit without what is reserved for people, and never nothing', () => {
    expect(shareOf(DEFAULT_API_BUDGET)).toBe(78);
    expect(shareOf({ ...DEFAULT_API_BUDGET, limitPerMinute: 13 })).toBe(1);
    expect(shareOf({ ...DEFAULT_API_BUDGET, limitPerMinute: 1 })).toBe(1);
    expect(shareOf({ ...DEFAULT_API_BUDGET, reserveForPeople: -5 })).toBe(90);
  });

  it('is dealt out as the figures for a limit of 90 say', () => {
    expect(loansOf(DEFAULT_API_BUDGET, SET)).toBe(3);
    expect(capsFrom(DEFAULT_API_BUDGET, SET, 25)).toEqual(Array(25).fill(3));
    expect(loansOf(DEFAULT_API_BUDGET, ADD)).toBe(0);
    expect(sum(capsFrom(DEFAULT_API_BUDGET, ADD, 25))).toBe(78);
    expect(loansOf(FIVE_SECONDS, REMOVE)).toBe(1);
    expect(sum(capsFrom(FIVE_SECONDS, REMOVE, 13))).toBe(77);
    expect(capsFrom(FIVE_SECONDS, ADD, 13)).toEqual(Array(13).fill(6));
  });

  it('of any settings is never exceeded by the slots that 60 s touch with the loans of the one after them', () => {
    fc.assert(
      fc.property(
        anySettings,
        anyApi,
        fc.integer({ min: 0, max: 4_000_000_000_000 }),
        (settings, api, fromMs) => {
          const slots = slotsFrom(settings, fromMs, slotsPerWindow(settings));
          const last = slots.at(-1);
          if (last === undefined) throw new Error('no slots');
          const lent = loanAllowanceOf(settings, api, 'drain', nextOpenSlot(settings, api, last));

          expect(sum(slots.map((slot) => capOf(settings, api, slot))) + lent).toBeLessThanOrEqual(
            shareOf(settings),
          );
        },
      ),
    );
  });

  it('of any settings can be used to the last call but the loans, and is spread evenly', () => {
    fc.assert(
      fc.property(anySettings, anyApi, (settings, api) => {
        const caps = capsFrom(settings, api, slotsPerWindow(settings));

        expect(sum(caps)).toBe(shareOf(settings) - loansOf(settings, api));
        expect(sum(caps)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...caps) - Math.min(...caps)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('can be used to 1 / 1.1 from 20 calls a minute on, with the default slots', () => {
    let worst = 0;
    for (let limitPerMinute = 20; limitPerMinute <= 10_000; limitPerMinute += 1) {
      const settings = { ...DEFAULT_API_BUDGET, limitPerMinute, reserveForPeople: 0 };
      for (const api of [SET, ADD]) {
        const perMinute = (sum(capsFrom(settings, api, 25)) * 60) / 62.5;
        worst = Math.max(worst, limitPerMinute / perMinute);
      }
    }

    expect(worst).toBeLessThanOrEqual(1.1);
  });
});

describe('who may take what', () => {
  const slot = slotAt(DEFAULT_API_BUDGET, NOW_MS);
  const next = nextOpenSlot(DEFAULT_API_BUDGET, SET, slot);

  it('is the whole of a slot for all but tidying, which leaves one to the others', () => {
    const allowances = (['drain', 'promote', 'join', 'tidy'] as const).map((priority) =>
      allowanceOf(DEFAULT_API_BUDGET, SET, priority, slot),
    );
    expect(allowances).toEqual([3, 3, 3, 2]);
  });

  it('is a loan from the next slot for drains, one less for promotions, none for others or for adds', () => {
    const loans = (['drain', 'promote', 'join', 'tidy'] as const).map((priority) =>
      loanAllowanceOf(DEFAULT_API_BUDGET, SET, priority, next),
    );
    expect(loans).toEqual([3, 2, 0, 0]);
    expect(loanAllowanceOf(DEFAULT_API_BUDGET, ADD, 'drain', next)).toBe(0);
  });

  it('under a low limit lies in few slots, which are found, and tidying gets its turn there', () => {
    const low = { ...DEFAULT_API_BUDGET, limitPerMinute: 3, reserveForPeople: 0 };
    const open = slotsFrom(low, NOW_MS, 25).filter((each) => capOf(low, SET, each) > 0);

    expect(open).toHaveLength(2);
    expect(open.map((each) => allowanceOf(low, SET, 'tidy', each))).toEqual([1, 1]);
    expect(open).toContainEqual(nextOpenSlot(low, SET, slotAt(low, NOW_MS)));
  });
});

describe('the slots until an instant', () => {
  const first = slotAt(FIVE_SECONDS, 100_000);

  it('are those that begin before it, at most so many', () => {
    const starts = (untilMs: number, count = 10) =>
      slotsUntil(FIVE_SECONDS, first, untilMs, count).map(({ startsAtMs }) => startsAtMs);

    expect(starts(100_001)).toEqual([100_000]);
    expect(starts(105_000)).toEqual([100_000]);
    expect(starts(105_001)).toEqual([100_000, 105_000]);
    expect(starts(900_000, 3)).toEqual([100_000, 105_000, 110_000]);
  });
});
