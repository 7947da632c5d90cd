import { beforeAll, describe, expect, it } from 'vitest';
import type { MemoryDeployment } from '../../infra/local/memory/deployment.ts';
import { readMemoryDeployment } from '../../infra/local/memory/read-deployment.ts';
import { declarationPlay } from './crash-points/declarations/play.ts';
import { DECLARATIONS } from './crash-points/declarations/story.ts';
import { shareOf } from './crash-points/share.ts';
import { WAYS } from './crash-points/strikes.ts';
import { Theatre } from './crash-points/theatre.ts';
import { strikeOnce } from './crash-points/tour.ts';

/** Goal and method as of the other crash points: one group for a declaration, whoever died over which call. */
let deployment: MemoryDeployment;
beforeAll(async () => {
  deployment = await readMemoryDeployment();
});

const SHARE = shareOf(WAYS.length);
const LIMIT_MS = 5 * 60_000;

describe('a call that goes wrong, anywhere in what is done about a declared group', () => {
  it.each([
    ['create', 60],
    ['keep', 20],
    ['delete', 15],
  ] as const)(
    'changes nothing about its end: %s',
    async (key, callsMin) => {
      const story = DECLARATIONS[key];
      const { tellings, failures } = await strikeOnce(
        await Theatre.open(declarationPlay(story), deployment),
        SHARE,
      );
      console.info(`${story.name}: ${tellings} crash points, ${tellings - failures.length} of them converge`);
      expect(failures).toEqual([]);
      expect(tellings).toBeGreaterThanOrEqual(Math.floor((callsMin * WAYS.length) / SHARE));
    },
    LIMIT_MS,
  );
});
