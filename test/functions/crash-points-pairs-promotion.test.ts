import { describe, expect, it } from 'vitest';
import { readMemoryDeployment } from '../../infra/local/memory/read-deployment.ts';
import { promotionPlay } from './crash-points/promotions/play.ts';
import { PROMOTIONS } from './crash-points/promotions/story.ts';
import { Theatre } from './crash-points/theatre.ts';
import { dieTwice } from './crash-points/tour.ts';

/** Only against what hangs: a minute where nobody else wants the processor. */
const LIMIT_MS = 20 * 60_000;
/** Points of the undisturbed change at which a death leads to a world of its own. */
const POINTS_MIN = 45;

/**
 * One listener, no pool and an old group that may go at once: the calls of all other stories are these and more of them, and
 * each telling costs as much as its calls.
 */
describe('two workers that die over the same change of a pair', () => {
  it(
    'change nothing about its end, wherever the second dies after the first',
    async () => {
      const { name } = PROMOTIONS.promotionByOrder;
      const play = promotionPlay(PROMOTIONS.promotionByOrder, { slbAssociationLingersMs: 0 });
      const { tellings, failures } = await dieTwice(await Theatre.open(play, await readMemoryDeployment()));
      const converged = tellings - failures.length;
      console.info(`${name}: ${tellings} pairs of deaths, ${converged} of them converge`);
      expect(failures).toEqual([]);
      expect(tellings).toBeGreaterThan((POINTS_MIN * (POINTS_MIN - 1)) / 2);
    },
    LIMIT_MS,
  );
});
