import { describe, expect, it } from 'vitest';
import {
  ASSUME,
  aBackend,
  aListener,
  aLoadBalancer,
  anInstance,
  GROUP,
  NOW_MS,
} from '../../../support/builders.ts';
import { aJoin, answers, refuses } from '../played-lanes.ts';

const RR = aLoadBalancer({ listeners: [aListener({ scheduler: 'rr' })] });
const NO_CHECK = aLoadBalancer({ listeners: [aListener({ isHealthChecked: false })] });
describe('readiness by health checks', () => {
  const byHealth = { readiness: 'load-balancer' } as const;

  it('is not believed while they say abnormal, unavailable or nothing: it stays at its join weight', () => {
    const lane = aJoin(byHealth);
    lane.look();
    lane.advance(20_000).withHealth('unavailable', 'i-1').advance(20_000);
    lane.withHealth('abnormal', 'i-1').advance(20_000);

    expect(lane.sent).toEqual(['2s add i-1=1']);
    expect(lane.row('i-1')).toMatchObject({ phase: 'joining', listedAtMs: NOW_MS + 2_000 });
  });

  it('raises it once they say normal, by a look that the lane asked for itself', () => {
    const lane = aJoin(byHealth);
    lane.look();
    lane.advance(4_000).withHealth('normal', 'i-1').advance(10_000);

    expect(lane.sent).toEqual(['2s add i-1=1', '9s set-weight i-1=100']);
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', generation: 1 });
  });

  it('is looked for ever more seldom the longer it takes, a minute apart at most', () => {
    const lane = aJoin({ ...byHealth, join: { readyWithinMs: 3_600_000 } }).withHealth('abnormal', 'i-1');
    const waitAfter = (ms: number) => {
      lane.look();
      lane.advance(ms - (lane.nowMs - NOW_MS));
      lane.look();
      return (lane.nextLookMs ?? Infinity) - lane.nowMs;
    };

    expect([2_000, 20_000, 62_000, 182_000, 1_802_000].map(waitAfter)).toEqual([
      5_000, 5_000, 10_000, 30_000, 60_000,
    ]);
  });

  it('takes the worst of several listeners', () => {
    const lane = aJoin(byHealth);
    lane.loadBalancer = aLoadBalancer({ listeners: [aListener(), aListener({ port: 81 })] });
    const second = { listenerPort: 81, protocol: 'http', serverId: 'i-1', port: 8080 } as const;
    lane.health.set('second', { ...second, status: 'abnormal' });
    lane.withHealth('normal', 'i-1').look();
    lane.advance(30_000);
    expect(lane.backend('i-1')?.weight).toBe(1);

    lane.health.set('second', { ...second, status: 'normal' });
    lane.advance(30_000);
    expect(lane.backend('i-1')?.weight).toBe(100);
  });

  it('proves nothing at weight 0 unless somebody has settled what it means there', () => {
    const atZero = (healthAtWeightZero: 'unknown' | 'as-checked') => {
      const lane = aJoin({ ...byHealth, join: { weight: 0 } }).withHealth('normal', 'i-1');
      lane.overrides = { assume: { ...ASSUME, healthAtWeightZero } };
      lane.look();
      lane.advance(60_000);
      return lane.sent;
    };

    expect(atZero('unknown')).toEqual(['2s add i-1=0']);
    expect(atZero('as-checked')[1]).toBe('4s set-weight i-1=100');
  });

  it('holds the join, where rr would have it serve before any check could tell', () => {
    const lane = aJoin(byHealth);
    lane.loadBalancer = RR;
    lane.look();
    lane.advance(3_600_000);

    expect(lane.sent).toEqual([]);
    expect(lane.row('i-1')?.held).toEqual({
      by: 'setting',
      reason: 'readiness by health checks cannot be proven before it serves under rr on http:80',
    });
    expect(lane.counts).toContainEqual({ metric: 'backends-held', vServerGroupId: GROUP, value: 1 });
    expect(lane.decisions.filter(({ action }) => action === 'held')).toHaveLength(1);
  });

  it('lets the held join go on when the listener has become a weighted one', () => {
    const lane = aJoin(byHealth);
    lane.loadBalancer = RR;
    lane.look();
    lane.advance(120_000);
    lane.loadBalancer = aLoadBalancer();
    lane.withHealth('normal', 'i-1').advance(120_000);

    expect(lane.weights).toContain('i-1=100');
    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', held: null });
  });

  it('holds what it can never prove at the join weight, where no listener has a health check', () => {
    const lane = aJoin(byHealth);
    lane.loadBalancer = NO_CHECK;
    lane.look();
    lane.advance(600_000);

    expect(lane.sent).toEqual(['2s add i-1=1']);
    expect(lane.row('i-1')?.held).toEqual({
      by: 'setting',
      reason: 'readiness by health checks, but no listener of the group has one',
    });
  });
});

describe('readiness by our own probe', () => {
  const byProbe = {
    readiness: 'probe',
    probe: { probe: { kind: 'tcp', timeoutMs: 700 }, everyMs: 7_000 },
  } as const;

  it('asks the private address and port of the instance itself, with the binding’s own probe', () => {
    const seen: Array<unknown> = [];
    const lane = aJoin(byProbe).withInstances(anInstance('i-1', { privateIp: '192.168.7.7' }));
    lane.onProbe = (enquiry) => {
      seen.push([enquiry.privateIp, enquiry.backend.port, enquiry.probe]);
      return answers();
    };
    lane.look();
    lane.advance(2_000);

    expect(seen).toEqual([['192.168.7.7', 8080, { kind: 'tcp', timeoutMs: 700 }]]);
  });

  it('keeps the join weight while nobody answers and asks once per interval', () => {
    const lane = aJoin(byProbe);
    lane.onProbe = refuses;
    lane.look();
    lane.advance(20_000);

    expect(lane.sent).toEqual(['2s add i-1=1']);
    expect(lane.asked).toEqual(['2s probe i-1', '9s probe i-1', '16s probe i-1']);
  });

  it('asks only its own binding’s new instances, never who serves already nor a stranger', () => {
    const lane = aJoin(byProbe)
      .withInstances(anInstance('i-8'), anInstance('i-9', { tags: { role: 'db' } }))
      .withBackends(aBackend('i-8', { description: 'by hand' }))
      .becomes('i-9', 'Running');
    lane.look();
    lane.advance(60_000);

    expect(lane.asked).toEqual(['2s probe i-1']);
  });

  it('raises it once it answers', () => {
    const lane = aJoin(byProbe);
    lane.onProbe = refuses;
    lane.look();
    lane.advance(5_000);
    lane.onProbe = answers;
    lane.advance(10_000);

    expect(lane.sent).toEqual(['2s add i-1=1', '11s set-weight i-1=100']);
  });

  it('waits for an address to probe', () => {
    const lane = aJoin(byProbe).withInstances(anInstance('i-1', { privateIp: null }));
    lane.look();
    lane.advance(4_000);
    expect(lane.asked).toEqual([]);

    lane.withInstances(anInstance('i-1')).advance(20_000);
    expect(lane.row('i-1')?.phase).toBe('in-service');
  });

  it('goes before the Add where rr would have it serve at once, and then adds it at full weight', () => {
    const lane = aJoin({ ...byProbe, join: { weight: 0 } });
    lane.loadBalancer = RR;
    lane.onProbe = refuses;
    lane.look();
    lane.advance(30_000);
    expect(lane.sent).toEqual([]);

    lane.onProbe = answers;
    lane.advance(10_000);
    expect(lane.sent).toEqual(['35s add i-1=100']);
  });
});

describe('readiness by both', () => {
  const both = { readiness: 'both' } as const;

  it.each([
    ['the health checks say no', 'abnormal', answers],
    ['our probe says no', 'normal', refuses],
  ] as const)('is not given while %s', (_who, status, onProbe) => {
    const lane = aJoin(both).withHealth(status, 'i-1');
    lane.onProbe = onProbe;
    lane.look();
    lane.advance(60_000);

    expect(lane.sent).toEqual(['2s add i-1=1']);
  });

  it('is given when they agree, with both in the reason', () => {
    const lane = aJoin(both).withHealth('normal', 'i-1');
    lane.look();
    lane.advance(10_000);

    expect(lane.weights).toContain('i-1=100');
    expect(lane.decisions.map(({ reason }) => reason)).toContain(
      'health checks say normal, it answers our probe; the group lists it',
    );
  });

  it('is held under rr, where the health checks can say nothing before the Add', () => {
    const lane = aJoin(both);
    lane.loadBalancer = RR;
    lane.look();
    lane.advance(60_000);

    expect([lane.sent, lane.row('i-1')?.held?.by]).toEqual([[], 'setting']);
  });
});
