import { describe, expect, it } from 'vitest';
import { listenersOf, roundRobinOf, weightZeroOf } from '../../../shared/server-groups/listeners.ts';
import { aListener, aLoadBalancer, GROUP } from '../../support/builders.ts';

describe('the listeners of a group', () => {
  it('are none that send their requests elsewhere', () => {
    const elsewhere = [
      aListener({ vServerGroupId: 'rsp-other' }),
      aListener({ vServerGroupId: null, protocol: 'tcp' }),
    ];

    expect(listenersOf(aLoadBalancer({ listeners: elsewhere }), GROUP)).toEqual([]);
  });

  it('are those behind which it stands directly', () => {
    const listeners = [aListener(), aListener({ port: 81, vServerGroupId: 'rsp-other' })];

    expect(listenersOf(aLoadBalancer({ listeners }), GROUP)).toEqual([listeners[0]]);
  });

  it('are all HTTP and HTTPS listeners too when a forwarding rule uses it: which one is not said', () => {
    const listeners = [
      aListener({ port: 80, vServerGroupId: null }),
      aListener({ port: 443, protocol: 'https', vServerGroupId: 'rsp-other' }),
      aListener({ port: 22, protocol: 'tcp', vServerGroupId: 'rsp-other' }),
    ];

    expect(listenersOf(aLoadBalancer({ listeners, groupsOfRules: new Set([GROUP]) }), GROUP)).toEqual(
      listeners.slice(0, 2),
    );
  });
});

describe('what weight 0 is worth', () => {
  it('is nothing certain as soon as one of several listeners does not obey it, and each is named', () => {
    const worth = weightZeroOf([
      aListener(),
      aListener({ port: 81, scheduler: 'rr' }),
      aListener({ port: 443, protocol: 'https', hasPersistence: true }),
    ]);

    expect(worth).toEqual({
      isGuaranteed: false,
      isUdp: false,
      promise:
        'weight 0 is not guaranteed to stop new connections: rr on http:81, session persistence on https:443',
    });
  });

  it.each(['wrr', 'wlc'] as const)('is certain under %s', (scheduler) => {
    expect(weightZeroOf([aListener({ scheduler })]).isGuaranteed).toBe(true);
  });

  it('is certain where nobody listens', () => {
    expect(weightZeroOf([])).toEqual({
      isGuaranteed: true,
      isUdp: false,
      promise: 'no listener uses the group',
    });
  });

  it('comes late behind UDP', () => {
    expect(weightZeroOf([aListener(), aListener({ protocol: 'udp' })])).toMatchObject({
      isGuaranteed: true,
      isUdp: true,
    });
  });
});

describe('a listener under which weights do not count', () => {
  it('is the first with rr', () => {
    expect(roundRobinOf([aListener(), aListener({ port: 81, scheduler: 'rr' })])).toBe('http:81');
  });

  it.each(['wrr', 'wlc', 'sch', 'tch', 'qch'] as const)('is none with %s', (scheduler) => {
    expect(roundRobinOf([aListener({ scheduler })])).toBeNull();
  });
});
