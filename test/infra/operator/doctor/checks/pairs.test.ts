import { describe, expect, it } from 'vitest';
import { loadBalancerFindings } from '../../../../../infra/operator/doctor/checks/load-balancers.ts';
import { pairFindings } from '../../../../../infra/operator/doctor/checks/pairs.ts';
import { notesOn } from '../../../../../infra/operator/doctor/diagnose.ts';
import type { Facts, Finding, PairFacts } from '../../../../../infra/operator/doctor/model.ts';
import type { PairListener } from '../../../../../shared/pairs/model.ts';
import { aListener, aLoadBalancer, anInstance, LB } from '../../../../support/builders.ts';
import { A_GROUP, aPair } from '../../pairs/builders.ts';
import { aConfig, known, someFacts, unknown } from '../facts.ts';

const listener = (port: number, overrides: Partial<PairListener> = {}): PairListener => ({
  protocol: 'tcp',
  port,
  groupId: 'rsp-old',
  vServerGroupId: null,
  isRunning: true,
  isHealthChecked: true,
  settings: {},
  ...overrides,
});

/** Two listeners on one group, both members Running, and one standby. */
const pairFacts = (overrides: Partial<PairFacts> = {}): PairFacts => ({
  listeners: known([listener(3306), listener(3307)]),
  groups: new Map([['rsp-old', known(A_GROUP)]]),
  standbyIds: known(['i-c']),
  instances: known(new Map(['i-a', 'i-b', 'i-c'].map((id) => [id, anInstance(id)]))),
  ...overrides,
});

const withPool = { standby: { tags: { role: 'standby' } } };

function facts(
  overrides: Partial<PairFacts> = {},
  pair: object = withPool,
  rest: Partial<Facts> = {},
): Facts {
  return someFacts({
    config: aConfig({ bindings: [], pairs: [aPair(pair)] }),
    pairs: new Map([['orders-db', pairFacts(overrides)]]),
    ...rest,
  });
}

const troubles = (...args: Parameters<typeof facts>): ReadonlyArray<Finding> =>
  pairFindings(facts(...args)).filter(({ severity }) => severity !== 'ok');

describe('a pair in which nothing is wrong', () => {
  it('is told as such', () => {
    expect(pairFindings(facts()).map(({ severity, found }) => `${severity}: ${found}`)).toEqual([
      'ok: health checks on tcp:3306, tcp:3307, ECS and our own probe testify',
      'ok: i-a is the primary and i-b the secondary, both Running',
      'ok: 1 Running in its standby pool',
    ]);
  });

  it('comes with what was not looked at', () => {
    expect(notesOn(facts())[0]).toMatch(
      /whether CLB checks the health of a secondary \(by default it does not/,
    );
    expect(notesOn(someFacts()).join()).not.toContain('secondary');
  });
});

describe('listeners of a pair', () => {
  it('that are not there are an error', () => {
    expect(troubles({ listeners: known([listener(3306), null]) })).toMatchObject([
      {
        severity: 'error',
        check: 'pair-listener',
        where: { pair: 'orders-db', listener: 'tcp:3307' },
        found: `${LB} has no listener tcp:3307`,
      },
    ]);
  });

  it('that are of another protocol are an error that says which', () => {
    const loadBalancers = new Map([
      [LB, known(aLoadBalancer({ listeners: [aListener({ port: 3307, protocol: 'http' })] }))],
    ]);

    expect(troubles({ listeners: known([listener(3306), null]) }, withPool, { loadBalancers })).toMatchObject(
      [
        {
          severity: 'error',
          found: `port 3307 of ${LB} is an HTTP listener: primary/secondary groups are for TCP and UDP only`,
        },
      ],
    );
  });

  it('that use a vServer group are an error that explains why this is no pair', () => {
    const loadBalancers = new Map([
      [
        LB,
        known(
          aLoadBalancer({ listeners: [aListener({ port: 3307, protocol: 'tcp', vServerGroupId: 'rsp-v' })] }),
        ),
      ],
    ]);

    const [finding] = troubles(
      { listeners: known([listener(3306), listener(3307, { groupId: null })]) },
      withPool,
      { loadBalancers },
    );

    expect(finding).toMatchObject({
      severity: 'error',
      check: 'pair-group',
      where: { listener: 'tcp:3307', vServerGroup: 'rsp-v' },
      found:
        'it uses the vServer group rsp-v, where weights are no roles: at weights 100 and 0 nobody takes over for the one who serves',
    });
  });

  it('that use nothing are an error', () => {
    expect(troubles({ listeners: known([listener(3306), listener(3307, { groupId: null })]) })).toMatchObject(
      [{ severity: 'error', found: 'it uses no primary/secondary group: there is nobody to promote' }],
    );
  });

  it('that use nothing are only a warning where the pair declares its group', () => {
    const group = {
      primary: { server: 'i-a', port: 3306 },
      secondary: { server: 'i-b', port: 3306 },
    };
    const found =
      'it uses no primary/secondary group: there is nobody to promote; the pair declares its group';
    const pair = { ...withPool, group };
    const alone = (port: number) => listener(port, { groupId: null });
    expect(troubles({ listeners: known([alone(3306), alone(3307)]) }, pair)).toMatchObject([
      { severity: 'warning', found },
      { severity: 'warning', found },
    ]);
    expect(troubles({ listeners: known([listener(3306), alone(3307)]) }, pair)).toMatchObject([
      { severity: 'error' },
    ]);
  });

  it('that use different groups are an error', () => {
    const [finding] = troubles({
      listeners: known([listener(3306), listener(3307, { groupId: 'rsp-other' })]),
    });

    expect(finding).toMatchObject({
      severity: 'error',
      check: 'pair-group',
      found:
        'its listeners use different groups, so nobody is sure to be the primary: tcp:3306 uses rsp-old, tcp:3307 uses rsp-other',
    });
  });

  it('that are stopped are a warning', () => {
    expect(
      troubles({ listeners: known([listener(3306), listener(3307, { isRunning: false })]) }),
    ).toMatchObject([{ severity: 'warning', check: 'pair-listener', where: { listener: 'tcp:3307' } }]);
  });

  it.each([
    [[true, false], {}, 'the health check of tcp:3307 is off: the others testify for it'],
    [
      [false, false],
      {},
      'the health check of tcp:3306, tcp:3307 is off: no health check testifies, only ECS and our own probe',
    ],
    [
      [false, false],
      { candidate: 'running-for' },
      'the health check of tcp:3306, tcp:3307 is off: no health check testifies, only ECS alone: two observers never agree, and CLB does not fail over either',
    ],
  ])('whose health checks are %j are a warning', ([first, second], pair, found) => {
    const listeners = known([
      listener(3306, { isHealthChecked: first === true }),
      listener(3307, { isHealthChecked: second === true }),
    ]);

    expect(troubles({ listeners }, { ...withPool, ...pair })).toMatchObject([
      { severity: 'warning', check: 'pair-observers', found },
    ]);
  });

  it('that cannot be asked about are told of, and nothing is concluded from that', () => {
    expect(troubles({ listeners: unknown('no answer'), groups: new Map() })).toMatchObject([
      { check: 'not-checked', where: { pair: 'orders-db' } },
    ]);
  });
});

describe('members of a pair', () => {
  it.each([
    ['i-a', 'the primary i-a is Stopped'],
    ['i-b', 'the secondary i-b is Stopped: it takes over from nobody'],
  ])('%s that does not run is an error', (id, found) => {
    const instances = known(
      new Map(
        ['i-a', 'i-b', 'i-c'].map((each) => [
          each,
          anInstance(each, each === id ? { status: 'Stopped' } : {}),
        ]),
      ),
    );

    expect(troubles({ instances })).toMatchObject([{ severity: 'error', check: 'pair-members', found }]);
  });

  it('that are not there are an error', () => {
    expect(
      troubles({ instances: known(new Map([['i-c', anInstance('i-c')]])) }).map(({ found }) => found),
    ).toEqual(['the primary i-a is not there', 'the secondary i-b is not there: it takes over from nobody']);
  });

  it('of a group that is not there are an error', () => {
    expect(troubles({ groups: new Map([['rsp-old', known(null)]]) })).toMatchObject([
      { severity: 'error', check: 'pair-group', where: { pairGroup: 'rsp-old' } },
    ]);
  });
});

describe('the standby pool', () => {
  it('that is not configured is a warning', () => {
    expect(troubles({ standbyIds: null }, {})).toMatchObject([{ severity: 'warning', check: 'pair-pool' }]);
  });

  it('that holds nobody but the members is a warning', () => {
    expect(troubles({ standbyIds: known(['i-a', 'i-b']) })).toMatchObject([
      { severity: 'warning', found: 'its standby pool is empty: a member that is lost is not replaced' },
    ]);
  });

  it('in which nobody runs is a warning', () => {
    const instances = known(
      new Map([
        ['i-a', anInstance('i-a')],
        ['i-b', anInstance('i-b')],
        ['i-c', anInstance('i-c', { status: 'Stopped' })],
      ]),
    );

    expect(troubles({ instances })).toMatchObject([
      {
        severity: 'warning',
        found: 'none of the 1 in its standby pool is Running: a member that is lost is not replaced',
      },
    ]);
  });
});

describe('probing candidates', () => {
  it.each([
    ['outside of a VPC is a warning', false, {}, ['pair-probe']],
    ['inside is none', true, {}, []],
    ['where nothing is known is none', null, {}, []],
    ['is not needed with running-for', false, { candidate: 'running-for' }, []],
  ])('%s', (_name, areFunctionsInVpc, pair, checks) => {
    expect(troubles({}, { ...withPool, ...pair }, { areFunctionsInVpc }).map(({ check }) => check)).toEqual(
      checks,
    );
  });
});

describe('the load balancer of a pair', () => {
  it('that is not there is told of once', () => {
    const told = facts({}, withPool, { loadBalancers: new Map([[LB, known(null)]]) });

    expect(pairFindings(told)).toEqual([]);
    expect(loadBalancerFindings(told)[0]?.found).toBe(
      'there is no such load balancer in cn-hangzhou; the pair orders-db cannot work',
    );
  });
});
