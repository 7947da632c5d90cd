import { describe, expect, test } from 'vitest';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import { drawDay } from '../../../../infra/local/simulator/draw/day.ts';
import { playDay } from '../../../../infra/local/simulator/play/play-day.ts';
import { PLANTED_FAULTS } from './planted-faults.ts';

const deployment = await readMemoryDeployment();
const TIMEOUT_MS = 60_000;

describe.each(PLANTED_FAULTS)('without $without', ({ invariant, seed, options, masks }) => {
  const day = drawDay(seed);
  const nameOf = (played: Awaited<ReturnType<typeof playDay>>) =>
    played.violations.map((each) => each.invariant);

  test(`${invariant} fires on the day of seed ${seed}`, { timeout: TIMEOUT_MS }, async () => {
    expect(nameOf(await playDay(day, deployment, options))).toEqual([invariant]);
  });

  test('the same day is in order with it', { timeout: TIMEOUT_MS }, async () => {
    expect(nameOf(await playDay(day, deployment))).toEqual([]);
  });

  if (masks === null) return;
  test(`the same day is in order with it, but without ${masks.named}`, { timeout: TIMEOUT_MS }, async () => {
    expect(nameOf(await playDay(day, deployment, masks.options))).toEqual([]);
  });
});
