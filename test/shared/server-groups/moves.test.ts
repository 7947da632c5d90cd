import { describe, expect, it } from 'vitest';
import { anInstance, LIMITS } from '../../support/builders.ts';
import { aMove, callsOf, listed, moveTo, portsOfServer, recorded, saysOf, serving } from './moving-lane.ts';
import { ids } from './plan-views.ts';
import { answers, refuses } from './played-lanes.ts';

const HOUR_MS = 3_600_000;

describe('servers whose binding names another port', () => {
  it('stay where they are until somebody tells of the new one', () => {
    const lane = aMove(3);
    lane.look();
    lane.advance(HOUR_MS);

    expect(lane.sent).toEqual([]);
  });

  it('move 25 at once with two calls of each kind, and none of them ever stops serving', () => {
    const lane = aMove(25, [8081], { guards: { minInService: 25, maxDisruptionPercent: 1 } });
    const counts: Array<number> = [];
    lane.afterCall = () => counts.push(serving(lane).size);
    lane.compare().advance(HOUR_MS);

    expect(callsOf(lane)).toEqual({ add: 2, 'set-weight': 2, remove: 2 });
    expect(new Set(counts)).toEqual(new Set([25]));
    expect([...lane.list.values()].every(({ port, weight }) => port === 8081 && weight === 100)).toBe(true);
    expect([...lane.rows.values()].map(({ port, phase }) => `${port} ${phase}`)).toEqual(
      Array(25).fill('8081 in-service'),
    );
  });

  it('are drained on the old port for the drain time of their binding', () => {
    const lane = aMove(1, [8081], { drain: { timeMs: 60_000 } });
    lane.compare().advance(HOUR_MS);

    expect(lane.sent).toEqual([
      '2s add i-web0001=100',
      '4s set-weight i-web0001=0',
      '64s remove i-web0001=0',
    ]);
  });

  it('keep the old port until the new one has proven itself and is up its ramp', () => {
    const lane = aMove(2, [8081], {
      readiness: 'probe',
      join: { weight: 0, rampPercents: [10, 50], rampEveryMs: 30_000 },
    });
    lane.onProbe = refuses;
    lane.compare().advance(60_000);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8080=100', ':8081=0']);

    lane.onProbe = answers;
    lane.advance(20_000);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8080=100', ':8081=10']);

    lane.advance(HOUR_MS);
    expect(lane.sent.filter((call) => /=0/.test(call) && !call.includes('add')).length).toBe(2);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8081=100']);
  });

  it.each(['stay', 'remove'] as const)(
    'keep it for good, held, where the new one never serves (%s)',
    (whenNotReady) => {
      const lane = aMove(3, [8081], { readiness: 'probe', join: { readyWithinMs: 30_000, whenNotReady } });
      lane.onProbe = ({ backend }) => (backend.serverId === 'i-web0002' ? refuses() : answers());
      lane.compare().advance(HOUR_MS);

      expect(portsOfServer(lane, 'i-web0001')).toEqual([':8081=100']);
      expect(listed(lane, 'i-web0002:8080')?.weight).toBe(100);
      expect(recorded(lane, 'i-web0002:8080')).toMatchObject({
        phase: 'in-service',
        held: {
          by: 'moving',
          reason: expect.stringMatching(/^stays until its server serves on :8081: :8081 /),
        },
      });
    },
  );

  it('let go of the hold once the new port serves', () => {
    const lane = aMove(2, [8081], { readiness: 'probe', join: { readyWithinMs: 30_000 } });
    lane.onProbe = refuses;
    lane.compare().advance(120_000);
    expect(recorded(lane, 'i-web0001:8080')?.held?.by).toBe('moving');

    lane.onProbe = answers;
    lane.advance(HOUR_MS);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8081=100']);
  });

  it('stay on the old port while the health checks call the new one abnormal, also where Running is enough', () => {
    const lane = aMove(2);
    saysOf(lane, 'abnormal', 'i-web0001:8081');
    lane.compare().advance(300_000);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8080=100', ':8081=100']);
    expect(recorded(lane, 'i-web0001:8080')?.held?.reason).toContain(':8081 is abnormal');

    saysOf(lane, 'normal', 'i-web0001:8081');
    lane.advance(120_000);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8081=100']);
  });

  it('wait for all of several new ports, and need no move where a port is only given up', () => {
    const two = aMove(2, [8081, 9090], { readiness: 'probe' });
    two.onProbe = ({ backend }) => (backend.port === 9090 ? refuses() : answers());
    two.compare().advance(120_000);
    expect(portsOfServer(two, 'i-web0001')).toEqual([':8080=100', ':8081=100', ':9090=1']);

    const fewer = moveTo(aMove(2, [8080, 9090]).compare(), 8080);
    fewer.advance(10_000).look();
    fewer.advance(HOUR_MS);
    expect(portsOfServer(fewer, 'i-web0001')).toEqual([':8080=100']);
  });
});

describe('a move that does not fit under the quota', () => {
  const underQuota = (backendsPerLoadBalancer: number) => {
    const lane = aMove(10, [8081], { guards: { minInService: 10 } });
    lane.overrides = { limits: { ...LIMITS, backendsPerLoadBalancer } };
    return lane;
  };

  it('goes on in waves that fit', () => {
    const lane = underQuota(14);
    const most: Array<number> = [];
    lane.afterCall = () => most.push(lane.list.size);
    lane.compare().advance(HOUR_MS);

    expect(Math.max(...most)).toBe(14);
    expect(lane.sent.filter((call) => call.includes(' add ')).map((call) => call.split(',').length)).toEqual([
      4, 4, 2,
    ]);
    expect(serving(lane).size).toBe(10);
    expect([...lane.list.values()].every(({ port }) => port === 8081)).toBe(true);
  });

  it('is held with the numbers where not even one fits', () => {
    const lane = underQuota(10);
    lane.compare().advance(HOUR_MS);

    expect(lane.sent).toEqual([]);
    expect(recorded(lane, 'i-web0001:8081')?.held).toEqual({
      by: 'quota',
      reason:
        'quota: the load balancer takes 10 backends over all its groups and has 10, so that 0 of 10 can join',
    });
    expect(recorded(lane, 'i-web0001:8080')?.held?.by).toBe('moving');
  });
});

describe('in the middle of a move', () => {
  /** All are on both ports, and the new one of `i-web0001` does not serve yet. */
  const inTheMiddle = (count: number, overrides: Parameters<typeof aMove>[2] = {}) => {
    const lane = aMove(count, [8081], { readiness: 'probe', ...overrides });
    lane.onProbe = refuses;
    lane.compare().advance(10_000);
    return lane;
  };

  it('a server that is ordered out leaves on both ports', () => {
    const lane = inTheMiddle(3).order('i-web0001', 'change-request');
    lane.look();
    lane.advance(120_000);

    expect(portsOfServer(lane, 'i-web0001')).toEqual([]);
    expect(portsOfServer(lane, 'i-web0002')).toEqual([':8080=100', ':8081=1']);
  });

  it('no more servers may leave than before, though each is there twice', () => {
    const lane = aMove(4, [8081], { guards: { minInService: 3, maxDisruptionPercent: 100 } });
    // Nobody leaves the old port by itself, and the new one serves.
    saysOf(lane, 'normal', ...ids(4).flatMap((id) => [`${id}:8080`, `${id}:8081`]));
    lane.bindings = lane.bindings.map((binding) => ({
      ...binding,
      drift: { ...binding.drift, policy: 'report' as const },
    }));
    for (const id of ids(4)) lane.becomes(id, 'Running');
    lane.look();
    lane.advance(10_000);
    expect(lane.list.size).toBe(8);

    for (const id of ids(3)) lane.order(id, 'change-request');
    lane.look();
    lane.advance(HOUR_MS);
    expect(serving(lane).size).toBe(3);
  });

  it('so many may be out at once as before', () => {
    const lane = inTheMiddle(10, { guards: { maxDisruptionPercent: 20 } });
    for (const id of ids(5)) lane.order(id, 'change-request');
    lane.look();
    lane.advance(5_000);

    expect(serving(lane).size).toBe(8);
  });

  it('a server that stops leaves on both, and comes back on the new one alone', () => {
    const lane = inTheMiddle(3).becomes('i-web0001', 'Stopped');
    lane.look();
    lane.advance(120_000);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([]);

    lane.onProbe = answers;
    lane.becomes('i-web0001', 'Running').look();
    lane.advance(120_000);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8081=100']);
  });

  it('the way back leaves nobody without service either', () => {
    const lane = aMove(25, [8081], { guards: { minInService: 25 }, drain: { timeMs: 60_000 } });
    const counts: Array<number> = [];
    lane.afterCall = () => counts.push(serving(lane).size);
    lane.compare().advance(20_000);
    moveTo(lane, 8080).compare().advance(HOUR_MS);

    expect(Math.min(...counts)).toBe(25);
    expect([...lane.list.values()].map(({ port }) => port)).toEqual(Array(25).fill(8080));
  });

  it('a worker that dies after any of its calls is followed by one that ends the move', () => {
    for (let death = 1; death <= 6; death++) {
      const lane = aMove(25, [8081], { guards: { minInService: 25 } });
      const counts: Array<number> = [];
      lane.afterCall = () => {
        counts.push(serving(lane).size);
        if (counts.length === death) throw new Error('the worker dies');
      };
      expect(() => lane.compare().advance(HOUR_MS)).toThrow('the worker dies');
      lane.look();
      lane.advance(HOUR_MS);

      expect(Math.min(...counts)).toBe(25);
      expect([...lane.list.values()].map(({ port }) => port)).toEqual(Array(25).fill(8081));
    }
  });
});

describe('what was asked of a server before its move', () => {
  it('counts on the new port: another weight, until its end', () => {
    const lane = aMove(2, [8080]);
    lane.override('i-web0001', HOUR_MS, { weight: { is: 30 } }).look();
    lane.advance(10_000);
    moveTo(lane, 8081).compare().advance(60_000);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8081=30']);

    lane.advance(HOUR_MS);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8081=100']);
  });

  it('counts on the new port: out of the group, until that is taken back', () => {
    const lane = aMove(2, [8080]);
    lane.order('i-web0001', 'change-request').look();
    lane.advance(60_000);
    moveTo(lane, 8081).compare().advance(60_000);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([]);
    expect(portsOfServer(lane, 'i-web0002')).toEqual([':8081=100']);

    lane.takeBack('i-web0001', 'change-request').look();
    lane.advance(60_000);
    expect(portsOfServer(lane, 'i-web0001')).toEqual([':8081=100']);
    expect(recorded(lane, 'i-web0001:8080')).toBeUndefined();
  });

  it('counts on the new port: in the group although no selector matches it', () => {
    const lane = aMove(2, [8080]).withInstances(anInstance('i-guest', { tags: {} }));
    lane.override('i-guest', HOUR_MS, { joins: true }).look();
    lane.advance(10_000);
    moveTo(lane, 8081).compare().advance(60_000);

    expect(portsOfServer(lane, 'i-guest')).toEqual([':8081=100']);
  });

  it('ends on the old port as well, with the weight that it had there', () => {
    const lane = aMove(2, [8080], { readiness: 'probe' });
    lane.override('i-web0001', 60_000, { weight: { is: 30 } }).look();
    lane.advance(10_000);
    lane.onProbe = refuses;
    moveTo(lane, 8081).compare().advance(120_000);

    expect(listed(lane, 'i-web0001:8080')?.weight).toBe(100);
  });
});
