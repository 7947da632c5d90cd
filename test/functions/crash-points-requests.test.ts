import { beforeAll, describe, expect, it } from 'vitest';
import type { MemoryDeployment } from '../../infra/local/memory/deployment.ts';
import { readMemoryDeployment } from '../../infra/local/memory/read-deployment.ts';
import { BATCH } from './crash-points/requests/batch.ts';
import { promotionRequestPlay, requestPlay } from './crash-points/requests/play.ts';
import { PROMOTION_BY_REQUEST, REQUEST_STORIES } from './crash-points/requests/story.ts';
import { shareOf } from './crash-points/share.ts';
import { WAYS } from './crash-points/strikes.ts';
import { Theatre } from './crash-points/theatre.ts';
import { strikeOnce } from './crash-points/tour.ts';

/**
 * Goal: whatever single call goes wrong while people ask for something, all of them get their answer, in one text each, and
 * what they asked for is done once. Method: as with the other stories (`crash-points.test.ts`).
 */
let deployment: MemoryDeployment;
beforeAll(async () => {
  deployment = await readMemoryDeployment();
});

const SHARE = shareOf(WAYS.length);
/** Only against what hangs. */
const LIMIT_MS = 10 * 60_000;

describe('a call that goes wrong, anywhere in what a request leads to', () => {
  it.each([
    ['drainAndWeight', 100],
    ['approval', 100],
    ['refused', 100],
  ] as const)(
    'changes nothing about its end: %s',
    async (key, callsMin) => {
      const story = REQUEST_STORIES[key];
      const theatre = await Theatre.open(requestPlay(story), deployment);
      const { tellings, failures } = await strikeOnce(theatre, SHARE);
      console.info(`${story.name}: ${tellings} crash points, ${tellings - failures.length} of them converge`);
      expect(failures).toEqual([]);
      expect(tellings).toBeGreaterThanOrEqual(Math.floor((callsMin * WAYS.length) / SHARE));
    },
    LIMIT_MS,
  );

  // All of its calls take eight minutes.
  const share = shareOf(60);
  it(
    'changes nothing about its end: a hundred messages in one batch',
    async () => {
      const { tellings, failures } = await strikeOnce(
        await Theatre.open(requestPlay(BATCH), deployment),
        share,
      );
      console.info(`${BATCH.name}: ${tellings} crash points, ${tellings - failures.length} of them converge`);
      expect(failures).toEqual([]);
      expect(tellings * share).toBeGreaterThanOrEqual(100 * 3);
    },
    share === 1 ? 6 * LIMIT_MS : LIMIT_MS,
  );

  it(
    'changes nothing about its end: the promotion of a pair',
    async () => {
      const play = promotionRequestPlay(PROMOTION_BY_REQUEST);
      const { tellings, failures } = await strikeOnce(await Theatre.open(play, deployment), SHARE);
      console.info(`${play.name}: ${tellings} crash points, ${tellings - failures.length} of them converge`);
      expect(failures).toEqual([]);
      expect(tellings).toBeGreaterThanOrEqual(Math.floor((100 * WAYS.length) / SHARE));
    },
    LIMIT_MS,
  );
});

describe('telling what a request leads to', () => {
  it('notices an answer that is missing, one that is another, and a weight that changes once too often', async () => {
    const { moves } = REQUEST_STORIES.refused;
    const story = {
      ...REQUEST_STORIES.refused,
      results: ['stranger refused not-a-member', 'unsigned refused bad-signature', 'weight done null'],
      moves: { ...moves, '0 100>20': 2 },
    };
    const theatre = await Theatre.open(requestPlay(story), deployment);

    const { faults } = await theatre.tell(theatre.opening, [], 'end');

    expect(faults).toEqual([
      'the results: stranger refused not-a-member, unreadable quarantined quarantined, unsigned refused unsigned, ' +
        'weight done null, not stranger refused not-a-member, unsigned refused bad-signature, weight done null',
      expect.stringMatching(/^the moves: .*"0 100>20",1.* not .*"0 100>20",2/),
    ]);
  });
});
