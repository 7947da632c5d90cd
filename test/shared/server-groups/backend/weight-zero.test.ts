import { describe, expect, it } from 'vitest';
import { aListener, aLoadBalancer, anInstance, GROUP, NOW_MS } from '../../../support/builders.ts';
import type { PlayedLane } from '../played-lane.ts';
import { aDrain } from '../played-lanes.ts';

const behind = (...listeners: ReadonlyArray<Parameters<typeof aListener>[0]>) =>
  aLoadBalancer({ listeners: listeners.map(aListener) });

describe('weight 0', () => {
  const promiseOf = (lane: PlayedLane) => {
    lane.becomes('i-1', 'Stopped').look();
    return lane.decisions.find(({ action }) => action === 'drain-decided')?.reason;
  };

  it('behind UDP is given about five minutes, whatever less the binding says', () => {
    const lane = aDrain();
    lane.loadBalancer = behind({ protocol: 'udp' });
    expect(promiseOf(lane)).toBe(
      'the instance is Stopped; weight 0 stops new connections, behind UDP after about five minutes',
    );
    lane.advance(600_000);

    expect(lane.sent).toEqual(['0s set-weight i-1=0', '300s remove i-1=0']);
  });

  it('behind UDP is given more where the binding says more', () => {
    const lane = aDrain({ drain: { timeMs: 400_000 } });
    lane.loadBalancer = behind({}, { protocol: 'udp' });
    lane.becomes('i-1', 'Stopped').look();
    lane.advance(600_000);

    expect(lane.sent[1]).toBe('400s remove i-1=0');
  });

  it('behind UDP is still cut short by a deadline', () => {
    const lane = aDrain();
    lane.loadBalancer = behind({ protocol: 'udp' });
    lane.order('i-1', 'spot-reclaim', { deadlineAtMs: NOW_MS + 115_000 }).look();
    lane.advance(600_000);

    expect(lane.sent[1]).toBe('100s remove i-1=0');
  });

  it.each([
    ['rr', { scheduler: 'rr' }, 'rr on http:80'],
    ['a hash of sources', { scheduler: 'sch' }, 'sch on http:80'],
    ['a hash of tuples', { scheduler: 'tch', protocol: 'tcp' }, 'tch on tcp:80'],
    ['a hash of connection ids', { scheduler: 'qch', protocol: 'udp' }, 'qch on udp:80'],
    ['persistence', { hasPersistence: true }, 'session persistence on http:80'],
  ] as const)(
    'under %s is said to promise nothing, and waited for all the same',
    (_what, listener, doubt) => {
      const lane = aDrain();
      lane.loadBalancer = behind(listener);
      expect(promiseOf(lane)).toBe(
        `the instance is Stopped; weight 0 is not guaranteed to stop new connections: ${doubt}`,
      );
      lane.advance(600_000);

      expect(lane.sent.map((call) => call.split(' ')[1])).toEqual(['set-weight', 'remove']);
      expect(lane.backend('i-1')).toBeUndefined();
    },
  );

  it('under weighted schedulers without persistence is said to stop new connections', () => {
    const lane = aDrain();
    lane.loadBalancer = behind({ scheduler: 'wlc' });

    expect(promiseOf(lane)).toBe('the instance is Stopped; weight 0 stops new connections');
  });

  it('is as doubtful behind a forwarding rule', () => {
    const lane = aDrain();
    lane.loadBalancer = aLoadBalancer({
      listeners: [aListener({ vServerGroupId: null, scheduler: 'rr' })],
      groupsOfRules: new Set([GROUP]),
    });

    expect(promiseOf(lane)).toMatch(/not guaranteed/);
  });
});

describe('a drain that the setting refuses where weight 0 promises nothing', () => {
  const refusing = { drain: { whenNotGuaranteed: 'refuse' } } as const;
  const underRr = behind({ scheduler: 'rr' });

  it.each(['scale-in', 'change-request', 'health-alarm'] as const)(
    'does not happen when it is somebody’s choice (%s), and is said once and counted',
    (cause) => {
      const lane = aDrain(refusing).withHealth('abnormal', 'i-1');
      lane.loadBalancer = underRr;
      lane.order('i-1', cause).look();
      lane.advance(600_000);

      expect(lane.sent).toEqual([]);
      expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', held: { by: 'setting' } });
      expect(lane.decisions.filter(({ action }) => action === 'held')).toHaveLength(1);
      expect(lane.counts).toContainEqual({ metric: 'backends-held', vServerGroupId: GROUP, value: 1 });
    },
  );

  it('does not happen for an instance that is not selected any more', () => {
    const lane = aDrain(refusing).withInstances(anInstance('i-1', { tags: {} }));
    lane.loadBalancer = underRr;
    lane.look();
    lane.advance(600_000);

    expect(lane.sent).toEqual([]);
  });

  it.each(['spot-reclaim', 'maintenance'] as const)(
    'happens all the same for %s: it goes anyway',
    (cause) => {
      const lane = aDrain(refusing);
      lane.loadBalancer = underRr;
      lane.order('i-1', cause).look();
      lane.advance(600_000);

      expect(lane.sent).toEqual(['0s set-weight i-1=0', '30s remove i-1=0']);
    },
  );

  it('happens all the same for an instance that stops', () => {
    const lane = aDrain(refusing);
    lane.loadBalancer = underRr;
    lane.becomes('i-1', 'Stopping').look();

    expect(lane.sent).toEqual(['0s set-weight i-1=0']);
  });

  it('happens once the listener is a weighted one', () => {
    const lane = aDrain(refusing);
    lane.loadBalancer = underRr;
    lane.order('i-1', 'scale-in').look();
    lane.advance(100_000);
    lane.loadBalancer = behind({});
    lane.advance(100_000);

    expect(lane.sent.map((call) => call.split(' ').slice(1).join(' '))).toEqual([
      'set-weight i-1=0',
      'remove i-1=0',
    ]);
  });

  it('is forgotten when what asked for it is over', () => {
    const lane = aDrain(refusing);
    lane.loadBalancer = underRr;
    lane.order('i-1', 'scale-in').look();
    lane.advance(1_000).takeBack('i-1', 'scale-in').look();

    expect(lane.row('i-1')).toMatchObject({ phase: 'in-service', held: null, orders: [] });
  });
});
