import { describe, expect, it } from 'vitest';
import {
  groupFindings,
  loadBalancerFindings,
} from '../../../../../infra/operator/doctor/checks/load-balancers.ts';
import { aBinding, aLoadBalancer, GROUP, LB } from '../../../../support/builders.ts';
import { aConfig, known, someFacts, unknown } from '../facts.ts';

const aboutLoadBalancer = (answer: Parameters<typeof known>[0]) =>
  loadBalancerFindings(someFacts({ loadBalancers: new Map([[LB, known(answer as never)]]) }));

describe('the load balancer of a binding', () => {
  it('that does not exist is an error that names the bindings', () => {
    const config = aConfig({
      bindings: [aBinding(), aBinding({ name: 'api', ports: [{ port: 90, weight: 1 }] })],
    });

    const findings = loadBalancerFindings(someFacts({ config, loadBalancers: new Map([[LB, known(null)]]) }));

    expect(findings).toMatchObject([
      {
        severity: 'error',
        check: 'load-balancer',
        where: { loadBalancer: LB },
        found: 'there is no such load balancer in cn-hangzhou; the bindings web, api cannot work',
      },
    ]);
  });

  it('that is locked is an error, one that is inactive a warning', () => {
    expect(aboutLoadBalancer(aLoadBalancer({ status: 'locked' }))[0]).toMatchObject({
      severity: 'error',
      found: 'it is locked, and takes no changes: nothing joins and nothing is drained',
    });
    expect(aboutLoadBalancer(aLoadBalancer({ status: 'inactive' }))[0]).toMatchObject({
      severity: 'warning',
    });
  });

  it.each([
    [179, 'ok', '179 of 200 backends (limits.backendsPerLoadBalancer) are taken'],
    [180, 'warning', '180 of 200 backends (limits.backendsPerLoadBalancer) are taken: room for 20 more'],
    [199, 'warning', '199 of 200 backends (limits.backendsPerLoadBalancer) are taken: room for 1 more'],
    [200, 'error', '200 of 200 backends (limits.backendsPerLoadBalancer) are taken: no more can join'],
  ])('with %d backends is told with severity %s', (backendCount, severity, found) => {
    const quota = aboutLoadBalancer(aLoadBalancer({ backendCount })).find(
      ({ check }) => check === 'backend-quota',
    );

    expect(quota).toMatchObject({ severity, found });
  });

  it.each([
    ['shared', 'shared', 'error', /^it is of shared performance, .*: nothing of the binding pods can join$/],
    ['unsaid', 'shared', 'error', /^it names no LoadBalancerSpec, which is taken for shared performance/],
    ['unsaid', 'guaranteed', 'ok', /^takes network interfaces/],
    ['guaranteed', 'shared', 'ok', /^takes network interfaces/],
  ] as const)('behind which network interfaces are to be: its spec is %s, assumed %s', (...said) => {
    const [spec, loadBalancerWithoutSpec, severity, found] = said;
    const config = aConfig({
      bindings: [aBinding(), aBinding({ name: 'pods', type: 'eni', ports: [{ port: 90, weight: 1 }] })],
      assume: { ...aConfig().assume, loadBalancerWithoutSpec },
    });
    const loadBalancers = new Map([[LB, known(aLoadBalancer({ spec }))]]);

    expect(loadBalancerFindings(someFacts({ config, loadBalancers }))).toContainEqual(
      expect.objectContaining({ severity, check: 'backend-types', found: expect.stringMatching(found) }),
    );
  });

  it('is asked nothing about types where all backends are ECS instances', () => {
    expect(aboutLoadBalancer(aLoadBalancer({ spec: 'shared' })).map(({ check }) => check)).not.toContain(
      'backend-types',
    );
  });

  it('that could not be asked about is not said to be well', () => {
    const loadBalancers = new Map([[LB, unknown('no answer')]]);

    expect(loadBalancerFindings(someFacts({ loadBalancers }))).toMatchObject([
      { severity: 'warning', check: 'not-checked', found: 'could not be checked: no answer' },
    ]);
  });

  it('is well when it is active and has room', () => {
    expect(loadBalancerFindings(someFacts()).map(({ severity }) => severity)).toEqual(['ok', 'ok']);
  });
});

describe('the vServer group of a binding', () => {
  it('that does not exist is an error', () => {
    expect(groupFindings(someFacts({ groupOwners: new Map([[GROUP, known(null)]]) }))).toMatchObject([
      {
        severity: 'error',
        where: { vServerGroup: GROUP },
        fix: `correct vServerGroup in the file, or create it under ${LB}`,
      },
    ]);
  });

  it('of another load balancer is an error that names the right one', () => {
    expect(
      groupFindings(someFacts({ groupOwners: new Map([[GROUP, known('lb-bp1another')]]) })),
    ).toMatchObject([
      {
        severity: 'error',
        found: `it belongs to lb-bp1another, while the binding web says ${LB}`,
        fix: 'set loadBalancer: lb-bp1another',
      },
    ]);
  });

  it('that could not be asked about is not said to be well', () => {
    const groupOwners = new Map([[GROUP, unknown('denied')]]);

    expect(groupFindings(someFacts({ groupOwners }))).toMatchObject([{ check: 'not-checked' }]);
  });

  it('is well where the file says', () => {
    expect(groupFindings(someFacts())).toMatchObject([{ severity: 'ok', found: `belongs to ${LB}` }]);
  });
});
