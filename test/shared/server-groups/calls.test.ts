import { describe, expect, it } from 'vitest';
import { aBackend, aBinding, anInstance, aRow, NOW_MS } from '../../support/builders.ts';
import { ids } from './plan-views.ts';
import { PlayedLane } from './played-lane.ts';

describe('the order of the calls', () => {
  it('takes out first what serves no more, then adds, then removes', () => {
    const lane = new PlayedLane().withInstances(
      anInstance('i-0'),
      anInstance('i-1', { status: 'Stopped' }),
      anInstance('i-2', { status: 'Stopped' }),
      anInstance('i-3'),
    );
    lane
      .withBackends(aBackend('i-0'), aBackend('i-1'), aBackend('i-2', { weight: 0 }))
      .withRows(
        aRow('i-0'),
        aRow('i-1'),
        aRow('i-2', { phase: 'draining', cause: 'stopped', weightZeroAtMs: NOW_MS - 60_000 }),
        aRow('i-3', { phase: 'joining', dueSinceMs: NOW_MS - 5_000, decidedAtMs: NOW_MS - 5_000 }),
      )
      .look();

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '0s add i-3=100', '0s remove i-2=0']);
  });

  it('adds before it takes out what still serves', () => {
    const lane = new PlayedLane().withInstances(
      anInstance('i-0'),
      anInstance('i-1', { tags: { role: 'retired' } }),
      anInstance('i-3'),
    );
    lane
      .withBackends(aBackend('i-0'), aBackend('i-1'))
      .withRows(
        aRow('i-0'),
        aRow('i-1'),
        aRow('i-3', { phase: 'joining', dueSinceMs: NOW_MS - 5_000, decidedAtMs: NOW_MS - 5_000 }),
      )
      .look();

    expect(lane.sent).toEqual(['0s add i-3=100', '0s set-weight i-1=0']);
  });

  it('takes out first what somebody orders out: no join keeps a drain waiting', () => {
    const lane = new PlayedLane().withInstances(anInstance('i-0'), anInstance('i-1'), anInstance('i-3'));
    lane
      .withBackends(aBackend('i-0'), aBackend('i-1'))
      .withRows(
        aRow('i-0'),
        aRow('i-1'),
        aRow('i-3', { phase: 'joining', dueSinceMs: NOW_MS - 5_000, decidedAtMs: NOW_MS - 5_000 }),
      )
      .order('i-1', 'scale-in')
      .look();

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '0s add i-3=100']);
  });
});

describe('the number of calls', () => {
  it('is one for 20 of a kind, in each step of their lives', () => {
    const servers = ids(60);
    const lane = new PlayedLane(
      aBinding({ readiness: 'load-balancer', join: { rampPercents: [10, 50], rampEveryMs: 10_000 } }),
    ).withInstances(anInstance('i-0'), ...servers.map((id) => anInstance(id)));
    lane
      .withBackends(aBackend('i-0'))
      .withRows(aRow('i-0'))
      .withHealth('normal', 'i-0', ...servers);
    for (const id of servers) lane.becomes(id, 'Running');
    lane.look();
    lane.advance(60_000);
    for (const id of servers) lane.becomes(id, 'Stopping');
    lane.look();
    lane.advance(60_000);

    const kinds = lane.sent.map((call) => call.replace(/^\S+ (\S+) \S+=(\d+)$/, '$1 $2'));
    const counts = Object.fromEntries(
      [...new Set(kinds)].map((kind) => [kind, kinds.filter((k) => k === kind).length]),
    );
    expect(counts).toEqual({
      'add 1': 3,
      'set-weight 10': 3,
      'set-weight 50': 3,
      'set-weight 100': 3,
      'set-weight 0': 3,
      'remove 0': 3,
    });
  });
});
