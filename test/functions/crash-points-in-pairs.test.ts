import { describe, expect, it } from 'vitest';
import { readMemoryDeployment } from '../../infra/local/memory/read-deployment.ts';
import { STORIES } from './crash-points/story.ts';
import { Theatre } from './crash-points/theatre.ts';
import { strikeTwice } from './crash-points/tour.ts';

/** Minutes of processor time: each pair is a telling of its own, from where nobody was at work before its strikes. */
const LIMIT_MS = 20 * 60_000;

describe('two calls that go wrong, anywhere in a drain', () => {
  it(
    'change nothing about its end, whatever the pair',
    async () => {
      const theatre = await Theatre.open(STORIES.drain, await readMemoryDeployment());
      const { tellings, failures } = await strikeTwice(theatre);
      console.info(
        `${STORIES.drain.name}: ${tellings} pairs of crash points, ${tellings - failures.length} of them converge`,
      );
      expect(failures).toEqual([]);
      // At least every pair of the calls of the undisturbed story.
      expect(tellings).toBeGreaterThan(((40 * 39) / 2) * 9);
    },
    LIMIT_MS,
  );
});
