import { beforeAll, describe, expect, it } from 'vitest';
import type { MemoryDeployment } from '../../infra/local/memory/deployment.ts';
import { readMemoryDeployment } from '../../infra/local/memory/read-deployment.ts';
import { groupPlay } from './crash-points/group-play.ts';
import { promotionPlay } from './crash-points/promotions/play.ts';
import { PROMOTIONS } from './crash-points/promotions/story.ts';
import { shareOf } from './crash-points/share.ts';
import { STORIES, type Story, withDrainTime } from './crash-points/story.ts';
import { WAYS } from './crash-points/strikes.ts';
import { Theatre } from './crash-points/theatre.ts';
import { strikeOnce } from './crash-points/tour.ts';

/**
 * Goal: whatever single call of whatever worker goes wrong, and however, the story ends the same.
 * Method: the deployed functions in memory on virtual time, told once for each point: a worker that dies before the call,
 * one that dies after it, one that lives and hears no answer. The clouds' own redelivery, wake-ups and ticks bring the
 * others. All invariants of the simulator watch, and the protocol of the group; full comparisons are left out.
 */
let deployment: MemoryDeployment;
beforeAll(async () => {
  deployment = await readMemoryDeployment();
});

const SHARE = shareOf(WAYS.length);
/** Only against what hangs: half a minute where nobody else wants the processor. */
const LIMIT_MS = 5 * 60_000;
/** Calls that a story makes at least; with fewer of them it has not been told. */
const CALLS_MIN: Readonly<Record<keyof typeof STORIES, number>> = {
  join: 40,
  rampByProbe: 100,
  rampByLoadBalancer: 100,
  drain: 40,
  rejoin: 60,
  scaleIn: 100,
  scaleOut: 100,
};
/** A worker that dies between the records and the index of members leaves an entry, for the next event to look at. */
const STALE_MAX: Partial<Record<keyof typeof STORIES, number>> = { drain: 3, scaleIn: 3 };

describe('a call that goes wrong, anywhere in a story', () => {
  it.each(Object.keys(STORIES) as ReadonlyArray<keyof typeof STORIES>)(
    'changes nothing about its end: %s',
    async (key) => {
      const { tellings, failures, stale } = await strikeOnce(
        await Theatre.open(groupPlay(STORIES[key]), deployment),
        SHARE,
      );
      console.info(
        `${STORIES[key].name}: ${tellings} crash points, ${tellings - failures.length} of them converge`,
      );
      expect(failures).toEqual([]);
      expect(tellings).toBeGreaterThanOrEqual(Math.floor((CALLS_MIN[key] * WAYS.length) / SHARE));
      expect(stale).toBeLessThanOrEqual(STALE_MAX[key] ?? 0);
    },
    LIMIT_MS,
  );
});

/** The same of a pair's change: listeners, the one group and all tables end alike, whoever died. */
describe('a call that goes wrong, anywhere in the change of a pair', () => {
  it.each([
    ['promotion', 140],
    ['promotionByOrder', 90],
    ['promotionUndone', 110],
    ['creation', 45],
  ] as const)(
    'changes nothing about its end: %s',
    async (key, callsMin) => {
      const story = PROMOTIONS[key];
      const { tellings, failures } = await strikeOnce(
        await Theatre.open(promotionPlay(story), deployment),
        SHARE,
      );
      console.info(`${story.name}: ${tellings} crash points, ${tellings - failures.length} of them converge`);
      expect(failures).toEqual([]);
      expect(tellings).toBeGreaterThanOrEqual(Math.floor((callsMin * WAYS.length) / SHARE));
    },
    LIMIT_MS,
  );
});

describe('telling the change of a pair', () => {
  it('notices a move too many, a group of another name and an outcome that it did not expect', async () => {
    const { atEnd } = PROMOTIONS.promotion;
    const story = { ...PROMOTIONS.promotionUndone, atEnd: { ...atEnd, memberIds: [0, 1], home: 0 } };
    const theatre = await Theatre.open(promotionPlay(story), deployment);

    const { faults } = await theatre.tell(theatre.opening, [], 'end');

    expect(faults).toEqual([
      'the group of tcp:3306: "0 > 1", not "1 > 2"',
      'the group of udp:3306: "0 > 1", not "1 > 2"',
      'the group of tcp:3307: "0 > 1", not "1 > 2"',
      'the groups: [["by-hand",true]], not [["slb-autopilot/story/1",false]]',
      expect.stringMatching(/^the tags: /),
      'the moves: [2,0,0], not [1,1]',
      'the change: ["promotion","undone","ended"], not ["promotion","done","ended"]',
      expect.stringMatching(/^the listeners of the change: /),
      'the failure: ["ActionNotAllowed",true], not null',
    ]);
  });
});

describe('telling a story', () => {
  it('notices a backend that is removed before its drain time', async () => {
    const { faults } = await toldOnce(withDrainTime(STORIES.drain, 5_000));
    expect(faults).toEqual([expect.stringMatching(/is removed after \d{4} ms at weight 0/)]);
  });

  it('notices a group that does not end as it should', async () => {
    const { faults } = await toldOnce({ ...STORIES.drain, atEnd: [0, 1] });
    expect(faults).toEqual([
      expect.stringMatching(/^the group:/),
      expect.stringMatching(/^the records:/),
      expect.stringMatching(/^the index of members:/),
    ]);
  });

  async function toldOnce(story: Story) {
    const theatre = await Theatre.open(groupPlay(story), deployment);
    return await theatre.tell(theatre.opening, [], 'end');
  }
});
