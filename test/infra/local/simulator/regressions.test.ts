import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readMemoryDeployment } from '../../../../infra/local/memory/read-deployment.ts';
import type { Day } from '../../../../infra/local/simulator/day.ts';
import { drawDay } from '../../../../infra/local/simulator/draw/day.ts';
import { playDay } from '../../../../infra/local/simulator/play/play-day.ts';

/** Seeds whose days once broke something, with what it was. */
const KEPT_SEEDS: ReadonlyArray<readonly [seed: number, what: string]> = [
  [1, 'waits of the bus that were no whole milliseconds reached the tables as times'],
];

/** Days as they were shrunk: whatever seeds are drawn like tomorrow, these stay what they are. */
const KEPT_DAYS: ReadonlyArray<readonly [file: string, what: string]> = [
  ['late-inbox-put', 'a signal whose writer woke after a copy had been handled stayed in the inbox'],
  [
    'hook-while-slb-is-down',
    'a hook ran into its timeout while SLB did not answer, although Auto Scaling and the tables did',
  ],
  [
    'looks-at-whole-milliseconds',
    'a hook was to be looked at again at a fraction of a millisecond, which no table takes',
  ],
  [
    'orders-after-the-lease',
    'a worker that had slept for longer than its lease ordered out an instance that was to stay by then',
  ],
  [
    'promotion-under-a-lost-create',
    'what a promotion had cost a listener counted as mended though the call had waited for the budget',
  ],
  [
    'promoted-while-scaled-in',
    'a secondary became the primary while its scaling group, the pool of the pair, was taking it away',
  ],
  [
    'released-member-is-dropped',
    'a pair whose group had lost a released member could not be looked at any more, and nobody took over',
  ],
  [
    'record-made-anew',
    'a worker that slept in its first write of a record made it anew long after its deletion',
  ],
  [
    'scale-out-before-ecs-lists',
    'instances that ECS did not list yet were let into service as if they belonged nowhere',
  ],
  [
    'selector-left-its-joiners',
    'a selector that matched nothing any more took out whoever had joined and was still to prove itself',
  ],
  [
    'slept-through-first-answer',
    'a worker that slept through its first answer took its time from it, and a lane that another one held',
  ],
  [
    'standby-after-rollback',
    'an instance that was to stay and was set aside before anybody could say so was waited for for hours',
  ],
];

describe('kept days', () => {
  it.each(KEPT_DAYS)('%s: %s', async (file) => {
    const text = readFileSync(new URL(`kept-days/${file}.json`, import.meta.url), 'utf8');
    const { violations } = await playDay(JSON.parse(text) as Day, await readMemoryDeployment());

    expect(violations).toEqual([]);
  });

  it.each(KEPT_SEEDS)('seed %s: %s', async (seed) => {
    const { violations } = await playDay(drawDay(seed), await readMemoryDeployment());

    expect(violations).toEqual([]);
  });
});
