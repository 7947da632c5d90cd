import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSweepDue, taskIdOf } from '../../../shared/sweep/plan.ts';
import { NOW_MS } from '../../support/builders.ts';

const MINUTE_MS = 60_000;

describe('a sweep', () => {
  it('is due in exactly one minute of every interval, whichever second the timer fires in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 59 }), (minutes, second) => {
        const firstMs = NOW_MS - (NOW_MS % MINUTE_MS) + second * 1_000;
        const turns = Array.from({ length: 3 * minutes }, (_, minute) =>
          isSweepDue(firstMs + minute * MINUTE_MS, minutes * MINUTE_MS),
        );
        expect(turns.filter((isDue) => isDue)).toHaveLength(3);
        expect(turns.indexOf(true)).toBeLessThan(minutes);
      }),
    );
  });
});

describe('the task of a load balancer', () => {
  it('is named by it and by the instant of the schedule, in the letters that a task id may have', () => {
    const atMs = Date.UTC(2026, 3, 9, 5, 5, 30);

    expect(taskIdOf('lb-bp1example', atMs)).toBe('lb-bp1example_20260409T050530Z');
    expect(taskIdOf(`lb-${'x'.repeat(60)}`, atMs)).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/);
  });
});
