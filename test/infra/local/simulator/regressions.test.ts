import { describe, expect, it } from 'vitest';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import { drawDay } from '../../../../infra/local/simulator/draw/day.ts';
import { playDay } from '../../../../infra/local/simulator/play/play-day.ts';

/** Seeds whose days once broke something, with what it was. */
const KEPT_SEEDS: ReadonlyArray<readonly [seed: number, what: string]> = [
  [1, 'waits of the bus that were no whole milliseconds reached the tables as times'],
];

describe('kept days', () => {
  it.each(KEPT_SEEDS)('seed %s: %s', async (seed) => {
    const { violations } = await playDay(drawDay(seed), await readMemoryDeployment());

    expect(violations).toEqual([]);
  });
});
