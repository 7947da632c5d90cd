import { expect, it } from 'vitest';
import { readMemoryDeployment } from '../../../infra/local/memory/read-deployment.ts';
import { groupPlay } from './group-play.ts';
import { STORIES } from './story.ts';
import { WAYS, type Way } from './strikes.ts';
import { Theatre } from './theatre.ts';
import { strikeTwice } from './tour.ts';

/** Each pair is a telling of its own, and there are thousands: half a minute where nobody else wants the processor. */
const LIMIT_MS = 20 * 60_000;
const SHARE = process.env.CRASH_POINTS === 'all' ? 1 : WAYS.length;
/** Calls that a drain makes at least. */
const CALLS_MIN = 40;

/**
 * Tests every pair of crash points of the drain of which the first is of this way. A file for each way, so that they can
 * run side by side. Each first call is struck in one of the three ways, in turn; `CRASH_POINTS=all` strikes it in all three,
 * which takes three times as long.
 */
export function itSurvivesEveryPairThatBeginsWith(way: Way): void {
  it(
    'changes nothing about the end of a drain, nor does any second one after it',
    async () => {
      const theatre = await Theatre.open(groupPlay(STORIES.drain), await readMemoryDeployment());
      const { tellings, failures } = await strikeTwice(theatre, way, SHARE);
      const converged = tellings - failures.length;
      console.info(`${STORIES.drain.name}: ${tellings} pairs of crash points, ${converged} of them converge`);
      expect(failures).toEqual([]);
      // At least the pairs of the calls of the undisturbed drain, with three ways for the second.
      expect(tellings).toBeGreaterThan((((CALLS_MIN * (CALLS_MIN - 1)) / 2) * 3) / SHARE);
    },
    LIMIT_MS,
  );
}
