import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTableTime } from '../../../../shared/adapters/tablestore/table-time.ts';
import { NOW_MS } from '../../../support/builders.ts';
import { setStage } from '../../../support/stage.ts';
import { openTables, tableCalls } from '../../../support/tables.ts';

const AHEAD_MS = 5 * 60_000;

/** A worker's clock and the table's, `aheadMs` apart, and a call that takes so long there and back. */
function twoClocks(aheadMs: number) {
  let ownMs = NOW_MS;
  let serverMs = NOW_MS + aheadMs;
  const time = createTableTime({ nowMs: () => ownMs });
  return {
    time,
    server: () => serverMs,
    pass(ms: number) {
      ownMs += ms;
      serverMs += ms;
    },
    setOwnClock(byMs: number) {
      ownMs += byMs;
    },
    call(thereMs: number, backMs: number) {
      const sentAtMs = ownMs;
      this.pass(thereMs);
      const answeredAtMs = serverMs;
      this.pass(backMs);
      time.learn(answeredAtMs, sentAtMs);
    },
  };
}

describe('table time', () => {
  it('is the own clock until the first answer', () => {
    expect(twoClocks(AHEAD_MS).time.nowMs()).toBe(NOW_MS);
  });

  it.each([AHEAD_MS, -AHEAD_MS])('follows a server whose clock is %i ms away', (aheadMs) => {
    const clocks = twoClocks(aheadMs);

    clocks.call(5, 5);

    expect(clocks.time.nowMs()).toBe(clocks.server());
  });

  it('is not disturbed by slow answers, however long the fast one is ago', () => {
    const clocks = twoClocks(AHEAD_MS);
    clocks.call(2, 2);

    clocks.call(0, 8_000);
    expect(clocks.time.nowMs()).toBe(clocks.server());
    clocks.pass(3_600_000);
    clocks.call(9_000, 0);

    expect(clocks.time.nowMs()).toBe(clocks.server());
  });

  it('follows when the own clock is set, as far as a slow answer proves it, and a fast one again exactly', () => {
    const clocks = twoClocks(0);
    clocks.call(1, 1);
    clocks.setOwnClock(60_000);

    clocks.call(100, 300);
    expect(Math.abs(clocks.time.nowMs() - clocks.server())).toBeLessThanOrEqual(400);
    clocks.call(1, 1);

    expect(clocks.time.nowMs()).toBe(clocks.server());
  });

  it('is in doubt while only slow answers have come, and no longer once a fast one has', () => {
    const clocks = twoClocks(AHEAD_MS);
    const isDoubtful = [clocks.time.isDoubtful];
    for (const backMs of [180_000, 4_000, 2_001, 1_900, 180_000]) {
      clocks.call(100, backMs);
      isDoubtful.push(clocks.time.isDoubtful);
    }

    expect(isDoubtful).toEqual([false, true, true, true, false, false]);
  });

  it('is in doubt after a call under which the own clock was set back, if that was the first', () => {
    const time = createTableTime({ nowMs: () => NOW_MS });
    time.learn(NOW_MS, NOW_MS + 1);

    expect(time.isDoubtful).toBe(true);
  });

  it('ignores answers without a date, and calls under which the own clock was set back', () => {
    const time = createTableTime({ nowMs: () => NOW_MS });

    time.learn(Number.NaN, NOW_MS);
    time.learn(NOW_MS + 999_999, NOW_MS + 1);

    expect(time.nowMs()).toBe(NOW_MS);
  });

  it('is never further off than the fastest answer took, whatever the answers', () => {
    const way = fc.nat({ max: 20_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: -1e7, max: 1e7 }),
        fc.array(fc.tuple(way, way, way), { minLength: 1, maxLength: 20 }),
        (aheadMs, calls) => {
          const clocks = twoClocks(aheadMs);
          let fastestMs = Number.POSITIVE_INFINITY;
          for (const [thereMs, backMs, pauseMs] of calls) {
            clocks.call(thereMs, backMs);
            fastestMs = Math.min(fastestMs, thereMs + backMs);
            expect(Math.abs(clocks.time.nowMs() - clocks.server())).toBeLessThanOrEqual(fastestMs / 2 + 1);
            clocks.pass(pauseMs);
          }
        },
      ),
    );
  });

  it('is asked for once more when a worker has slept through its first answer', async () => {
    const stage = await setStage();
    try {
      const slept = [0, 180_000];
      const tables = openTables(stage, { nowMs: () => Date.now() + (slept.shift() ?? 180_000) });
      await tables.get('lanes', { lane: 'lb-1' });

      expect(tableCalls(stage)).toEqual(['GetRow', 'GetRow']);
      expect(Math.abs(tables.time.nowMs() - Date.now())).toBeLessThan(500);
    } finally {
      await stage.close();
    }
  });

  it('is learned from the real answers, refusals too', async () => {
    const ahead = { nowMs: () => Date.now() + AHEAD_MS, at: () => () => {} };
    const stage = await setStage({ clouds: { clock: ahead } });
    try {
      const worker = stage.worker();
      await worker.done.read(['event/x']);
      expect(Math.abs(worker.clock.nowMs() - ahead.nowMs())).toBeLessThan(500);

      stage.clouds.foundation.faults.inject({
        name: 'refused',
        match: { product: 'ots' },
        skip: 0,
        times: null,
        effect: { kind: 'error', status: 400, code: 'OTSParameterInvalid', message: 'no' },
      });
      const other = stage.worker();
      await expect(other.done.read(['event/x'])).rejects.toThrow('no');
      expect(Math.abs(other.clock.nowMs() - ahead.nowMs())).toBeLessThan(500);
    } finally {
      await stage.close();
    }
  });
});
