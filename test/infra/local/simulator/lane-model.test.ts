import { describe, expect, it } from 'vitest';
import { PROTOCOL, simulateLaneDay, TROUBLED_DAY } from '../../../../infra/local/simulator/lane-model.ts';

describe('a troubled day of a lane', () => {
  it('never has two holders and never loses a signal, whatever the interleaving', () => {
    const runs = Array.from({ length: 2_000 }, (_, seed) => simulateLaneDay(seed));

    expect(runs.filter(({ violation }) => violation !== null)).toEqual([]);
    expect(runs.reduce((sum, { takeovers }) => sum + takeovers, 0)).toBeGreaterThan(500);
  });

  it.each([
    [
      'a finish that does not compare dirty',
      {
        ...PROTOCOL,
        finishChange: (...given: Parameters<typeof PROTOCOL.finishChange>) => {
          const change = PROTOCOL.finishChange(...given);
          return {
            ...change,
            expect: { fence: change.expect.fence ?? 0 },
            set: { ...change.set, handled: 1_000 },
          };
        },
      },
      /never worked|does not come to rest/,
    ],
    [
      'an acquire that compares nothing',
      {
        ...PROTOCOL,
        lookAtLane: (...given: Parameters<typeof PROTOCOL.lookAtLane>) => {
          const look = PROTOCOL.lookAtLane(...given);
          return look.kind === 'acquire' ? { ...look, change: { ...look.change, expect: {} } } : look;
        },
      },
      /two workers hold/,
    ],
  ])('is not survived by %s', (_, protocol, violation) => {
    const runs = Array.from({ length: 500 }, (_unused, seed) =>
      simulateLaneDay(seed, TROUBLED_DAY, protocol),
    );

    expect(runs.map((run) => run.violation).find((found) => found !== null)).toMatch(violation);
  });

  it('is the same day for the same seed', () => {
    expect(simulateLaneDay(42)).toEqual(simulateLaneDay(42));
    expect(simulateLaneDay(42).trace).not.toEqual(simulateLaneDay(43).trace);
  });
});
