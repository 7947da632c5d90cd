import { describe, expect, it } from 'vitest';
import { planLane } from '../../../../shared/server-groups/plan.ts';
import {
  aBackend,
  aBinding,
  anInput,
  anInstance,
  aRow,
  aSignal,
  GROUP,
  instancesSeen,
  NOW_MS,
} from '../../../support/builders.ts';
import { anExile, aPair } from '../played-lanes.ts';

describe('a spot instance', () => {
  const recycling = anInstance('i-1', { lockReasons: ['Recycling'] });

  it('leaves when ECS shows the Recycling lock, though no event came', () => {
    const lane = aPair().withInstances(recycling);
    lane.look();
    lane.advance(60_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '30s remove i-1=0']);
    expect(lane.row('i-1')).toMatchObject({ cause: 'spot-reclaim', phase: 'removed' });
  });

  it('does not come back though the lock is not shown any more', () => {
    const lane = aPair().withInstances(recycling);
    lane.look();
    lane.withInstances(anInstance('i-1')).becomes('i-1', 'Running').advance(60_000).look();
    lane.advance(600_000);

    expect(lane.backend('i-1')).toBeUndefined();
  });

  it('keeps the deadline of its event when the lock shows up as well', () => {
    const lane = aPair({ drain: { timeMs: 300_000 } });
    lane.order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + 115_000 }).look();
    lane.withInstances(recycling).advance(300_000);

    expect(lane.sent[1]).toBe('100s remove i-1=0');
  });

  it('never joins with the lock on', () => {
    const lane = aPair().withInstances(anInstance('i-2', { lockReasons: ['Recycling'] }));
    lane.becomes('i-2', 'Running').look();
    lane.advance(600_000);

    expect(lane.sent).toEqual([]);
  });

  it('is not taken out for other locks', () => {
    const lane = aPair().withInstances(anInstance('i-1', { lockReasons: ['financial'] }));
    lane.look();

    expect(lane.sent).toEqual([]);
  });
});

describe('a health alarm', () => {
  it('keeps the backend in the group at weight 0, where health checks still see it', () => {
    const lane = aPair().withHealth('abnormal', 'i-1');
    lane.order('i-1', 'health-alarm').look();
    lane.advance(86_400_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0']);
    expect(lane.weights).toEqual(['i-0=100', 'i-1=0']);
  });

  it('is over when it has been healthy for the configured time without a break', () => {
    const lane = aPair({ drain: { healthyForMs: 120_000 } }).withHealth('abnormal', 'i-1');
    lane.order('i-1', 'health-alarm').look();
    lane.advance(60_000).withHealth('normal', 'i-1').look();
    lane.advance(90_000).withHealth('abnormal', 'i-1').look();
    lane.advance(30_000).withHealth('normal', 'i-1').look();
    lane.advance(119_000);
    expect(lane.sent).toHaveLength(1);

    lane.advance(3_000);
    expect(lane.sent).toEqual(['0s set-weight i-1=0', '302s set-weight i-1=100']);
  });

  it.each(['unavailable', null] as const)('is not over while health checks say %s', (status) => {
    const lane = aPair({ drain: { healthyForMs: 60_000 } }).withHealth(status, 'i-1');
    lane.order('i-1', 'health-alarm').look();
    lane.advance(600_000);

    expect(lane.sent).toHaveLength(1);
  });

  it('does not keep a released instance in the group', () => {
    const lane = aPair().withHealth('abnormal', 'i-1');
    lane.order('i-1', 'health-alarm').look();
    lane.instances.delete('i-1');
    lane.advance(5_000).hear('i-1', { kind: 'state', state: 'Deleted' }).look();

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '5s remove i-1=0']);
    expect(lane.row('i-1')).toBeUndefined();
  });

  it('about an instance that is not in the group keeps nobody out: who joins proves itself', () => {
    const lane = aPair({ readiness: 'load-balancer' }).withInstances(anInstance('i-2'));
    lane.order('i-2', 'health-alarm').becomes('i-2', 'Running').look();
    lane.advance(10_000).withHealth('normal', 'i-2').advance(10_000);

    expect(lane.weights).toContain('i-2=100');
  });

  it('ends when somebody takes the backend out: out of the group no health check could ever end it', () => {
    const lane = aPair().withHealth('abnormal', 'i-1');
    lane.order('i-1', 'health-alarm').look();
    lane.advance(10_000).meddle('i-1', null).look();
    lane.advance(10_000);

    expect(lane.row('i-1')).toMatchObject({ orders: [], phase: 'in-service' });
  });
});

describe('an instance that stops', () => {
  it.each(['Stopping', 'Stopped'] as const)(
    '(%s) leaves and comes back when it is observed Running',
    (status) => {
      const lane = aPair();
      lane.becomes('i-1', status).look();
      lane.advance(60_000);
      expect(lane.weights).toEqual(['i-0=100']);

      lane.becomes('i-1', 'Running').look();
      lane.advance(10_000);
      expect(lane.weights).toEqual(['i-0=100', 'i-1=100']);
    },
  );

  it('is not brought back by an event alone', () => {
    const lane = aPair();
    lane.becomes('i-1', 'Stopped').look();
    lane.hear('i-1', { kind: 'state', state: 'Running' }).look();
    lane.advance(600_000);

    expect(lane.weights).toEqual(['i-0=100']);
  });
});

describe('generations', () => {
  it('grow by one with each change of direction and with nothing else', () => {
    const lane = aPair({ join: { rampPercents: [50], rampEveryMs: 10_000 } });
    const seen: Array<string> = [];
    const note = () => seen.push(`${lane.row('i-1')?.phase} ${lane.row('i-1')?.generation}`);
    lane.order('i-1', 'scale-in').look();
    note();
    lane.advance(5_000).takeBack('i-1', 'scale-in').look();
    note();
    lane.advance(4_000);
    note();
    lane.advance(30_000);
    note();
    lane.becomes('i-1', 'Stopping').look();
    note();
    lane.becomes('i-1', 'Stopped').look();
    note();

    expect(seen).toEqual([
      'draining 2',
      'ramping 3',
      'ramping 3',
      'in-service 3',
      'draining 4',
      'draining 4',
    ]);
  });

  it('go on for an instance that was out and is back, as long as an order was remembered', () => {
    const lane = anExile('change-request');
    expect(lane.row('i-1')?.generation).toBe(2);
    lane.takeBack('i-1', 'change-request').look();

    expect(lane.row('i-1')?.generation).toBe(3);
  });
});

describe('an event that is ahead of the API', () => {
  it('of a stop takes nothing out until ECS shows it, which is looked for again', () => {
    const lane = aPair();
    lane.hear('i-1', { kind: 'state', state: 'Stopping' }).look();
    expect([lane.sent, lane.nextLookMs]).toEqual([[], NOW_MS + 5_000]);

    lane.withInstances(anInstance('i-1', { status: 'Stopping' })).advance(5_000);
    expect(lane.sent).toEqual(['5s set-weight i-1=0']);
  });

  it('of a start adds nothing until ECS shows it', () => {
    const lane = aPair().withInstances(anInstance('i-2', { status: 'Starting' }));
    lane.hear('i-2', { kind: 'state', state: 'Running' }).look();
    lane.advance(14_000);
    expect(lane.sent).toEqual([]);

    lane.withInstances(anInstance('i-2')).advance(3_000);
    expect(lane.sent).toEqual(['17s add i-2=100']);
  });

  it('of a start that ECS does not even list yet waits as well', () => {
    const plan = planLane(
      anInput({ instances: instancesSeen([], ['i-1']), signals: [aSignal('i-1', 'Running')] }),
    );

    expect(plan).toMatchObject({ changes: [], settledKeys: [], nextLookMs: NOW_MS + 5_000 });
  });
});

describe('one instance in two groups', () => {
  const other = 'rsp-bp1other00001';

  it('may be in different phases, each with its own time and generation', () => {
    const lane = aPair();
    lane.bindings = [
      aBinding({ drain: { timeMs: 20_000 } }),
      aBinding({
        name: 'other',
        vServerGroupId: other,
        selector: { kind: 'tags', tags: { tier: 'b' } },
        drain: { timeMs: 50_000 },
      }),
    ];
    const tags = { role: 'web', tier: 'b' };
    lane.withInstances(anInstance('i-0', { tags }), anInstance('i-1', { tags }));
    const theirs = { vServerGroupId: other, description: 'slb-autopilot/other' };
    lane
      .withBackends(aBackend('i-0', theirs), aBackend('i-1', theirs))
      .withRows(aRow('i-0', { vServerGroupId: other, binding: 'other' }))
      .withRows(aRow('i-1', { vServerGroupId: other, binding: 'other', generation: 7 }));

    lane.withInstances(anInstance('i-1', { tags: { role: 'web' } })).look();
    lane.advance(10_000);
    expect([lane.row('i-1')?.phase, lane.row('i-1', other)?.phase]).toEqual(['in-service', 'draining']);
    lane.order('i-1', 'scale-in').look();
    lane.advance(25_000);
    expect([lane.row('i-1')?.phase, lane.row('i-1', other)?.phase]).toEqual(['removed', 'draining']);
    expect([lane.row('i-1')?.generation, lane.row('i-1', other)?.generation]).toEqual([2, 8]);
    lane.advance(60_000);

    expect(lane.sent).toEqual([
      '0s set-weight i-1=0',
      '10s set-weight i-1=0',
      '30s remove i-1=0',
      '50s remove i-1=0',
    ]);
    expect(lane.backend('i-1', GROUP)).toBeUndefined();
  });
});
