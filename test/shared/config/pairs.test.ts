import { describe, expect, it } from 'vitest';
import { ConfigError, formatFaults } from '../../../shared/config/faults.ts';
import { parseConfig } from '../../../shared/config/load.ts';
import type { Pair } from '../../../shared/config/pair.ts';

const ENTRY = { name: 'orders-db', loadBalancer: 'lb-bp1orders', listeners: ['tcp:3306'] };

function fileWith(...pairs: ReadonlyArray<object>): string {
  return JSON.stringify({ version: 1, region: 'cn-hangzhou', pairs });
}

function pairOf(entry: object): Pair | undefined {
  return parseConfig(fileWith({ ...ENTRY, ...entry }), 'autopilot.yaml').pairs[0];
}

/** The sentences of all faults, without what comes before their path. */
function faultsOf(text: string): ReadonlyArray<string> {
  try {
    parseConfig(text, 'autopilot.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return formatFaults(error)
      .split('\n')
      .map((line) => line.replace(/^autopilot\.yaml:\d+:\d+:? */, ''));
  }
}

describe('a pair', () => {
  it('has the defaults where it is silent, in a file without bindings', () => {
    expect(pairOf({})).toEqual({
      name: 'orders-db',
      loadBalancerId: 'lb-bp1orders',
      listeners: [{ protocol: 'tcp', port: 3306 }],
      group: null,
      standby: null,
      promoteOn: new Set(['stop', 'maintenance', 'spot-reclaim', 'unhealthy']),
      probe: { probe: { kind: 'tcp', timeoutMs: 2_000 }, everyMs: 5_000 },
      candidate: 'probe',
      runningForMs: 120_000,
      badForMs: 10_000,
      coolDownMs: 600_000,
      failBackAfterMs: null,
      degraded: 'swap',
    });
  });

  it('has what it says', () => {
    expect(
      pairOf({
        listeners: ['tcp:3306', 'udp:3306'],
        standby: { scalingGroup: 'asg-bp1spare', port: 3307 },
        promoteOn: ['stop'],
        candidate: 'running-for',
        runningFor: '10m',
        badFor: '30s',
        coolDown: '1h',
        failBack: { after: '24h' },
        degraded: 'wait',
      }),
    ).toMatchObject({
      listeners: [
        { protocol: 'tcp', port: 3306 },
        { protocol: 'udp', port: 3306 },
      ],
      standby: { selector: { kind: 'scaling-group', scalingGroupId: 'asg-bp1spare' }, port: 3307 },
      promoteOn: new Set(['stop']),
      candidate: 'running-for',
      runningForMs: 600_000,
      badForMs: 30_000,
      coolDownMs: 3_600_000,
      failBackAfterMs: 86_400_000,
      degraded: 'wait',
    });
  });
});

const GROUP = {
  primary: { server: 'i-bp1a', port: 3306 },
  secondary: { server: 'i-bp1b', port: 3306, weight: 0, type: 'ecs' },
};

describe('a pair that declares its group', () => {
  it('has the defaults where it is silent', () => {
    expect(pairOf({ group: GROUP })?.group).toEqual({
      primary: { serverId: 'i-bp1a', port: 3306, weight: 100 },
      secondary: { serverId: 'i-bp1b', port: 3306, weight: 0 },
      tags: [],
      isManaged: false,
      adopt: false,
    });
  });

  it('has what it says, also two ports of one server', () => {
    const secondary = { server: 'i-bp1a', port: 3307 };
    expect(
      pairOf({ group: { ...GROUP, secondary, tags: { team: 'db' }, adopt: true }, manage: 'group' })?.group,
    ).toMatchObject({
      secondary: { serverId: 'i-bp1a', port: 3307, weight: 100 },
      tags: [{ key: 'team', value: 'db' }],
      isManaged: true,
      adopt: true,
    });
  });

  it.each([
    [
      'nobody',
      {},
      [
        'primary: found nothing, allowed is a map with server, port, weight, type',
        'secondary: found nothing, allowed is a map with server, port, weight, type',
      ],
    ],
    [
      'the same port of the same server twice',
      { ...GROUP, secondary: GROUP.primary },
      [
        'secondary: found "i-bp1a" on port 3306, which is the primary, allowed is another server, or another port of it',
      ],
    ],
    [
      'much that is wrong, all at once',
      {
        primary: { server: 'eni-1', port: 0, weight: 101, type: 'eni' },
        secondary: GROUP.secondary,
        tags: { 'acs:a': 'b' },
      },
      [
        'primary.server: found "eni-1", allowed is the id of an ECS instance, i-…',
        'primary.port: found 0, allowed is a whole number from 1 to 65535',
        'primary.weight: found 101, allowed is a whole number from 0 to 100',
        'primary.type: found "eni", allowed is ecs',
        'tags["acs:a"]: found the key "acs:a", allowed is a key that does not begin with aliyun or acs:',
      ],
    ],
  ])('may not name %s', (_name, group, sentences) => {
    expect(faultsOf(fileWith({ ...ENTRY, group }))).toEqual(
      sentences.map((sentence) => `pairs[0].group.${sentence}`),
    );
  });
});

const LISTENER = 'a TCP or UDP listener, such as tcp:3306';
const KEYS =
  'name, loadBalancer, listeners, group, manage, standby, promoteOn, probe, candidate, runningFor, badFor, coolDown, failBack, degraded';

describe('the faults of pairs', () => {
  it.each([
    [
      'no listener',
      { listeners: [] },
      'listeners: found an empty list, allowed is a list of 1 to 50 listeners',
    ],
    ['an HTTP listener', { listeners: ['http:80'] }, `listeners[0]: found "http:80", allowed is ${LISTENER}`],
    ['a port alone', { listeners: [3306] }, `listeners[0]: found 3306, allowed is ${LISTENER}`],
    [
      'a port beyond all ports',
      { listeners: ['tcp:65536'] },
      `listeners[0]: found "tcp:65536", allowed is ${LISTENER}`,
    ],
    [
      'a listener twice',
      { listeners: ['tcp:3306', 'tcp:3306'] },
      'listeners[1]: found "tcp:3306" of "lb-bp1orders", which pairs[0] has, allowed is each listener of a load balancer once, in one pair',
    ],
    [
      'a pool by tags and by scaling group',
      { standby: { tags: { a: 'b' }, scalingGroup: 'asg-1' } },
      'standby: found both tags and scalingGroup, allowed is exactly one of tags and scalingGroup',
    ],
    [
      'a pool of nobody',
      { standby: { port: 80 } },
      'standby: found neither tags nor scalingGroup, allowed is exactly one of tags and scalingGroup',
    ],
    [
      'a reason that there is not',
      { promoteOn: ['slow'] },
      'promoteOn[0]: found "slow", allowed is stop, maintenance, spot-reclaim or unhealthy',
    ],
    [
      'a time that nobody asks for',
      { runningFor: '5m' },
      'runningFor: found runningFor while candidates are probed, allowed is runningFor with candidate: running-for',
    ],
    [
      'a cool-down of nothing',
      { coolDown: '0s' },
      'coolDown: found "0s", allowed is a duration from 1m to 24h, such as 500ms, 30s, 5m, 2h',
    ],
    [
      'a fail-back without a time',
      { failBack: {} },
      'failBack.after: found nothing, allowed is a duration from 1m to 168h, such as 500ms, 30s, 5m, 2h',
    ],
    [
      'a group, whose id changes with every promotion',
      { vServerGroup: 'rsp-bp1' },
      `vServerGroup: found an unknown key, allowed is one of the keys ${KEYS}`,
    ],
  ])('tells %s', (_name, entry, sentence) => {
    expect(faultsOf(fileWith({ ...ENTRY, ...entry }))).toEqual([`pairs[0].${sentence}`]);
  });

  it('tells what two pairs cannot both have', () => {
    expect(faultsOf(fileWith(ENTRY, { ...ENTRY, listeners: ['tcp:3307'] }))).toEqual([
      'pairs[1].name: found "orders-db", which is the name of pairs[0] as well, allowed is a name that no other pair has',
    ]);
    expect(faultsOf(fileWith(ENTRY, { ...ENTRY, name: 'other' }))).toEqual([
      'pairs[1].listeners[0]: found "tcp:3306" of "lb-bp1orders", which pairs[0] has, allowed is each listener of a load balancer once, in one pair',
    ]);
  });

  it('leaves the same listener of two load balancers alone', () => {
    expect(faultsOf(fileWith(ENTRY, { ...ENTRY, name: 'other', loadBalancer: 'lb-bp1other' }))).toEqual([]);
  });

  it('tells a file that has nothing to keep', () => {
    expect(faultsOf(JSON.stringify({ version: 1, region: 'cn-hangzhou' }))).toEqual([
      'bindings: found nothing, allowed is bindings, pairs or both',
    ]);
  });
});
