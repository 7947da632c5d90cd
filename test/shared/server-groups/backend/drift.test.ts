import { describe, expect, it } from 'vitest';
import { aBackend, anInstance, NOW_MS } from '../../../support/builders.ts';
import type { PlayedLane } from '../played-lane.ts';
import { aDrain, aPair, retired } from '../played-lanes.ts';

/** Thursday, 04:18 in UTC, is in it. */
const OPEN = { days: ['thu'], fromMinute: 240, toMinute: 300, timeZone: 'UTC' } as const;
const CLOSED = { ...OPEN, days: ['fri'] } as const;
const held = (lane: PlayedLane, id: string) => lane.row(id)?.held;

describe('a binding that only has differences reported', () => {
  const report = { drift: { policy: 'report' } } as const;

  it('leaves a weight that somebody has set, says so once, and is well again when it is back', () => {
    const lane = aPair(report).withBackends(aBackend('i-1', { weight: 30 }));
    lane.look();
    lane.advance(600_000);
    expect(lane.sent).toEqual([]);
    expect(held(lane, 'i-1')).toMatchObject({ by: 'drift', reason: expect.stringContaining('weight 30') });
    expect(lane.decisions.filter(({ action }) => action === 'held')).toHaveLength(1);
    expect(lane.counts).toContainEqual(expect.objectContaining({ metric: 'drift-reported', value: 1 }));

    lane.withBackends(aBackend('i-1')).look();
    expect(held(lane, 'i-1')).toBeNull();
  });

  it('leaves a member out that somebody has removed, and one in that nothing selects', () => {
    const lane = aDrain(report).withInstances(retired('i-2'));
    lane.list.delete('rsp-bp1web000001/i-1:8080');
    lane.look();
    lane.advance(600_000);

    expect(lane.sent).toEqual([]);
    expect(held(lane, 'i-1')?.reason).toContain('removed');
    expect(held(lane, 'i-2')?.reason).toContain('no binding selects');
  });

  it('still drains what stops, and joins what an event says is Running', () => {
    const lane = aDrain(report).becomes('i-1', 'Stopped').withInstances(anInstance('i-9'));
    lane.becomes('i-9', 'Running').look();
    lane.advance(60_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '2s add i-9=100', '30s remove i-1=0']);
  });

  it('does not bring in what only a comparison has found', () => {
    const lane = aPair(report).withInstances(anInstance('i-9'));
    lane.hear('i-9', { kind: 'state', state: 'Running' }, { eventAtMs: null }).look();
    lane.advance(60_000);

    expect(lane.sent).toEqual([]);
    expect(lane.row('i-9')).toBeUndefined();
  });

  it('carries out what people ask for', () => {
    const lane = aPair(report);
    lane.override('i-1', 600_000, { weight: { is: 40 } }).look();
    lane.advance(5_000);

    expect(lane.weights).toContain('i-1=40');
  });
});

describe('a window', () => {
  it.each([
    ['that is open has a difference corrected', OPEN, 'i-1=100'],
    ['that is closed has it wait', CLOSED, 'i-1=30'],
  ])('%s', (_, window, expected) => {
    const lane = aPair({ drift: { windows: [window] } }).withBackends(aBackend('i-1', { weight: 30 }));
    lane.look();
    lane.advance(10_000);

    expect(lane.weights).toContain(expected);
  });

  it('has the difference corrected by itself once it opens', () => {
    const soon = { ...OPEN, fromMinute: 280 };
    const lane = aPair({ drift: { windows: [soon] } }).withBackends(aBackend('i-1', { weight: 30 }));
    lane.look();
    lane.advance(30 * 60_000);

    expect(lane.weights).toContain('i-1=100');
    expect(lane.nowMs).toBe(NOW_MS + 30 * 60_000);
  });
});

describe('an ignored instance', () => {
  it('is left as somebody has made it, and the others are not', () => {
    const lane = aDrain({ drift: { ignore: ['i-1'] } }).withBackends(
      aBackend('i-1', { weight: 30 }),
      aBackend('i-2', { weight: 30 }),
    );
    lane.look();
    lane.advance(10_000);

    expect(lane.weights).toEqual(['i-0=100', 'i-1=30', 'i-2=100']);
  });
});

describe('a weight that somebody else has set', () => {
  it('is kept where the binding says so', () => {
    const lane = aPair({ drift: { weight: 'keep' } }).withBackends(aBackend('i-1', { weight: 30 }));
    lane.look();
    lane.advance(600_000);

    expect(lane.sent).toEqual([]);
    expect(held(lane, 'i-1')?.reason).toContain('it is kept');
  });

  it('is adopted where the binding says so, and is ours to defend from then on, until it is released', () => {
    const lane = aPair({ drift: { weight: 'adopt' } }).withBackends(aBackend('i-1', { weight: 30 }));
    lane.look();
    lane.advance(60_000);
    expect(lane.sent).toEqual([]);
    expect(lane.row('i-1')).toMatchObject({
      override: { weight: { is: 30 } },
      confirmedWeight: 30,
      held: null,
    });

    lane.takeBack('i-1', 'change-request').look();
    lane.advance(10_000);
    expect(lane.weights).toContain('i-1=100');
  });

  it('never keeps what has lost our mark: that comes back', () => {
    const lane = aPair({ drift: { weight: 'keep' } }).withBackends(
      aBackend('i-1', { description: 'by-hand' }),
    );
    lane.look();
    lane.advance(10_000);

    expect(lane.sent).toEqual(['2s set-weight i-1=100']);
  });
});

describe('a pause of a binding', () => {
  const pause = (untilMs: number | null) =>
    ({ kind: 'pause', binding: 'web', reason: 'we measure', untilMs }) as const;
  const paused = (untilMs: number | null = NOW_MS + 60_000) => {
    const lane = aPair().withBackends(aBackend('i-1', { weight: 30 }));
    return lane.hear('binding/web', pause(untilMs));
  };

  it('has differences only reported, with its reason and end, and corrected when it is over', () => {
    const lane = paused();
    lane.look();
    lane.advance(59_000);
    expect(lane.sent).toEqual([]);
    expect(held(lane, 'i-1')?.reason).toContain('web is paused until 2026-04-09T04:19:26Z: we measure');

    lane.advance(60_000);
    expect(lane.weights).toContain('i-1=100');
    expect(lane.signals).toEqual([]);
  });

  it('holds no drain, and no join that an event asks for', () => {
    const lane = paused(NOW_MS + 3_600_000).becomes('i-1', 'Stopped');
    lane.withInstances(anInstance('i-9')).becomes('i-9', 'Running').look();
    lane.advance(60_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '2s add i-9=100', '30s remove i-1=0']);
  });

  it('is ended by a later word, and made longer by one', () => {
    const resumed = paused(NOW_MS + 3_600_000);
    resumed.look();
    resumed.advance(10_000).hear('binding/web', pause(null)).look();
    resumed.advance(60_000);
    expect(resumed.weights).toContain('i-1=100');
    expect(resumed.signals).toEqual([]);

    const longer = paused();
    longer.look();
    longer
      .advance(10_000)
      .hear('binding/web', pause(NOW_MS + 300_000))
      .look();
    longer.advance(120_000);
    expect(longer.sent).toEqual([]);
    expect(longer.signals).toHaveLength(1);
  });

  it('is that of its own binding, and of the configuration as well', () => {
    const others = aPair().withBackends(aBackend('i-1', { weight: 30 }));
    others.hear('binding/api', { ...pause(NOW_MS + 60_000), binding: 'api' }).look();
    others.advance(30_000);
    expect(others.weights).toContain('i-1=100');

    const configured = aPair({ drift: { pause: { untilMs: NOW_MS + 60_000, reason: 'we measure' } } });
    configured.withBackends(aBackend('i-1', { weight: 30 })).look();
    configured.advance(59_000);
    expect(configured.sent).toEqual([]);
    configured.advance(120_000);
    expect(configured.weights).toContain('i-1=100');
  });
});
