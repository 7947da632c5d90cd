import { describe, expect, it } from 'vitest';
import { listenerFindings } from '../../../../../infra/operator/doctor/checks/listeners.ts';
import type { Listener } from '../../../../../shared/load-balancers/model.ts';
import { aBinding, aListener, aLoadBalancer, LB } from '../../../../support/builders.ts';
import { aConfig, known, someFacts } from '../facts.ts';

const findingsOf = (listeners: ReadonlyArray<Listener>, binding: Parameters<typeof aBinding>[0] = {}) =>
  listenerFindings(
    someFacts({
      config: aConfig({ bindings: [aBinding(binding)] }),
      loadBalancers: new Map([[LB, known(aLoadBalancer({ listeners }))]]),
    }),
  );

describe('readiness by health checks', () => {
  it('behind round-robin is a warning: no join could ever be proven', () => {
    const findings = findingsOf([aListener({ scheduler: 'rr' })], { readiness: 'load-balancer' });

    expect(findings).toMatchObject([
      {
        severity: 'warning',
        check: 'readiness',
        found:
          'readiness: load-balancer cannot be proven before a backend serves under rr on http:80: every join is held',
        fix: 'give http:80 the scheduler wrr, or set readiness: probe',
      },
      { severity: 'warning', check: 'weight-zero' },
    ]);
  });

  it('without a health check is a warning', () => {
    expect(findingsOf([aListener({ isHealthChecked: false })], { readiness: 'both' })[0]).toMatchObject({
      check: 'readiness',
      found: 'readiness: both, but no listener of the group has a health check: every join is held',
    });
  });

  it('is no concern of bindings that ask for something else', () => {
    const listeners = [aListener({ scheduler: 'rr', isHealthChecked: false })];

    for (const readiness of ['running', 'probe'] as const) {
      expect(findingsOf(listeners, { readiness }).map(({ check }) => check)).toEqual(['weight-zero']);
    }
  });
});

describe('weight 0', () => {
  it.each([
    [aListener({ scheduler: 'sch' }), 'sch on http:80'],
    [aListener({ hasPersistence: true }), 'session persistence on http:80'],
  ])('that is not guaranteed is a warning in the words of the audit', (listener, doubt) => {
    expect(findingsOf([listener])).toMatchObject([
      {
        severity: 'warning',
        check: 'weight-zero',
        found: `weight 0 is not guaranteed to stop new connections: ${doubt}; drains wait their time all the same`,
      },
    ]);
  });

  it('that is not guaranteed holds drains where the binding refuses them', () => {
    const [finding] = findingsOf([aListener({ scheduler: 'rr' })], {
      drain: { whenNotGuaranteed: 'refuse' },
    });

    expect(finding?.found).toContain('drains by choice are held (drain.whenNotGuaranteed: refuse)');
  });

  it('behind UDP tells how long drains last, and warns where that is too short for it', () => {
    const udp = aListener({ protocol: 'udp' });

    expect(findingsOf([udp])).toMatchObject([
      { severity: 'ok', found: expect.stringContaining('a drain lasts 5m') },
    ]);
    expect(findingsOf([udp], { drain: { udpTimeMs: 60_000 } })).toMatchObject([
      {
        severity: 'warning',
        found: expect.stringContaining('but a drain lasts 1m'),
        fix: 'set drain.udpTime: 5m',
      },
    ]);
  });
});

describe('a group', () => {
  it('that no listener uses is a warning', () => {
    expect(findingsOf([])).toMatchObject([{ severity: 'warning', check: 'listeners' }]);
  });

  it('is not judged twice when its load balancer is missing or unknown', () => {
    expect(listenerFindings(someFacts({ loadBalancers: new Map([[LB, known(null)]]) }))).toEqual([]);
  });
});
