import { describe, expect, it } from 'vitest';
import { createListings } from '../../../shared/comparison/listings.ts';
import type { InstanceListing, LifecycleState } from '../../../shared/instances/model.ts';
import { anInstance, NOW_MS } from '../../support/builders.ts';

const WEB = [{ key: 'role', value: 'web' }];
const IN_SERVICE: ReadonlyMap<string, LifecycleState> = new Map([['i-1', 'InService']]);

/** Clouds that answer each question with these, one after the other, and then with nothing but failures. */
function cloudsWith(listings: ReadonlyArray<InstanceListing>) {
  const left = [...listings];
  const asked: Array<string> = [];
  let nowMs = NOW_MS;
  return {
    asked,
    pass: (ms: number) => {
      nowMs += ms;
    },
    clock: { nowMs: () => nowMs },
    instances: {
      list: async (tags: ReadonlyArray<{ key: string; value: string }>) => {
        asked.push(tags.map(({ key, value }) => `${key}=${value}`).join());
        const next = left.shift();
        if (next === undefined) throw new Error('no answer');
        return next;
      },
    },
    scaling: {
      instances: async (scalingGroupId: string) => {
        asked.push(scalingGroupId);
        return IN_SERVICE;
      },
    },
  };
}
const listing = (id: string): InstanceListing => ({ instances: [anInstance(id)], isComplete: true });

describe('the listings of one comparison', () => {
  it('ask for each selector once, and say when that was', async () => {
    const clouds = cloudsWith([listing('i-1'), listing('i-2')]);
    const listings = createListings(clouds);

    const first = listings.byTags(WEB);
    clouds.pass(8_000);
    const second = listings.byTags([...WEB]);
    const other = listings.byTags([{ key: 'role', value: 'api' }]);
    listings.byScalingGroup('asg-1');
    listings.byScalingGroup('asg-1');

    expect(await second.answer).toEqual(listing('i-1'));
    expect([first.askedAtMs, second.askedAtMs, other.askedAtMs]).toEqual([NOW_MS, NOW_MS, NOW_MS + 8_000]);
    expect(clouds.asked).toEqual(['role=web', 'role=api', 'asg-1']);
  });

  it('ask again for what was answered too long ago', async () => {
    const clouds = cloudsWith([listing('i-1'), listing('i-2')]);
    const listings = createListings(clouds);

    await listings.byTags(WEB).answer;
    clouds.pass(8_001);

    expect(await listings.byTags(WEB).answer).toEqual(listing('i-2'));
  });

  it('fail for everybody who asked, with one question', async () => {
    const clouds = cloudsWith([]);
    const listings = createListings(clouds);

    await expect(listings.byTags(WEB).answer).rejects.toThrow('no answer');
    await expect(listings.byTags(WEB).answer).rejects.toThrow('no answer');
    expect(clouds.asked).toEqual(['role=web']);
  });
});
