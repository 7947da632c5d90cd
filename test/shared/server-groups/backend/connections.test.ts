import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../../../support/builders.ts';
import { aDrain } from '../played-lanes.ts';

describe('a drain by connections', () => {
  const counting = {
    drain: { timeMs: 600_000, connections: { floor: 2, samples: 3, everyMs: 20_000 } },
  } as const;

  it('is off unless the binding asks for it', () => {
    const lane = aDrain({ drain: { timeMs: 600_000 } });
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(600_000);

    expect(lane.asked).toEqual([]);
  });

  it('ends early after so many samples in a row at or below the floor, asked once per interval', () => {
    const lane = aDrain(counting);
    lane.onCount = () => 2;
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(600_000);

    expect(lane.asked).toEqual(['0s connections i-1', '20s connections i-1', '40s connections i-1']);
    expect(lane.sent).toEqual(['0s set-weight i-1=0', '40s remove i-1=0']);
  });

  it('asks no more often though other things make it look again', () => {
    const lane = aDrain(counting);
    lane.onCount = () => 2;
    lane.becomes('i-1', 'Stopped').look();
    for (let second = 1; second < 20; second++) lane.advance(1_000).look();

    expect(lane.asked).toEqual(['0s connections i-1']);
  });

  it('begins to count anew with each sample above the floor', () => {
    const counts = [0, 1, 3, 0, 0, 0];
    const lane = aDrain(counting);
    lane.onCount = () => counts.shift() ?? 0;
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(600_000);

    expect(lane.sent[1]).toBe('100s remove i-1=0');
  });

  it('is not ended early by what was counted before it was at weight 0', () => {
    const lane = aDrain(counting);
    lane.onCount = () => 0;
    lane.countedBeforeMs = 50_000;
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(600_000);

    // The samples of 60 s, 80 s and 100 s are the first that were counted since.
    expect(lane.sent).toEqual(['0s set-weight i-1=0', '100s remove i-1=0']);
  });

  it('is never ended early by a count that nobody knows', () => {
    const counts = [0, 0, null, 0, 0];
    const lane = aDrain(counting);
    lane.onCount = () => counts.shift() ?? null;
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(600_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '600s remove i-1=0']);
  });

  it('is still over with its time and its deadline', () => {
    const lane = aDrain(counting);
    lane.onCount = () => 50;
    lane.order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + 75_000 }).look();
    lane.advance(600_000);

    expect(lane.sent[1]).toBe('60s remove i-1=0');
  });

  it('forgets the samples of an earlier drain', () => {
    const lane = aDrain(counting);
    lane.onCount = () => 0;
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(25_000).becomes('i-1', 'Running').look();
    lane.advance(5_000);
    lane.becomes('i-1', 'Stopped').look();

    expect(lane.row('i-1')).toMatchObject({ quietSamples: 1, sampledAtMs: lane.nowMs });
    lane.advance(600_000);
    expect(lane.sent.at(-1)).toBe('70s remove i-1=0');
  });
});
